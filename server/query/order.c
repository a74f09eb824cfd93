#include "order.h"

#include "fault.h"
#include "typing.h"

/* More parts than any client needs: every one makes the condition of the next page longer. */
#define ORDERS_MAX 32

static bool holds(const struct orders *orders, const struct term *term)
{
    for (size_t i = 0; i < orders->count; i++)
        if (term_equal(orders->list[i].term, term))
            return true;
    return false;
}

/* What cannot be ordered by. */
static struct problem *check_item(const struct parser *parser, const struct term *term,
                                  size_t position)
{
    if (term->type == VALUE_JSON)
        return fault_new(parser->parsing->arena, parser->option, position,
                         "json has no order; order by another column");
    if (term->type == VALUE_DURATION)
        return fault_unsupported(parser->parsing->arena, parser->option, position,
                                 "an order by durations is not implemented here");
    return NULL;
}

static struct problem *read_direction(struct parser *parser, bool *out_descending)
{
    *out_descending = token_is(&parser->token, "desc");
    if (!*out_descending && !token_is(&parser->token, "asc"))
        return NULL;
    if (!parser->token.spaced)
        return parser_refuse(parser, "a space");
    parser_next(parser);
    return NULL;
}

/* One item, added where it says something new. */
static struct problem *read_item(struct parser *parser, const struct columns *columns,
                                 struct order *list, size_t *count)
{
    struct term *term = NULL;
    struct order order = { 0 };
    size_t position = parser->token.position;
    TRY(parser_expression(parser, &term));
    TRY(typing_value(parser->parsing->arena, columns, term));
    TRY(check_item(parser, term, position));
    TRY(read_direction(parser, &order.descending));
    order.term = term;
    if (term->kind == TERM_LITERAL || holds(&(struct orders){ list, *count }, term))
        return NULL;
    if (*count == ORDERS_MAX)
        return fault_new(parser->parsing->arena, parser->option, position,
                         "an order has at most %d parts", ORDERS_MAX);
    list[(*count)++] = order;
    return NULL;
}

struct problem *order_read(struct parser *parser, const struct columns *columns,
                           enum token_kind end, struct orders *out_orders)
{
    struct order *list = arena_array_of(parser->parsing->arena, struct order, ORDERS_MAX);
    size_t count = 0;
    for (;;) {
        TRY(read_item(parser, columns, list, &count));
        if (parser->token.kind == end)
            break;
        if (parser->token.kind != TOKEN_COMMA)
            return parser_refuse(parser, end == TOKEN_CLOSE ? "asc, desc, a comma or )"
                                                            : "asc, desc, a comma or the end");
        parser_next(parser);
    }
    *out_orders = (struct orders){ list, count };
    return NULL;
}

static const struct term *column_term(struct arena *arena, const struct column *column)
{
    struct term *term = arena_new_of(arena, struct term);
    term->kind = TERM_COLUMN;
    term->column = column;
    term->type = value_type_of(column->type);
    term->nullable = !column->required && !column->key_position;
    term->depth = 1;
    return term;
}

static const struct column *key_column(const struct columns *columns, int position)
{
    for (size_t i = 0; i < columns->count; i++)
        if (columns->list[i].key_position == position)
            return &columns->list[i];
    return NULL;
}

/* Do the items hold all columns of the key? */
static bool holds_key(const struct columns *columns, const struct orders *orders)
{
    const struct column *column;
    for (int i = 1; (column = key_column(columns, i)); i++) {
        bool found = false;
        for (size_t k = 0; k < orders->count && !found; k++)
            found = orders->list[k].term->column == column;
        if (!found)
            return false;
    }
    return true;
}

struct orders order_join(struct arena *arena, const struct orders *first,
                         const struct orders *second)
{
    struct order *list = arena_array_of(arena, struct order, first->count + second->count + 1);
    struct orders joined = { list, first->count };
    for (size_t i = 0; i < first->count; i++)
        list[i] = first->list[i];
    for (size_t i = 0; i < second->count; i++)
        if (!holds(&joined, second->list[i].term))
            list[joined.count++] = second->list[i];
    return joined;
}

bool order_total(struct arena *arena, const struct columns *columns, const struct orders *asked,
                 struct orders *out_total)
{
    bool keyed = key_column(columns, 1) != NULL;
    struct order *list = arena_array_of(arena, struct order, asked->count + columns->count + 1);
    struct orders total = { list, 0 };
    while (total.count < asked->count && !(keyed && holds_key(columns, &total))) {
        list[total.count] = asked->list[total.count];
        total.count++;
    }
    for (size_t i = 0; i < columns->count; i++) {
        const struct column *column = keyed ? key_column(columns, (int)i + 1) : &columns->list[i];
        const struct term *term = column ? column_term(arena, column) : NULL;
        if (term && !holds(&total, term))
            list[total.count++] = (struct order){ term, false };
    }
    *out_total = total;
    return keyed;
}

static struct column place_column(const struct term *term)
{
    if (term->column)
        return *term->column;
    return (struct column){ .name = "order",
                            .type = value_column_type(term->type),
                            .required = !term->nullable,
                            .shortest = -1,
                            .longest = -1 };
}

void order_complete(struct arena *arena, struct query *query)
{
    query->keyed = order_total(arena, query->source, &query->asked, &query->total);
    size_t count = query->keyed ? query->total.count : 1;
    struct column *list = arena_array_of(arena, struct column, count);
    if (query->keyed)
        for (size_t i = 0; i < count; i++)
            list[i] = place_column(query->total.list[i].term);
    else
        list[0] = (struct column){ .name = "row_number",
                                   .type = COLUMN_INT64,
                                   .required = true,
                                   .shortest = -1,
                                   .longest = -1 };
    query->places = (struct columns){ list, count };
}
