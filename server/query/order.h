/*
 * The order of a query: what orderby asks, completed so that no two rows are equal in it.
 */
#ifndef ENTREPOT_QUERY_ORDER_H
#define ENTREPOT_QUERY_ORDER_H

#include "parser.h"

/**
 * Read the value of orderby; the parser has begun on it.
 * Gives   the items without repetitions and without constants.
 */
struct problem *order_read(struct parser *parser, const struct columns *columns,
                           struct orders *out_orders) MUST_USE;

/** Fill in query->total, places and keyed. With a key the order goes on by it; without one by all
 *  columns, and a place is then the number of the row: rows equal in all columns are the same. */
void order_complete(struct arena *arena, struct query *query);

#endif
