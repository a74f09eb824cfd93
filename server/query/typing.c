#include "typing.h"

#include "fault.h"
#include "literal.h"
#include "number.h"

#include <math.h>
#include <string.h>

/* What all steps share. */
struct typing {
    struct arena *arena;
    const struct columns *columns;
};

static struct problem *type_node(struct typing *typing, struct term *node);

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
        return fault_new(arena, option, position, "there is no column named %s",
                         fault_excerpt(arena, name, size));
    *out_column = column;
    return NULL;
}

/* An operand as messages name it, with its type. */
static const char *operand_text(const struct typing *typing, const struct term *node)
{
    if (node->kind == TERM_COLUMN)
        return arena_print(typing->arena, "the column %s (%s)", node->column->name,
                           column_type_name(node->column->type));
    if (node->kind == TERM_LITERAL && node->source)
        return arena_print(typing->arena, "%s (%s)",
                           fault_excerpt(typing->arena, node->source, node->source_size),
                           value_type_name(node->type));
    return arena_print(typing->arena, "an expression (%s)", value_type_name(node->type));
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
    return "";
}

static struct problem *mismatch(const struct typing *typing, const struct term *left,
                                const struct term *right)
{
    return fault_new(typing->arena, right->option, right->position,
                     "%s cannot be compared with %s%s", operand_text(typing, left),
                     operand_text(typing, right), hint(left->type, right->type));
}

static void become_bool(struct term *node, bool boolean)
{
    node->kind = TERM_LITERAL;
    node->value = (struct value){ .type = VALUE_BOOL, .boolean = boolean };
    node->first = node->last = NULL;
    node->count = 0;
}

static bool is_literal(const struct term *node)
{
    return node->kind == TERM_LITERAL;
}

static bool is_null(const struct term *node)
{
    return node->kind == TERM_LITERAL && node->type == VALUE_NULL;
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

/* Make a literal comparable with another operand. */
static struct problem *fit(const struct typing *typing, struct term *literal,
                           const struct term *other)
{
    enum value_type type = other->type;
    if (literal->type == type || is_null(literal) || type == VALUE_NULL)
        return NULL;
    const char *reason;
    if (value_is_number(type) && value_is_number(literal->type)) {
        if (!fit_number(typing->arena, type, &literal->value))
            return fault_new(typing->arena, literal->option, literal->position,
                             "%s is too large for a floating-point number",
                             fault_excerpt(typing->arena, literal->source, literal->source_size));
    } else if (reads_text(type) && literal->type == VALUE_TEXT) {
        if (!literal_read(typing->arena, type, literal->value.text, strlen(literal->value.text),
                          &literal->value, &reason))
            return fault_new(typing->arena, literal->option, literal->position,
                             "%s cannot be compared with %s: %s", operand_text(typing, other),
                             operand_text(typing, literal), reason);
    } else {
        return mismatch(typing, other, literal);
    }
    literal->type = literal->value.type;
    return NULL;
}

static const enum comparison mirrored[] = {
    [COMPARE_EQ] = COMPARE_EQ, [COMPARE_NE] = COMPARE_NE, [COMPARE_GT] = COMPARE_LT,
    [COMPARE_GE] = COMPARE_LE, [COMPARE_LT] = COMPARE_GT, [COMPARE_LE] = COMPARE_GE,
};

/* Literals stand right, null rightmost, so that later steps see one case. */
static void straighten(struct term *node)
{
    struct term *left = node->first;
    struct term *right = node->last;
    if (!is_literal(left) || (is_literal(right) && !is_null(left)))
        return;
    if (is_null(left) && is_null(right))
        return;
    node->first = right;
    node->last = left;
    right->next = left;
    left->next = NULL;
    node->comparison = mirrored[node->comparison];
}

/* A literal that lies between two integers, or is no number: the comparison is with the integer
 * below, or is the same for every row. */
static void compare_beside(struct term *node)
{
    const struct term *left = node->first;
    struct term *right = node->last;
    if (right->type == VALUE_DOUBLE && isnan(right->value.real)) {
        become_bool(node, node->comparison == COMPARE_NE);
        return;
    }
    int64_t floor;
    bool same;
    if (left->type != VALUE_INTEGER || right->type != VALUE_DECIMAL
        || !number_floor(right->value.text, &floor, &same))
        return; /* also where 64 bits do not hold it: then both are compared as decimals */
    switch (node->comparison) {
    case COMPARE_EQ:
    case COMPARE_NE:
        become_bool(node, node->comparison == COMPARE_NE);
        return;
    case COMPARE_GT:
    case COMPARE_GE:
        node->comparison = COMPARE_GT;
        break;
    case COMPARE_LT:
    case COMPARE_LE:
        node->comparison = COMPARE_LE;
        break;
    }
    right->value = (struct value){ .type = VALUE_INTEGER, .integer = floor };
    right->type = VALUE_INTEGER;
}

static struct problem *type_compare(struct typing *typing, struct term *node)
{
    TRY(type_node(typing, node->first));
    TRY(type_node(typing, node->last));
    node->type = VALUE_BOOL;
    straighten(node);
    struct term *left = node->first;
    struct term *right = node->last;
    if (is_null(right))
        return NULL;
    if (left->type == VALUE_JSON || right->type == VALUE_JSON)
        return fault_new(typing->arena, node->option, node->position,
                         "%s can only be compared with null",
                         operand_text(typing, left->type == VALUE_JSON ? left : right));
    if (is_literal(left) && left->type == VALUE_TEXT)
        TRY(fit(typing, left, right));
    if (is_literal(right))
        TRY(fit(typing, right, left));
    else if (left->type != right->type
             && !(value_is_number(left->type) && value_is_number(right->type)))
        return mismatch(typing, left, right);
    if (is_literal(right))
        compare_beside(node);
    return NULL;
}

/* The literals that can equal a value of the operand are kept; null is only noted. */
static struct problem *type_list(struct typing *typing, struct term *node)
{
    struct term *left = node->first;
    struct term *item = left->next;
    node->last = left;
    left->next = NULL;
    node->count = 1;
    for (struct term *next; item; item = next) {
        next = item->next;
        TRY(type_node(typing, item));
        TRY(fit(typing, item, left));
        if (is_null(item))
            node->holds_null = true;
        else if (item->type == left->type
                 && !(item->type == VALUE_DOUBLE && isnan(item->value.real)))
            term_add(node, item);
    }
    return NULL;
}

static struct problem *type_in(struct typing *typing, struct term *node)
{
    struct term *left = node->first;
    TRY(type_node(typing, left));
    node->type = VALUE_BOOL;
    if (left->type == VALUE_JSON)
        return fault_new(typing->arena, node->option, node->position,
                         "%s can only be compared with null", operand_text(typing, left));
    TRY(type_list(typing, node));
    if (is_null(left))
        become_bool(node, node->holds_null);
    else if (node->count == 1 && !(node->holds_null && left->nullable))
        become_bool(node, false);
    return NULL;
}

static struct problem *type_logic(struct typing *typing, struct term *node, const char *name)
{
    node->type = VALUE_BOOL;
    for (struct term *operand = node->first; operand; operand = operand->next) {
        TRY(type_node(typing, operand));
        if (operand->type != VALUE_BOOL && !is_null(operand))
            return fault_new(
                typing->arena, operand->option, operand->position,
                "%s takes what is true or false, not %s%s", name, operand_text(typing, operand),
                node->kind == TERM_NOT ? ": put what it shall negate in parentheses" : "");
        node->nullable |= operand->nullable;
    }
    return NULL;
}

static struct problem *type_node(struct typing *typing, struct term *node)
{
    switch (node->kind) {
    case TERM_LITERAL:
        node->type = node->value.type;
        node->nullable = node->type == VALUE_NULL;
        return NULL;
    case TERM_COLUMN:
        TRY(typing_column(typing->arena, typing->columns, node->option, node->position,
                          node->source, node->source_size, &node->column));
        node->type = value_type_of(node->column->type);
        node->nullable = !node->column->required && !node->column->key_position;
        return NULL;
    case TERM_NOT:
        return type_logic(typing, node, "not");
    case TERM_AND:
        return type_logic(typing, node, "and");
    case TERM_OR:
        return type_logic(typing, node, "or");
    case TERM_COMPARE:
        return type_compare(typing, node);
    case TERM_IN:
        return type_in(typing, node);
    case TERM_NONE:
        break;
    }
    return problem_new(typing->arena, &PROBLEM_INTERNAL, "a node of a query has no kind");
}

struct problem *typing_value(struct arena *arena, const struct columns *columns, struct term *node)
{
    struct typing typing = { arena, columns };
    return type_node(&typing, node);
}

struct problem *typing_filter(struct arena *arena, const struct columns *columns, struct term *node)
{
    struct typing typing = { arena, columns };
    TRY(type_node(&typing, node));
    if (node->type != VALUE_BOOL && !is_null(node))
        return fault_new(arena, node->option, node->position,
                         "a filter is true or false for each row, but this is %s: compare it, "
                         "as in name eq 'x'",
                         operand_text(&typing, node));
    return NULL;
}
