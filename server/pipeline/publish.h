/*
 * Publishing: moving the pointer of a dataset, with compare and set.
 *
 * A run does it at its end; a staged run is published by hand later. Both only when nobody else has
 * published since the run began. One connection of the owner, one thread.
 */
#ifndef ENTREPOT_PIPELINE_PUBLISH_H
#define ENTREPOT_PIPELINE_PUBLISH_H

#include "server/db/db.h"

/** In the caller's transaction. *out_published false: another snapshot has become current. */
struct problem *publish_snapshot(struct db *db, struct arena *arena, int64_t snapshot_id,
                                 int64_t run_id, const char *subject, bool *out_published) MUST_USE;

/** Tell every server process that what is served has changed. In the caller's transaction. */
struct problem *publish_told(struct db *db, struct arena *arena) MUST_USE;

/**
 * Publish all that a staged run has made, in a transaction of its own.
 *
 * Gives   *out_published false: the run is not there, or not staged.
 * Fails   PROBLEM_CONFLICT: another run has published since it began.
 */
struct problem *publish_staged(struct db *db, struct arena *arena, int64_t run_id,
                               const char *subject, bool *out_published) MUST_USE;

#endif
