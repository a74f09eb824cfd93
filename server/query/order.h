/*
 * The order of a query: what orderby asks, completed so that no two rows are equal in it.
 */
#ifndef ENTREPOT_QUERY_ORDER_H
#define ENTREPOT_QUERY_ORDER_H

#include "parser.h"

/**
 * Read the value of orderby, from the token at hand to one of kind `end`.
 * Gives   the items without repetitions and without constants.
 */
struct problem *order_read(struct parser *parser, const struct columns *columns,
                           enum token_kind end, struct orders *out_orders) MUST_USE;

/** An order that goes on by another where it does not decide. */
struct orders order_join(struct arena *arena, const struct orders *first,
                         const struct orders *second);

/**
 * Complete an order, so that it is total.
 * Gives   whether it is so by the key; without one it goes on by all columns.
 */
bool order_total(struct arena *arena, const struct columns *columns, const struct orders *asked,
                 struct orders *out_total);

/** Fill in query->total, places and keyed. With a key the order goes on by it; without one by all
 *  columns, and a place is then the number of the row: rows equal in all columns are the same. */
void order_complete(struct arena *arena, struct query *query);

#endif
