#include "sql_writer.h"

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

struct db_query sql_take(struct sql_writer *writer)
{
    return (struct db_query){
        .text = arena_copy(writer->arena, writer->text.data, writer->text.size),
        .params = writer->params,
        .param_count = writer->count,
    };
}

void sql_add(struct sql_writer *writer, const char *text)
{
    buffer_add_text(&writer->text, text);
}

void sql_add_int(struct sql_writer *writer, int64_t number)
{
    char digits[24];
    char *end = digits + sizeof digits;
    char *at = end;
    uint64_t left = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
    do
        *--at = (char)('0' + left % 10);
    while (left /= 10);
    if (number < 0)
        *--at = '-';
    buffer_add(&writer->text, at, (size_t)(end - at));
}

void sql_add_name(struct sql_writer *writer, const char *name)
{
    buffer_add_char(&writer->text, '"');
    for (; *name; name++) {
        if (*name == '"')
            buffer_add_char(&writer->text, '"');
        buffer_add_char(&writer->text, *name);
    }
    buffer_add_char(&writer->text, '"');
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

static void add_literal(struct sql_writer *writer, const struct term *node)
{
    if (node->type == VALUE_NULL) {
        sql_add(writer, "NULL");
        return;
    }
    size_t number = sql_param(writer, value_param(writer->arena, &node->value));
    sql_add_param(writer, number, value_sql_type(node->type));
}

void sql_add_value(struct sql_writer *writer, const struct term *node)
{
    switch (node->kind) {
    case TERM_LITERAL:
        add_literal(writer, node);
        return;
    case TERM_COLUMN:
        sql_add_name(writer, node->column->name);
        return;
    default:
        sql_add(writer, "(");
        sql_add_truth(writer, node, SQL_EXACT);
        sql_add(writer, ")");
    }
}

static void add_operands(struct sql_writer *writer, const struct term *left, const char *operation,
                         const struct term *right)
{
    sql_add_value(writer, left);
    sql_add(writer, operation);
    sql_add_value(writer, right);
}

static void add_null_test(struct sql_writer *writer, const struct term *node, bool is_null)
{
    if (node->kind == TERM_LITERAL) /* null eq null; a bare NULL has no type in SQL */
        sql_add(writer, (node->type == VALUE_NULL) == is_null ? "true" : "false");
    else {
        sql_add_value(writer, node);
        sql_add(writer, is_null ? " IS NULL" : " IS NOT NULL");
    }
}

static void compare_with_null(struct sql_writer *writer, const struct term *node)
{
    switch (node->comparison) {
    case COMPARE_EQ:
    case COMPARE_GE:
    case COMPARE_LE:
        add_null_test(writer, node->first, true);
        return;
    case COMPARE_NE:
        add_null_test(writer, node->first, false);
        return;
    case COMPARE_GT:
    case COMPARE_LT:
        sql_add(writer, "false");
        return;
    }
}

/* NaN equals nothing and is neither more nor less than anything; to Postgres it is the greatest
 * number and equal to itself. The operand whose NaN would make the comparison true, or NULL. */
static const struct term *nan_operand(const struct term *node, enum comparison comparison)
{
    const struct term *left = node->first;
    const struct term *right = node->last;
    bool lower = comparison == COMPARE_LT || comparison == COMPARE_LE;
    const struct term *operand = lower ? right : left;
    if (operand->type != VALUE_DOUBLE || operand->kind == TERM_LITERAL)
        return NULL;
    if (right->kind == TERM_LITERAL && (comparison == COMPARE_EQ || comparison == COMPARE_NE))
        return NULL; /* not a NaN: typing has made those true or false */
    return operand;
}

static void add_not_nan(struct sql_writer *writer, const struct term *operand)
{
    sql_add(writer, " AND ");
    sql_add_value(writer, operand);
    sql_add(writer, " <> 'NaN'::float8");
}

/* Both may be null: null equals null. */
static bool both_nullable(const struct term *node)
{
    return node->first->nullable && node->last->nullable;
}

/* a eq b; NULL where only one of them is null. */
static void add_equal(struct sql_writer *writer, const struct term *node)
{
    const struct term *nan = nan_operand(node, COMPARE_EQ);
    add_operands(writer, node->first, both_nullable(node) ? " IS NOT DISTINCT FROM " : " = ",
                 node->last);
    if (!nan)
        return;
    sql_add(writer, " AND ");
    sql_add_value(writer, nan);
    sql_add(writer, " IS DISTINCT FROM 'NaN'::float8");
}

/* a ne b; never NULL. */
static void add_unequal(struct sql_writer *writer, const struct term *node)
{
    const struct term *nan = nan_operand(node, COMPARE_NE);
    bool nullable = node->first->nullable || node->last->nullable;
    if (nan)
        sql_add(writer, "(");
    add_operands(writer, node->first, nullable ? " IS DISTINCT FROM " : " <> ", node->last);
    if (!nan)
        return;
    sql_add(writer, " OR ");
    sql_add_value(writer, nan);
    sql_add(writer, nan->nullable ? " IS NOT DISTINCT FROM 'NaN'::float8)" : " = 'NaN'::float8)");
}

/* a gt b and the like; NULL where one of them is null, but for null ge null. */
static void add_ordered(struct sql_writer *writer, const struct term *node)
{
    static const char *const operations[] = {
        [COMPARE_GT] = " > ", [COMPARE_GE] = " >= ", [COMPARE_LT] = " < ", [COMPARE_LE] = " <= "
    };
    bool same_null =
        both_nullable(node) && (node->comparison == COMPARE_GE || node->comparison == COMPARE_LE);
    const struct term *nan = nan_operand(node, node->comparison);
    if (same_null)
        sql_add(writer, "(");
    add_operands(writer, node->first, operations[node->comparison], node->last);
    if (nan)
        add_not_nan(writer, nan);
    if (!same_null)
        return;
    sql_add(writer, " OR ");
    add_null_test(writer, node->first, true);
    sql_add(writer, " AND ");
    add_null_test(writer, node->last, true);
    sql_add(writer, ")");
}

/* Wrap what may be NULL where it should be false so that its truth is used rightly. */
struct wrap {
    const char *open;
    const char *close;
};

static struct wrap wrap_for(enum sql_truth truth, bool may_be_null)
{
    if (truth == SQL_HOLDS_NOT)
        return may_be_null ? (struct wrap){ "(", ") IS NOT TRUE" } : (struct wrap){ "NOT (", ")" };
    if (truth == SQL_EXACT && may_be_null)
        return (struct wrap){ "(", ") IS TRUE" };
    return (struct wrap){ "", "" };
}

static const enum comparison opposite[] = {
    [COMPARE_EQ] = COMPARE_NE, [COMPARE_NE] = COMPARE_EQ, [COMPARE_GT] = COMPARE_LE,
    [COMPARE_GE] = COMPARE_LT, [COMPARE_LT] = COMPARE_GE, [COMPARE_LE] = COMPARE_GT,
};

static void add_compare(struct sql_writer *writer, const struct term *compare, enum sql_truth truth)
{
    struct term node = *compare;
    bool nullable = node.first->nullable || node.last->nullable;
    bool equality = node.comparison == COMPARE_EQ || node.comparison == COMPARE_NE;
    bool total = !nullable && node.first->type != VALUE_DOUBLE && node.last->type != VALUE_DOUBLE;
    if (truth == SQL_HOLDS_NOT && (equality || total)) {
        node.comparison = opposite[node.comparison];
        truth = SQL_HOLDS;
    }
    bool with_null = node.last->type == VALUE_NULL;
    bool may_be_null = nullable && !with_null && node.comparison != COMPARE_NE
                       && !(node.comparison == COMPARE_EQ && both_nullable(&node));
    struct wrap wrap = wrap_for(truth, may_be_null);
    sql_add(writer, wrap.open);
    if (with_null)
        compare_with_null(writer, &node);
    else if (node.comparison == COMPARE_EQ)
        add_equal(writer, &node);
    else if (node.comparison == COMPARE_NE)
        add_unequal(writer, &node);
    else
        add_ordered(writer, &node);
    sql_add(writer, wrap.close);
}

/* The literals of a list as one array, so that the text of the SQL does not grow with it. */
static void add_array(struct sql_writer *writer, const struct term *node)
{
    size_t count = node->count - 1;
    enum value_type type = node->first->type;
    size_t i = 0;
    if (type == VALUE_INTEGER) {
        int64_t *values = arena_array_of(writer->arena, int64_t, count + 1);
        for (const struct term *item = node->first->next; item; item = item->next)
            values[i++] = item->value.integer;
        sql_add_param(writer, sql_param(writer, db_int64s(values, count)), "int8[]");
        return;
    }
    const char **values = arena_array_of(writer->arena, const char *, count + 1);
    for (const struct term *item = node->first->next; item; item = item->next)
        values[i++] = value_text(writer->arena, &item->value);
    sql_add_param(writer, sql_param(writer, db_texts(values)), "text[]");
    if (type == VALUE_TEXT)
        return;
    sql_add(writer, "::");
    sql_add(writer, value_sql_type(type));
    sql_add(writer, "[]");
}

static void add_in(struct sql_writer *writer, const struct term *node, enum sql_truth truth)
{
    const struct term *operand = node->first;
    bool takes_null = node->holds_null && operand->nullable;
    struct wrap wrap = wrap_for(truth, operand->nullable && !takes_null);
    sql_add(writer, wrap.open);
    if (takes_null && truth != SQL_HOLDS_NOT)
        sql_add(writer, "(");
    if (node->count > 1) {
        sql_add_value(writer, operand);
        sql_add(writer, " = ANY(");
        add_array(writer, node);
        sql_add(writer, ")");
    }
    if (takes_null) {
        sql_add(writer, node->count > 1 ? " OR " : "");
        add_null_test(writer, operand, true);
        if (truth != SQL_HOLDS_NOT)
            sql_add(writer, ")");
    }
    sql_add(writer, wrap.close);
}

/* and, or; under not the other one over the negated operands. */
static void add_chain(struct sql_writer *writer, const struct term *node, enum sql_truth truth)
{
    bool all = (node->kind == TERM_AND) != (truth == SQL_HOLDS_NOT);
    if (!all)
        sql_add(writer, "(");
    for (const struct term *operand = node->first; operand; operand = operand->next) {
        if (operand != node->first)
            sql_add(writer, all ? " AND " : " OR ");
        sql_add_truth(writer, operand, truth);
    }
    if (!all)
        sql_add(writer, ")");
}

static void add_not(struct sql_writer *writer, const struct term *node, enum sql_truth truth)
{
    if (truth == SQL_EXACT) {
        sql_add(writer, "NOT (");
        sql_add_truth(writer, node->first, SQL_EXACT);
        sql_add(writer, ")");
        return;
    }
    sql_add_truth(writer, node->first, truth == SQL_HOLDS ? SQL_HOLDS_NOT : SQL_HOLDS);
}

void sql_add_truth(struct sql_writer *writer, const struct term *node, enum sql_truth truth)
{
    switch (node->kind) {
    case TERM_AND:
    case TERM_OR:
        add_chain(writer, node, truth);
        return;
    case TERM_NOT:
        add_not(writer, node, truth);
        return;
    case TERM_COMPARE:
        add_compare(writer, node, truth);
        return;
    case TERM_IN:
        add_in(writer, node, truth);
        return;
    case TERM_LITERAL:
        if (node->type == VALUE_NULL)
            sql_add(writer, "NULL::bool");
        else
            sql_add(writer, node->value.boolean == (truth != SQL_HOLDS_NOT) ? "true" : "false");
        return;
    default: /* a column: true, false, or null, which not leaves null */
        sql_add(writer, truth == SQL_HOLDS_NOT ? "NOT " : "");
        sql_add_value(writer, node);
    }
}
