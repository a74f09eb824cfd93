/*
 * Regular expressions for matchesPattern: ECMAScript's, as OData asks, in the dialect of Postgres.
 */
#ifndef ENTREPOT_QUERY_REGEX_H
#define ENTREPOT_QUERY_REGEX_H

#include "server/base/arena.h"

/* Bytes a pattern may have: what a client sends is compiled by the database for every query. */
#define REGEX_BYTES_MAX 1000

/**
 * Translate a pattern.
 *
 * Gives   NULL where it is wrong, or uses what Postgres does not have, with the reason.
 */
const char *regex_translate(struct arena *arena, const char *pattern, const char **out_reason);

#endif
