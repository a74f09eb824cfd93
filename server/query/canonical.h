/*
 * The canonical form of a query: one text for all spellings of the same meaning.
 */
#ifndef ENTREPOT_QUERY_CANONICAL_H
#define ENTREPOT_QUERY_CANONICAL_H

#include "tree.h"

/** Write what decides which rows come in which order and shape: name, select,
 *  apply, filter, orderby. What only
 *  says how many of them (top, skip, count, skiptoken) is left out, and now() is no instant: pages
 *  of one query share it. */
void canonical_write(struct buffer *out, struct arena *arena, const struct query *query);

/** Write what decides which rows are found, in whatever order and shape. False where the time of
 * the request is part of it: it then means something else every time. */
bool canonical_write_found(struct buffer *out, struct arena *arena, const struct query *query);

#endif
