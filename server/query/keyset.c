#include "keyset.h"

#include "fault.h"
#include "server/base/text.h"

/* One item of the order with its value of the place. */
struct bound {
    const struct order *order;
    size_t param; /* 0: the value is null */
};

static const char *sql_type(const struct bound *step)
{
    return value_sql_type(step->order->term->type);
}

static void add_operation(struct sql_writer *writer, const struct bound *step,
                          const char *operation)
{
    sql_add_value(writer, step->order->term);
    sql_add(writer, operation);
    sql_add_param(writer, step->param, sql_type(step));
}

/* The row has the same value. */
static void add_same(struct sql_writer *writer, const struct bound *step)
{
    if (step->param) {
        add_operation(writer, step, " = ");
        return;
    }
    sql_add_value(writer, step->order->term);
    sql_add(writer, " IS NULL");
}

/* The row's value comes later: nulls are first going up and last going down. */
static void add_later(struct sql_writer *writer, const struct bound *step)
{
    bool descending = step->order->descending;
    if (!step->param) {
        if (descending) {
            sql_add(writer, "false");
            return;
        }
        sql_add_value(writer, step->order->term);
        sql_add(writer, " IS NOT NULL");
        return;
    }
    add_operation(writer, step, descending ? " < " : " > ");
    if (descending && step->order->term->nullable) {
        sql_add(writer, " OR ");
        sql_add_value(writer, step->order->term);
        sql_add(writer, " IS NULL");
    }
}

/* later(1) OR same(1) AND (later(2) OR same(2) AND (…)). The bound in front says nothing new, but
 * an index on the first column can use it. */
static void add_steps(struct sql_writer *writer, const struct bound *steps, size_t count)
{
    const struct bound *first = &steps[0];
    bool bounded =
        count > 1 && first->param && !(first->order->descending && first->order->term->nullable);
    if (bounded) {
        add_operation(writer, first, first->order->descending ? " <= " : " >= ");
        sql_add(writer, " AND ");
    }
    sql_add(writer, "(");
    for (size_t i = 0; i < count; i++) {
        add_later(writer, &steps[i]);
        if (i + 1 < count) {
            sql_add(writer, " OR ");
            add_same(writer, &steps[i]);
            sql_add(writer, " AND (");
        }
    }
    for (size_t i = 0; i < count; i++)
        sql_add(writer, ")");
}

/* (a, b) > ($1, $2): what an index on the columns answers best. Only where all go one way and
 * none may be null. */
static bool is_row_comparison(const struct bound *steps, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (steps[i].order->term->nullable
            || steps[i].order->descending != steps[0].order->descending)
            return false;
    return true;
}

static void add_row_comparison(struct sql_writer *writer, const struct bound *steps, size_t count)
{
    sql_add(writer, count > 1 ? "(" : "");
    for (size_t i = 0; i < count; i++) {
        sql_add(writer, i ? ", " : "");
        sql_add_value(writer, steps[i].order->term);
    }
    sql_add(writer, count > 1 ? ")" : "");
    sql_add(writer, steps[0].order->descending ? " < " : " > ");
    sql_add(writer, count > 1 ? "(" : "");
    for (size_t i = 0; i < count; i++) {
        sql_add(writer, i ? ", " : "");
        sql_add_param(writer, steps[i].param, sql_type(&steps[i]));
    }
    sql_add(writer, count > 1 ? ")" : "");
}

/* Whole numbers travel as such; all else as text, which Postgres reads as it wrote it. */
static struct problem *step_param(struct sql_writer *writer, struct bound *step, const char *text)
{
    const struct term *term = step->order->term;
    if (!text && !term->nullable)
        return fault_new(writer->arena, "skiptoken", 0,
                         "the place to go on from lacks a value that is never null");
    if (!text)
        return NULL;
    int64_t number;
    if (term->type != VALUE_INTEGER) {
        step->param = sql_param(writer, db_text(text));
        return NULL;
    }
    if (!text_to_int64(text, &number))
        return fault_new(writer->arena, "skiptoken", 0,
                         "the place to go on from has no number where one is ordered by");
    step->param = sql_param(writer, db_int64(number));
    return NULL;
}

struct problem *keyset_add(struct sql_writer *writer, const struct orders *orders,
                           const struct query_place *place)
{
    if (place->count != orders->count)
        return fault_new(writer->arena, "skiptoken", 0,
                         "the place to go on from is one of another order");
    struct bound *steps = arena_array_of(writer->arena, struct bound, orders->count);
    for (size_t i = 0; i < orders->count; i++) {
        steps[i].order = &orders->list[i];
        TRY(step_param(writer, &steps[i], place->values[i]));
    }
    if (is_row_comparison(steps, orders->count))
        add_row_comparison(writer, steps, orders->count);
    else
        add_steps(writer, steps, orders->count);
    return NULL;
}
