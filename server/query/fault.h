/*
 * What is wrong with a query, and where: problems with the members option and position.
 */
#ifndef ENTREPOT_QUERY_FAULT_H
#define ENTREPOT_QUERY_FAULT_H

#include "server/base/problem.h"

/** PROBLEM_BAD_QUERY. Takes option: its name without `$`; position: in its value, bytes from 0. */
struct problem *fault_new(struct arena *arena, const char *option, size_t position,
                          const char *detail, ...) PRINTF_LIKE(4, 5)
    __attribute__((returns_nonnull));

/** PROBLEM_NOT_IMPLEMENTED: OData knows it, we do not. */
struct problem *fault_unsupported(struct arena *arena, const char *option, size_t position,
                                  const char *detail, ...) PRINTF_LIKE(4, 5)
    __attribute__((returns_nonnull));

/** A piece of the client's text for a message: cut to a readable length between characters. */
const char *fault_excerpt(struct arena *arena, const char *text, size_t size);

#endif
