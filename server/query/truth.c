/*
 * sql_add_truth: conditions, with the null rules of OData.
 *
 * A comparison is true or false, never unknown; and, or and not know unknown, as SQL does. Where
 * only truth counts (behind WHERE) SQL may say NULL for false: then the plainest form is written,
 * which an index can serve.
 */
#include "sql_writer.h"

static void add_operands(struct sql_writer *writer, const struct term *left, const char *operation,
                         const struct term *right)
{
    sql_add_value(writer, left);
    sql_add(writer, operation);
    sql_add_value(writer, right);
}

static void add_null_test(struct sql_writer *writer, const struct term *term, bool is_null)
{
    if (term->kind == TERM_LITERAL) /* null eq null; a bare NULL has no type in SQL */
        sql_add(writer, (term->type == VALUE_NULL) == is_null ? "true" : "false");
    else {
        sql_add_value(writer, term);
        sql_add(writer, is_null ? " IS NULL" : " IS NOT NULL");
    }
}

static void compare_with_null(struct sql_writer *writer, const struct term *term)
{
    switch (term->comparison) {
    case COMPARE_EQ:
    case COMPARE_GE:
    case COMPARE_LE:
        add_null_test(writer, term->first, true);
        return;
    case COMPARE_NE:
        add_null_test(writer, term->first, false);
        return;
    case COMPARE_GT:
    case COMPARE_LT:
        sql_add(writer, "false");
        return;
    }
}

/* NaN equals nothing and is neither more nor less than anything; to Postgres it is the greatest
 * number and equal to itself. The operand whose NaN would make the comparison true, or NULL. */
static const struct term *nan_operand(const struct term *term, enum comparison comparison)
{
    const struct term *left = term->first;
    const struct term *right = term->last;
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
static bool both_nullable(const struct term *term)
{
    return term->first->nullable && term->last->nullable;
}

/* a eq b; NULL where only one of them is null. */
static void add_equal(struct sql_writer *writer, const struct term *term)
{
    const struct term *nan = nan_operand(term, COMPARE_EQ);
    add_operands(writer, term->first, both_nullable(term) ? " IS NOT DISTINCT FROM " : " = ",
                 term->last);
    if (!nan)
        return;
    sql_add(writer, " AND ");
    sql_add_value(writer, nan);
    sql_add(writer, " IS DISTINCT FROM 'NaN'::float8");
}

/* a ne b; never NULL. */
static void add_unequal(struct sql_writer *writer, const struct term *term)
{
    const struct term *nan = nan_operand(term, COMPARE_NE);
    bool nullable = term->first->nullable || term->last->nullable;
    if (nan)
        sql_add(writer, "(");
    add_operands(writer, term->first, nullable ? " IS DISTINCT FROM " : " <> ", term->last);
    if (!nan)
        return;
    sql_add(writer, " OR ");
    sql_add_value(writer, nan);
    sql_add(writer, nan->nullable ? " IS NOT DISTINCT FROM 'NaN'::float8)" : " = 'NaN'::float8)");
}

/* a gt b and the like; NULL where one of them is null, but for null ge null. */
static void add_ordered(struct sql_writer *writer, const struct term *term)
{
    static const char *const operations[] = {
        [COMPARE_GT] = " > ", [COMPARE_GE] = " >= ", [COMPARE_LT] = " < ", [COMPARE_LE] = " <= "
    };
    bool same_null =
        both_nullable(term) && (term->comparison == COMPARE_GE || term->comparison == COMPARE_LE);
    const struct term *nan = nan_operand(term, term->comparison);
    if (same_null)
        sql_add(writer, "(");
    add_operands(writer, term->first, operations[term->comparison], term->last);
    if (nan)
        add_not_nan(writer, nan);
    if (!same_null)
        return;
    sql_add(writer, " OR ");
    add_null_test(writer, term->first, true);
    sql_add(writer, " AND ");
    add_null_test(writer, term->last, true);
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
    struct term term = *compare;
    bool nullable = term.first->nullable || term.last->nullable;
    bool equality = term.comparison == COMPARE_EQ || term.comparison == COMPARE_NE;
    bool total = !nullable && term.first->type != VALUE_DOUBLE && term.last->type != VALUE_DOUBLE;
    if (truth == SQL_HOLDS_NOT && (equality || total)) {
        term.comparison = opposite[term.comparison];
        truth = SQL_HOLDS;
    }
    bool with_null = term.last->type == VALUE_NULL;
    bool may_be_null = nullable && !with_null && term.comparison != COMPARE_NE
                       && !(term.comparison == COMPARE_EQ && both_nullable(&term));
    struct wrap wrap = wrap_for(truth, may_be_null);
    sql_add(writer, wrap.open);
    if (with_null)
        compare_with_null(writer, &term);
    else if (term.comparison == COMPARE_EQ)
        add_equal(writer, &term);
    else if (term.comparison == COMPARE_NE)
        add_unequal(writer, &term);
    else
        add_ordered(writer, &term);
    sql_add(writer, wrap.close);
}

/* The literals of a list as one array, so that the text of the SQL does not grow with it. */
static void add_array(struct sql_writer *writer, const struct term *term)
{
    size_t count = term->count - 1;
    enum value_type type = term->first->type;
    size_t i = 0;
    if (type == VALUE_INTEGER) {
        int64_t *values = arena_array_of(writer->arena, int64_t, count + 1);
        for (const struct term *item = term->first->next; item; item = item->next)
            values[i++] = item->value.integer;
        sql_add_param(writer, sql_param(writer, db_int64s(values, count)), "int8[]");
        return;
    }
    const char **values = arena_array_of(writer->arena, const char *, count + 1);
    for (const struct term *item = term->first->next; item; item = item->next)
        values[i++] = value_text(writer->arena, &item->value);
    sql_add_param(writer, sql_param(writer, db_texts(values)), "text[]");
    if (type == VALUE_TEXT)
        return;
    sql_add(writer, "::");
    sql_add(writer, value_sql_type(type));
    sql_add(writer, "[]");
}

static void add_in(struct sql_writer *writer, const struct term *term, enum sql_truth truth)
{
    const struct term *operand = term->first;
    bool takes_null = term->holds_null && operand->nullable;
    struct wrap wrap = wrap_for(truth, operand->nullable && !takes_null);
    sql_add(writer, wrap.open);
    if (takes_null && truth != SQL_HOLDS_NOT)
        sql_add(writer, "(");
    if (term->count > 1) {
        sql_add_value(writer, operand);
        sql_add(writer, " = ANY(");
        add_array(writer, term);
        sql_add(writer, ")");
    }
    if (takes_null) {
        sql_add(writer, term->count > 1 ? " OR " : "");
        add_null_test(writer, operand, true);
        if (truth != SQL_HOLDS_NOT)
            sql_add(writer, ")");
    }
    sql_add(writer, wrap.close);
}

/* and, or; under not the other one over the negated operands. */
static void add_chain(struct sql_writer *writer, const struct term *term, enum sql_truth truth)
{
    bool all = (term->kind == TERM_AND) != (truth == SQL_HOLDS_NOT);
    if (!all)
        sql_add(writer, "(");
    for (const struct term *operand = term->first; operand; operand = operand->next) {
        if (operand != term->first)
            sql_add(writer, all ? " AND " : " OR ");
        sql_add_truth(writer, operand, truth);
    }
    if (!all)
        sql_add(writer, ")");
}

static void add_not(struct sql_writer *writer, const struct term *term, enum sql_truth truth)
{
    if (truth == SQL_EXACT) {
        sql_add(writer, "NOT (");
        sql_add_truth(writer, term->first, SQL_EXACT);
        sql_add(writer, ")");
        return;
    }
    sql_add_truth(writer, term->first, truth == SQL_HOLDS ? SQL_HOLDS_NOT : SQL_HOLDS);
}

void sql_add_truth(struct sql_writer *writer, const struct term *term, enum sql_truth truth)
{
    switch (term->kind) {
    case TERM_AND:
    case TERM_OR:
        add_chain(writer, term, truth);
        return;
    case TERM_NOT:
        add_not(writer, term, truth);
        return;
    case TERM_COMPARE:
        add_compare(writer, term, truth);
        return;
    case TERM_IN:
        add_in(writer, term, truth);
        return;
    case TERM_LITERAL:
        if (term->type == VALUE_NULL)
            sql_add(writer, "NULL::bool");
        else
            sql_add(writer, term->value.boolean == (truth != SQL_HOLDS_NOT) ? "true" : "false");
        return;
    default: /* a column: true, false, or null, which not leaves null */
        sql_add(writer, truth == SQL_HOLDS_NOT ? "NOT " : "");
        sql_add_value(writer, term);
    }
}
