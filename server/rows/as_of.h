/*
 * Rows as they were at a time: a selection of the snapshot that was current then (option `as_of`).
 */
#ifndef ENTREPOT_ROWS_AS_OF_H
#define ENTREPOT_ROWS_AS_OF_H

#include "selection.h"

/** How a port goes on with what was selected. On the loop. */
typedef struct problem *as_of_then(struct request *rq, struct reply *rp,
                                   struct selection *selection, void *context);

/**
 * Make a selection and go on with it (READ lane): at once, or where the request has the option
 * as_of, after asking which snapshot was current then.
 *
 * Takes   ask: kept until then. Where it names a snapshot, as_of is no option.
 * Fails   as selection_make; PROBLEM_BAD_QUERY: as_of is no time, lies in the future, or snapshot
 *         stands beside it; PROBLEM_BUSY: that snapshot is not in the catalogue yet.
 * Source  sql/snapshot/snapshot_at.sql
 */
struct problem *as_of_select(struct request *rq, struct reply *rp, const struct selection_ask *ask,
                             as_of_then *then, void *context) MUST_USE;

#endif
