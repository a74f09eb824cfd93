/*
 * Counts that were made: how many rows of a snapshot a query finds. Snapshots never change, so what
 * was counted once is exact for ever.
 *
 * A table of fixed size, in which a new count may take the place of an old one. Any thread may
 * call; the creator frees.
 */
#ifndef ENTREPOT_QUERY_COUNTS_H
#define ENTREPOT_QUERY_COUNTS_H

#include "query.h"
#include "server/base/digest.h"

struct counts;

struct counts *counts_new(void);
void counts_free(struct counts *counts);

/* What was counted: the snapshot, and all that decides which rows are found: apply, filter and the
 * rules of access, but neither top, skip, select nor order. */
struct count_key {
    unsigned char sum[DIGEST_BYTES];
};

/** Takes snapshot: a number no other snapshot of the product has. False: now() is part of the
 * query, which then cannot be counted once for all. */
bool counts_key(struct arena *arena, const struct query *query, int64_t snapshot,
                struct count_key *out_key);

bool counts_find(struct counts *counts, const struct count_key *key, int64_t *out_rows);
void counts_keep(struct counts *counts, const struct count_key *key, int64_t rows);

#endif
