#include "method.h"

#include <assert.h>

/* Digits a count may have, and a sum more than what is summed. */
#define COUNT_DIGITS 19

/* What fits 128 bits; wider decimals are not declared, and so may be of any width. */
#define DECIMAL_DIGITS 38

#define COUNTS_DISTINCT(type)                                                                      \
    {                                                                                              \
        "countdistinct", type, VALUE_DECIMAL, "count(DISTINCT %)::numeric"                         \
    }
#define MIN_AND_MAX(type)                                                                          \
    { "min", type, VALUE_NO_TYPE, "min(%)" },                                                      \
    {                                                                                              \
        "max", type, VALUE_NO_TYPE, "max(%)"                                                       \
    }

/* Sums and averages of integers are decimals: exact, and never too large. Numbers with floating
 * point are added in the order of their size: in another order the last digits would be others, and
 * Postgres has no order of its own. */
static const struct method methods[] = {
    { "sum", VALUE_INTEGER, VALUE_DECIMAL, "sum(%)::numeric" },
    { "sum", VALUE_DECIMAL, VALUE_DECIMAL, "sum(%)" },
    { "sum", VALUE_DOUBLE, VALUE_DOUBLE, "sum(% ORDER BY %)" },
    { "average", VALUE_INTEGER, VALUE_DECIMAL, "avg(%)" },
    { "average", VALUE_DECIMAL, VALUE_DECIMAL, "avg(%)" },
    { "average", VALUE_DOUBLE, VALUE_DOUBLE, "avg(% ORDER BY %)" },
    MIN_AND_MAX(VALUE_INTEGER),
    MIN_AND_MAX(VALUE_DECIMAL),
    MIN_AND_MAX(VALUE_DOUBLE),
    MIN_AND_MAX(VALUE_TEXT),
    MIN_AND_MAX(VALUE_DATE),
    MIN_AND_MAX(VALUE_TIME),
    MIN_AND_MAX(VALUE_TIMESTAMP),
    { "min", VALUE_BOOL, VALUE_NO_TYPE, "bool_and(%)" },
    { "max", VALUE_BOOL, VALUE_NO_TYPE, "bool_or(%)" },
    /* as text a uuid has the same order in every collation, and Postgres 15 knows no other way */
    { "min", VALUE_UUID, VALUE_NO_TYPE, "min((%)::text)::uuid" },
    { "max", VALUE_UUID, VALUE_NO_TYPE, "max((%)::text)::uuid" },
    COUNTS_DISTINCT(VALUE_BOOL),
    COUNTS_DISTINCT(VALUE_INTEGER),
    COUNTS_DISTINCT(VALUE_DECIMAL),
    COUNTS_DISTINCT(VALUE_DOUBLE),
    COUNTS_DISTINCT(VALUE_TEXT),
    COUNTS_DISTINCT(VALUE_DATE),
    COUNTS_DISTINCT(VALUE_TIME),
    COUNTS_DISTINCT(VALUE_TIMESTAMP),
    COUNTS_DISTINCT(VALUE_DURATION),
    COUNTS_DISTINCT(VALUE_UUID),
    COUNTS_DISTINCT(VALUE_BYTES),
    COUNTS_DISTINCT(VALUE_JSON),
};

const struct method method_count = { "$count", VALUE_NO_TYPE, VALUE_DECIMAL, "count(*)::numeric" };

bool method_is_known(const struct token *name)
{
    for (size_t i = 0; i < COUNT(methods); i++)
        if (token_is(name, methods[i].name))
            return true;
    return false;
}

const struct method *method_find(const struct token *name, enum value_type operand)
{
    for (size_t i = 0; i < COUNT(methods); i++)
        if (methods[i].operand == operand && token_is(name, methods[i].name))
            return &methods[i];
    return NULL;
}

/* Is it a sum or a count, of which the digits are known? */
static void set_digits(struct column *column, const struct method *method,
                       const struct term *operand)
{
    bool sums = strcmp(method->name, "sum") == 0;
    if (!operand || strcmp(method->name, "countdistinct") == 0) {
        column->precision = COUNT_DIGITS;
    } else if (sums && operand->type == VALUE_INTEGER) {
        column->precision = DECIMAL_DIGITS;
    } else if (sums && operand->column && operand->column->precision
               && operand->column->precision + COUNT_DIGITS <= DECIMAL_DIGITS) {
        column->precision = operand->column->precision + COUNT_DIGITS;
        column->scale = operand->column->scale;
    }
}

struct column method_column(const struct method *method, const struct term *operand,
                            const char *name)
{
    struct column column = { .name = name, .required = !operand, .shortest = -1, .longest = -1 };
    assert(operand || method->result != VALUE_NO_TYPE); /* what has no operand counts */
    if (method->result == VALUE_NO_TYPE && operand->column) {
        column.type = operand->column->type;
        column.precision = operand->column->precision;
        column.scale = operand->column->scale;
        return column;
    }
    column.type =
        value_column_type(method->result == VALUE_NO_TYPE ? operand->type : method->result);
    if (column.type == COLUMN_DECIMAL)
        set_digits(&column, method, operand);
    column.required |= strcmp(method->name, "countdistinct") == 0;
    return column;
}

void method_add(struct sql_writer *writer, const struct method *method, const struct term *operand)
{
    const char *piece = method->sql;
    for (const char *at; (at = strchr(piece, '%')); piece = at + 1) {
        buffer_add(&writer->text, piece, (size_t)(at - piece));
        sql_add_value(writer, operand);
    }
    sql_add(writer, piece);
}
