#include "sql_writer.h"

#include "fault.h"
#include "functions.h"

#include <assert.h>

void sql_begin(struct sql_writer *writer, struct arena *arena)
{
    *writer = (struct sql_writer){ .arena = arena, .capacity = 4 };
    writer->params = arena_array_of(arena, struct db_param, writer->capacity);
}

void sql_end(struct sql_writer *writer)
{
    buffer_clear(&writer->text);
}

/* Few operands are written twice; but in each other, again and again, they could double the SQL
 * with every level. */
static bool is_full(const struct sql_writer *writer)
{
    return writer->text.size > SQL_BYTES_MAX || writer->count > SQL_PARAMS_MAX;
}

struct problem *sql_finish(struct sql_writer *writer, struct db_query *out_sql)
{
    if (is_full(writer))
        return fault_new(writer->arena, "filter", 0,
                         "the query is too large when it is written as SQL");
    *out_sql = (struct db_query){
        .text = arena_copy(writer->arena, writer->text.data, writer->text.size),
        .params = writer->params,
        .param_count = writer->count,
    };
    return NULL;
}

void sql_add(struct sql_writer *writer, const char *text)
{
    buffer_add_text(&writer->text, text);
}

void sql_add_int(struct sql_writer *writer, int64_t number)
{
    sql_add(writer, arena_int64(writer->arena, number));
}

void sql_add_name(struct sql_writer *writer, const char *name)
{
    buffer_add_char(&writer->text, '"');
    for (const char *quote; (quote = strchr(name, '"')); name = quote + 1) {
        buffer_add(&writer->text, name, (size_t)(quote + 1 - name));
        buffer_add_char(&writer->text, '"');
    }
    sql_add(writer, name);
    buffer_add_char(&writer->text, '"');
}

void sql_add_column(struct sql_writer *writer, const struct column *column)
{
    if (!writer->scope) {
        sql_add_name(writer, column->name);
        return;
    }
    size_t i = 0;
    while (i < writer->scope->count && strcmp(writer->scope->list[i].name, column->name) != 0)
        i++;
    assert(i < writer->scope->count);
    sql_add(writer, "c");
    sql_add_int(writer, (int64_t)i + 1);
}

size_t sql_param(struct sql_writer *writer, struct db_param param)
{
    if (writer->count == writer->capacity) {
        struct db_param *more =
            arena_array_of(writer->arena, struct db_param, writer->capacity * 2);
        memcpy(more, writer->params, writer->count * sizeof *more);
        writer->params = more;
        writer->capacity *= 2;
    }
    writer->params[writer->count++] = param;
    return writer->count;
}

void sql_add_param(struct sql_writer *writer, size_t number, const char *type)
{
    sql_add(writer, "$");
    sql_add_int(writer, (int64_t)number);
    sql_add(writer, "::");
    sql_add(writer, type);
}

static void add_literal(struct sql_writer *writer, const struct term *term)
{
    if (term->type == VALUE_NULL) {
        sql_add(writer, "NULL");
        return;
    }
    size_t number = sql_param(writer, value_param(writer->arena, &term->value));
    sql_add_param(writer, number, value_sql_type(term->type));
}

/* An operand of a call or a case: every integer in it has 64 bits, so that what is computed of two
 * small columns does not overflow. */
static void add_operand(struct sql_writer *writer, const struct term *term)
{
    sql_add_value(writer, term);
    if (term->kind == TERM_COLUMN && term->column->type == COLUMN_INT32)
        sql_add(writer, "::int8");
}

static const struct term *operand_at(const struct term *call, int place)
{
    const struct term *operand = call->first;
    while (--place)
        operand = operand->next;
    return operand;
}

static void add_call(struct sql_writer *writer, const struct term *call)
{
    const char *piece = call->signature->sql;
    for (const char *at; (at = strchr(piece, '%')); piece = at) {
        buffer_add(&writer->text, piece, (size_t)(at - piece));
        if (at[1] >= '1' && at[1] <= '3') {
            add_operand(writer, operand_at(call, at[1] - '0'));
            at += 2;
        } else {
            buffer_add_char(&writer->text, *at++); /* the operator */
        }
    }
    sql_add(writer, piece);
}

static void add_case(struct sql_writer *writer, const struct term *term)
{
    sql_add(writer, "(CASE");
    for (const struct term *condition = term->first; condition; condition = condition->next->next) {
        sql_add(writer, " WHEN ");
        sql_add_truth(writer, condition, SQL_HOLDS);
        sql_add(writer, " THEN ");
        add_operand(writer, condition->next);
    }
    sql_add(writer, " END)");
}

void sql_add_value(struct sql_writer *writer, const struct term *term)
{
    if (is_full(writer))
        return;
    switch (term->kind) {
    case TERM_LITERAL:
        add_literal(writer, term);
        return;
    case TERM_COLUMN:
        sql_add_column(writer, term->column);
        return;
    case TERM_CALL:
        add_call(writer, term);
        return;
    case TERM_CASE:
        add_case(writer, term);
        return;
    default:
        sql_add(writer, "(");
        sql_add_truth(writer, term, SQL_EXACT);
        sql_add(writer, ")");
    }
}

void sql_add_order(struct sql_writer *writer, const struct orders *orders)
{
    for (size_t i = 0; i < orders->count; i++) {
        const struct order *order = &orders->list[i];
        sql_add(writer, i ? ", " : " ORDER BY ");
        sql_add_value(writer, order->term);
        sql_add(writer, order->descending ? " DESC" : "");
        /* only where it matters: an index in its usual order then still serves the rest */
        if (order->term->nullable)
            sql_add(writer, order->descending ? " NULLS LAST" : " NULLS FIRST");
    }
}
