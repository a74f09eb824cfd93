/*
 * What the targets of the query language share: options are refused with their place, or become SQL
 * in which nothing of them stands. Every name, word and text of the SQL must be one of ours.
 */
#ifndef ENTREPOT_TESTS_FUZZ_QUERY_FUZZ_H
#define ENTREPOT_TESTS_FUZZ_QUERY_FUZZ_H

#include "fuzz.h"
#include "server/query/query.h"

/** Put options, decoded, to datasets with and without a key. Aborts where something is wrong. */
void fuzz_check_query(struct arena *arena, const struct query_option *options, size_t count);

#endif
