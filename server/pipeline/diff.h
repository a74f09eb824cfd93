/*
 * The difference of two snapshots of a dataset: columns, and rows by key.
 *
 * Counted by Postgres over the two sets of tables; nothing is kept. Without a primary key rows are
 * compared as wholes, so that a changed row is one removed and one added. One connection, one
 * thread.
 */
#ifndef ENTREPOT_PIPELINE_DIFF_H
#define ENTREPOT_PIPELINE_DIFF_H

#include "server/model/catalogue.h"

struct diff {
    int64_t from_rows;
    int64_t to_rows;
    int64_t added;
    int64_t removed;
    int64_t changed;
    bool by_key;
    const char *const *columns_added; /* ended by NULL */
    const char *const *columns_removed;
    const char *const *columns_retyped;
};

struct problem *diff_snapshots(struct db *db, struct arena *arena,
                               const struct catalogue_snapshot *from,
                               const struct catalogue_snapshot *to, struct diff *out_diff) MUST_USE;

#endif
