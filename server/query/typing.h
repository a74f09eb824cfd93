/*
 * Typing: the parser's tree checked against the columns and completed.
 *
 * Names become columns; every term gets its type and whether it may be null; literals become the
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
                             struct term *term) MUST_USE;

/** Check an expression that must be true or false. */
struct problem *typing_filter(struct arena *arena, const struct columns *columns,
                              struct term *term) MUST_USE;

/** The column a name means; fails where there is none. */
struct problem *typing_column(struct arena *arena, const struct columns *columns,
                              const char *option, size_t position, const char *name, size_t size,
                              const struct column **out_column) MUST_USE;

/* For the parts of typing. */

struct typing {
    struct arena *arena;
    const struct columns *columns;
};

/** Give a term and all below it their types. */
struct problem *typing_term(struct typing *typing, struct term *term) MUST_USE;

/** Turn a literal number into one of another type of number, where it can be one. */
struct problem *typing_widen(const struct typing *typing, struct term *literal,
                             enum value_type type) MUST_USE;

/** An operand as messages name it, with its type. */
const char *typing_operand_text(const struct typing *typing, const struct term *term);

/** Turn a term into a literal. */
void typing_become(struct term *term, struct value value);

#endif
