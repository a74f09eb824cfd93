/*
 * The statements that compare two snapshots of a dataset: how many rows differ, and which.
 *
 * A side is a SELECT of the columns both have, made by the server; it may hide rows and columns
 * from who asks. Pure text; any thread.
 */
#ifndef ENTREPOT_PIPELINE_DIFF_SQL_H
#define ENTREPOT_PIPELINE_DIFF_SQL_H

#include "server/model/contract.h"

struct diff_sides {
    const struct columns *columns; /* of both sides */
    const struct columns *key; /* rows of the same key are the same row; NULL: rows are wholes */
    const char *from;          /* SELECTs */
    const char *to;
};

bool diff_same_type(struct arena *arena, const struct column *left, const struct column *right);

/** The columns both have, of one type: what can be compared. One is required where both say so. */
struct columns diff_common(struct arena *arena, const struct contract *from,
                           const struct contract *to);

/** The key, when both have the same and all of it is among the columns; else NULL. */
const struct columns *diff_key(const struct columns *columns, const struct contract *from,
                               const struct contract *to);

/** Gives one row: added, removed and changed, int8 each. Without a key none is changed. */
const char *diff_counts_sql(struct arena *arena, const struct diff_sides *sides);

/**
 * Takes   sides: with a key.
 * Gives   rows with a text in front of the columns: added, removed, and for a row that changed
 *         changed_from and changed_to, one after the other; in the order of the key.
 */
const char *diff_changes_sql(struct arena *arena, const struct diff_sides *sides);

#endif
