/*
 * Typing: the parser's tree checked against the columns and completed.
 *
 * Names become columns; every node gets its type and whether it may be null; literals become the
 * type they are compared with, so that the writers never have to convert. Comparisons that cannot
 * depend on a row become true or false.
 */
#ifndef ENTREPOT_QUERY_TYPING_H
#define ENTREPOT_QUERY_TYPING_H

#include "tree.h"

/**
 * Check an expression that may have any type.
 * Fails   PROBLEM_BAD_QUERY: an unknown column, types that do not go together.
 */
struct problem *typing_value(struct arena *arena, const struct columns *columns,
                             struct term *node) MUST_USE;

/** Check an expression that must be true or false. */
struct problem *typing_filter(struct arena *arena, const struct columns *columns,
                              struct term *node) MUST_USE;

/** The column a name means; fails where there is none. */
struct problem *typing_column(struct arena *arena, const struct columns *columns,
                              const char *option, size_t position, const char *name, size_t size,
                              const struct column **out_column) MUST_USE;

#endif
