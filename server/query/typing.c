#include "typing.h"

#include "call.h"
#include "fault.h"
#include "literal.h"
#include "number.h"
#include "server/base/buffer.h"

#include <math.h>
#include <string.h>

/* What could be meant: the columns there are, or the first of many. */
static const char *column_names(struct arena *arena, const struct columns *columns)
{
    const size_t most = 20;
    CLEANUP(buffer_clear) struct buffer names = { 0 };
    for (size_t i = 0; i < columns->count && i < most; i++)
        buffer_print(&names, "%s%s", i ? ", " : "", columns->list[i].name);
    if (columns->count > most)
        buffer_print(&names, " and %zu more", columns->count - most);
    return arena_copy(arena, names.data, names.size);
}

struct problem *typing_column(struct arena *arena, const struct columns *columns,
                              const char *option, size_t position, const char *name, size_t size,
                              const struct column **out_column)
{
    char text[129]; /* OData allows names of 128 characters */
    const struct column *column = NULL;
    if (size < sizeof text) {
        memcpy(text, name, size);
        text[size] = '\0';
        column = columns_find(columns, text, true);
    }
    if (!column)
        return fault_new(arena, option, position, "there is no column named %s; there are: %s",
                         fault_excerpt(arena, name, size), column_names(arena, columns));
    *out_column = column;
    return NULL;
}

/* An operand as messages name it, with its type. */
const char *typing_operand_text(const struct typing *typing, const struct term *term)
{
    if (term->kind == TERM_COLUMN)
        return arena_print(typing->arena, "the column %s (%s)", term->column->name,
                           column_type_name(term->column->type));
    if (term->kind == TERM_LITERAL && term->source)
        return arena_print(typing->arena, "%s (%s)",
                           fault_excerpt(typing->arena, term->source, term->source_size),
                           value_type_name(term->type));
    return arena_print(typing->arena, "an expression (%s)", value_type_name(term->type));
}

static const char *hint(enum value_type wanted, enum value_type given)
{
    if (wanted == VALUE_TIMESTAMP && given == VALUE_DATE)
        return ": write a full timestamp, such as 2026-11-20T00:00:00Z";
    if (wanted == VALUE_DATE && given == VALUE_TIMESTAMP)
        return ": write a date alone, such as 2026-11-20";
    if (wanted == VALUE_TEXT)
        return ": text stands in single quotes, such as 'FR'";
    if (value_is_number(wanted) && given == VALUE_TEXT)
        return ": numbers stand without quotes";
    if (wanted == VALUE_BOOL)
        return ": write true or false";
    return "";
}

static struct problem *mismatch(const struct typing *typing, const struct term *left,
                                const struct term *right)
{
    return fault_new(typing->arena, right->option, right->position,
                     "%s cannot be compared with %s%s", typing_operand_text(typing, left),
                     typing_operand_text(typing, right), hint(left->type, right->type));
}

void typing_become(struct term *term, struct value value)
{
    term->kind = TERM_LITERAL;
    term->value = value;
    term->type = value.type;
    term->nullable = value.type == VALUE_NULL;
    term->first = term->last = NULL;
    term->count = 0;
}

static void become_bool(struct term *term, bool boolean)
{
    typing_become(term, (struct value){ .type = VALUE_BOOL, .boolean = boolean });
}

static bool is_literal(const struct term *term)
{
    return term->kind == TERM_LITERAL;
}

static bool is_null(const struct term *term)
{
    return term->kind == TERM_LITERAL && term->type == VALUE_NULL;
}

/* A number where another type of number is wanted: an integer only where it is one, see
 * compare_beside. */
static bool fit_number(struct arena *arena, enum value_type type, struct value *value)
{
    double real;
    int64_t floor;
    bool same;
    if (type == VALUE_DOUBLE) {
        if (!number_to_double(value, &real))
            return false;
        *value = (struct value){ .type = VALUE_DOUBLE, .real = real };
    } else if (type == VALUE_DECIMAL && value->type == VALUE_INTEGER) {
        *value = (struct value){ .type = VALUE_DECIMAL, .text = value_text(arena, value) };
    } else if (type == VALUE_INTEGER && value->type == VALUE_DECIMAL
               && number_floor(value->text, &floor, &same) && same) {
        *value = (struct value){ .type = VALUE_INTEGER, .integer = floor };
    }
    return true;
}

/* Does text in quotes stand for a value of this type too? */
static bool reads_text(enum value_type type)
{
    return type == VALUE_DATE || type == VALUE_TIME || type == VALUE_TIMESTAMP
           || type == VALUE_DURATION || type == VALUE_UUID || type == VALUE_BYTES;
}

struct problem *typing_widen(const struct typing *typing, struct term *literal,
                             enum value_type type)
{
    if (!fit_number(typing->arena, type, &literal->value))
        return fault_new(typing->arena, literal->option, literal->position,
                         "%s is too large for a floating-point number",
                         fault_excerpt(typing->arena, literal->source, literal->source_size));
    literal->type = literal->value.type;
    return NULL;
}

/* Make a literal comparable with another operand. */
static struct problem *fit(const struct typing *typing, struct term *literal,
                           const struct term *other)
{
    enum value_type type = other->type;
    const char *reason;
    if (literal->type == type || is_null(literal) || type == VALUE_NULL)
        return NULL;
    if (value_is_number(type) && value_is_number(literal->type))
        return typing_widen(typing, literal, type);
    if (!reads_text(type) || literal->type != VALUE_TEXT)
        return mismatch(typing, other, literal);
    if (!literal_read(typing->arena, type, literal->value.text, strlen(literal->value.text),
                      &literal->value, &reason))
        return fault_new(typing->arena, literal->option, literal->position,
                         "%s cannot be compared with %s: %s", typing_operand_text(typing, other),
                         typing_operand_text(typing, literal), reason);
    literal->type = type;
    return NULL;
}

static const enum comparison mirrored[] = {
    [COMPARE_EQ] = COMPARE_EQ, [COMPARE_NE] = COMPARE_NE, [COMPARE_GT] = COMPARE_LT,
    [COMPARE_GE] = COMPARE_LE, [COMPARE_LT] = COMPARE_GT, [COMPARE_LE] = COMPARE_GE,
};

/* Literals stand right, null rightmost, so that later steps see one case. */
static void straighten(struct term *term)
{
    struct term *left = term->first;
    struct term *right = term->last;
    if (!is_literal(left) || (is_literal(right) && !is_null(left)))
        return;
    if (is_null(left) && is_null(right))
        return;
    term->first = right;
    term->last = left;
    right->next = left;
    left->next = NULL;
    term->comparison = mirrored[term->comparison];
}

/* A literal that lies between two integers, or is no number: the comparison is with the integer
 * below, or is the same for every row. */
static void compare_beside(struct term *term)
{
    const struct term *left = term->first;
    struct term *right = term->last;
    if (right->type == VALUE_DOUBLE && isnan(right->value.real)) {
        become_bool(term, term->comparison == COMPARE_NE);
        return;
    }
    int64_t floor;
    bool same;
    if (left->type != VALUE_INTEGER || right->type != VALUE_DECIMAL
        || !number_floor(right->value.text, &floor, &same))
        return; /* also where 64 bits do not hold it: then both are compared as decimals */
    switch (term->comparison) {
    case COMPARE_EQ:
    case COMPARE_NE:
        become_bool(term, term->comparison == COMPARE_NE);
        return;
    case COMPARE_GT:
    case COMPARE_GE:
        term->comparison = COMPARE_GT;
        break;
    case COMPARE_LT:
    case COMPARE_LE:
        term->comparison = COMPARE_LE;
        break;
    }
    right->value = (struct value){ .type = VALUE_INTEGER, .integer = floor };
    right->type = VALUE_INTEGER;
}

static struct problem *type_compare(struct typing *typing, struct term *term)
{
    TRY(typing_term(typing, term->first));
    TRY(typing_term(typing, term->last));
    term->type = VALUE_BOOL;
    straighten(term);
    struct term *left = term->first;
    struct term *right = term->last;
    if (is_null(right))
        return NULL;
    if (left->type == VALUE_JSON || right->type == VALUE_JSON)
        return fault_new(typing->arena, term->option, term->position,
                         "%s can only be compared with null",
                         typing_operand_text(typing, left->type == VALUE_JSON ? left : right));
    if (is_literal(left) && left->type == VALUE_TEXT)
        TRY(fit(typing, left, right));
    if (is_literal(right))
        TRY(fit(typing, right, left));
    else if (left->type != right->type
             && !(value_is_number(left->type) && value_is_number(right->type)))
        return mismatch(typing, left, right);
    if (is_literal(right))
        compare_beside(term);
    return NULL;
}

/* The literals that can equal a value of the operand are kept; null is only noted. */
static struct problem *type_list(struct typing *typing, struct term *term)
{
    struct term *left = term->first;
    struct term *item = left->next;
    term->last = left;
    left->next = NULL;
    term->count = 1;
    for (struct term *next; item; item = next) {
        next = item->next;
        TRY(typing_term(typing, item));
        TRY(fit(typing, item, left));
        if (is_null(item))
            term->holds_null = true;
        else if (item->type == left->type
                 && !(item->type == VALUE_DOUBLE && isnan(item->value.real)))
            term_add(term, item);
    }
    return NULL;
}

static struct problem *type_in(struct typing *typing, struct term *term)
{
    struct term *left = term->first;
    TRY(typing_term(typing, left));
    term->type = VALUE_BOOL;
    if (left->type == VALUE_JSON)
        return fault_new(typing->arena, term->option, term->position,
                         "%s can only be compared with null", typing_operand_text(typing, left));
    TRY(type_list(typing, term));
    if (is_null(left))
        become_bool(term, term->holds_null);
    else if (term->count == 1 && !(term->holds_null && left->nullable))
        become_bool(term, false);
    return NULL;
}

static struct problem *type_logic(struct typing *typing, struct term *term, const char *name)
{
    term->type = VALUE_BOOL;
    for (struct term *operand = term->first; operand; operand = operand->next) {
        TRY(typing_term(typing, operand));
        if (operand->type != VALUE_BOOL && !is_null(operand))
            return fault_new(typing->arena, operand->option, operand->position,
                             "%s takes what is true or false, not %s%s", name,
                             typing_operand_text(typing, operand),
                             term->kind == TERM_NOT ? ": put what it shall negate in parentheses"
                                                    : "");
        term->nullable |= operand->nullable;
    }
    return NULL;
}

struct problem *typing_term(struct typing *typing, struct term *term)
{
    switch (term->kind) {
    case TERM_LITERAL:
        term->type = term->value.type;
        term->nullable = term->type == VALUE_NULL;
        return NULL;
    case TERM_COLUMN:
        TRY(typing_column(typing->arena, typing->columns, term->option, term->position,
                          term->source, term->source_size, &term->column));
        term->type = value_type_of(term->column->type);
        term->nullable = !term->column->required && !term->column->key_position;
        return NULL;
    case TERM_NOT:
        return type_logic(typing, term, "not");
    case TERM_AND:
        return type_logic(typing, term, "and");
    case TERM_OR:
        return type_logic(typing, term, "or");
    case TERM_COMPARE:
        return type_compare(typing, term);
    case TERM_IN:
        return type_in(typing, term);
    case TERM_CALL:
        return call_type(typing, term);
    case TERM_CASE:
        return call_type_case(typing, term);
    case TERM_NONE:
        break;
    }
    return problem_new(typing->arena, &PROBLEM_INTERNAL, "a term of a query has no kind");
}

struct problem *typing_value(struct arena *arena, const struct columns *columns, struct term *term)
{
    struct typing typing = { arena, columns };
    return typing_term(&typing, term);
}

struct problem *typing_filter(struct arena *arena, const struct columns *columns, struct term *term)
{
    struct typing typing = { arena, columns };
    TRY(typing_term(&typing, term));
    if (term->type != VALUE_BOOL && !is_null(term))
        return fault_new(arena, term->option, term->position,
                         "a filter is true or false for each row, but this is %s: compare it, "
                         "as in name eq 'x'",
                         typing_operand_text(&typing, term));
    return NULL;
}
