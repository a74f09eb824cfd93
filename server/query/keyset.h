/*
 * Going on by key: the condition that holds for the rows behind a place in the total order.
 */
#ifndef ENTREPOT_QUERY_KEYSET_H
#define ENTREPOT_QUERY_KEYSET_H

#include "sql_writer.h"

/**
 * Add the condition, ready to stand between AND.
 *
 * Takes   place: as many values as the order has items; nulls only where a column may be null.
 * Fails   PROBLEM_BAD_QUERY: a value is not of its column's type, or of another number.
 */
struct problem *keyset_add(struct sql_writer *writer, const struct orders *orders,
                           const struct query_place *place) MUST_USE;

#endif
