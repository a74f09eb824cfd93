/* apply_add_from: each step a subselect around the one before. */
#include "apply.h"
#include "method.h"

static void add_place(struct sql_writer *writer, size_t place)
{
    sql_add(writer, " AS c");
    sql_add_int(writer, (int64_t)place);
}

/* What a group makes, or a compute behind the columns it keeps. */
static void add_values(struct sql_writer *writer, const struct step *step, size_t place)
{
    for (size_t i = 0; i < step->value_count; i++) {
        const struct step_value *value = &step->values[i];
        sql_add(writer, place ? ", " : "");
        if (value->method) {
            method_add(writer, value->method, value->term);
        } else {
            sql_add(writer, "(");
            sql_add_value(writer, value->term);
            sql_add(writer, ")::");
            sql_add(writer, value_sql_type(value->term->type));
        }
        add_place(writer, ++place);
    }
}

static void add_columns(struct sql_writer *writer, const struct step *step)
{
    if (step->kind == STEP_FILTER || step->kind == STEP_CUT) {
        sql_add(writer, "*");
        return;
    }
    bool groups = step->kind == STEP_GROUP;
    size_t kept = groups ? step->group_count : step->input->count;
    for (size_t i = 0; i < kept; i++) {
        sql_add(writer, i ? ", " : "");
        sql_add_column(writer, groups ? step->groups[i] : &step->input->list[i]);
        add_place(writer, i + 1);
    }
    add_values(writer, step, kept);
}

static void add_groups(struct sql_writer *writer, const struct step *step)
{
    for (size_t i = 0; i < step->group_count; i++) {
        sql_add(writer, i ? ", " : " GROUP BY ");
        sql_add_int(writer, (int64_t)i + 1);
    }
}

static void add_cut(struct sql_writer *writer, const struct step *step)
{
    sql_add_order(writer, &step->order);
    if (step->top >= 0) {
        sql_add(writer, " LIMIT ");
        sql_add_int(writer, step->top);
    }
    if (step->skip > 0) {
        sql_add(writer, " OFFSET ");
        sql_add_param(writer, sql_param(writer, db_int64(step->skip)), "int8");
    }
}

/* The rows of the dataset that the rules of access let through. */
static void add_base(struct sql_writer *writer, const struct query *query, const char *from)
{
    if (!query->rule) {
        sql_add(writer, from);
        return;
    }
    sql_add(writer, "(SELECT * FROM ");
    sql_add(writer, from);
    sql_add(writer, " WHERE ");
    sql_add_truth(writer, query->rule, SQL_HOLDS);
    sql_add(writer, ") AS s");
}

static void add_step(struct sql_writer *writer, const struct query *query, const struct step *step,
                     const char *from)
{
    if (!step) {
        add_base(writer, query, from);
        return;
    }
    writer->scope = step_scope(step->before);
    sql_add(writer, "(SELECT ");
    add_columns(writer, step);
    sql_add(writer, " FROM ");
    add_step(writer, query, step->before, from);
    writer->scope = step_scope(step->before);
    if (step->kind == STEP_FILTER) {
        sql_add(writer, " WHERE ");
        sql_add_truth(writer, step->filter, SQL_HOLDS);
    } else if (step->kind == STEP_GROUP) {
        add_groups(writer, step);
    } else if (step->kind == STEP_CUT) {
        add_cut(writer, step);
    }
    sql_add(writer, ") AS s");
}

void apply_add_from(struct sql_writer *writer, const struct query *query, const char *from)
{
    const struct columns *scope = writer->scope;
    add_step(writer, query, query->steps, from);
    writer->scope = scope;
}
