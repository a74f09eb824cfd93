/*
 * Retention: which snapshots, tables and runs are still kept.
 *
 * Snapshots are retired by the retention of the pipeline that makes them; their tables are dropped
 * after a grace, never waiting behind a reader; runs are forgotten when they are old and nothing is
 * left of them. Nothing that is current, pinned, or read by an open run goes. One thread at a time
 * per connection; several servers may do it at once.
 */
#ifndef ENTREPOT_OPERATE_RETENTION_H
#define ENTREPOT_OPERATE_RETENTION_H

#include "server/base/config.h"
#include "server/model/catalogue.h"

struct retention_done {
    int64_t retired;   /* snapshots */
    int64_t dropped;   /* tables */
    int64_t forgotten; /* runs */
};

/** One round of all of it. */
struct problem *retention_apply(struct db *db, struct arena *arena,
                                const struct catalogue *catalogue, const struct config *config,
                                struct retention_done *out_done) MUST_USE;

/** Retire the snapshots that are no longer kept, and tell every server. */
struct problem *retention_retire(struct db *db, struct arena *arena,
                                 const struct catalogue *catalogue, const struct config *config,
                                 int64_t *out_retired) MUST_USE;

/**
 * Drop the tables nobody may need any more.
 *
 * Takes   retired_before_at: of snapshots retired before it; failed_before_at: of runs that failed
 *         before it.
 */
struct problem *retention_collect(struct db *db, struct arena *arena, int64_t retired_before_at,
                                  int64_t failed_before_at, int64_t *out_dropped) MUST_USE;

#endif
