/*
 * Apply: the folder becomes what the database holds, in one transaction, or nothing changes.
 *
 * The folder was checked by itself already. Here it is compared with the catalogue: what is new,
 * what changed, what is gone; whether a change would break those who use a published contract;
 * whether the pipelines fit the datasets. Applying the same folder twice changes nothing. One
 * thread; the advisory lock keeps other servers out meanwhile.
 */
#ifndef ENTREPOT_OPERATE_APPLY_H
#define ENTREPOT_OPERATE_APPLY_H

#include "server/model/catalogue.h"
#include "server/model/folder.h"

/* What was done, one line each: `+ output dataset countries (contract countries 1.0.0)`. */
struct apply_plan {
    const char **lines;
    size_t count;
};

/**
 * Apply a folder.
 *
 * Takes   pipeline_conninfo: of the role that runs the tests of its pipelines.
 * Gives   *out_plan in arena; empty when nothing changed.
 * Fails   PROBLEM_INVALID_DOCUMENT with faults at their file and line; PROBLEM_SQL_REFUSED;
 *         PROBLEM_STORE.
 */
struct problem *apply_folder(struct db *db, struct arena *arena, const struct folder *folder,
                             const char *pipeline_conninfo, struct apply_plan *out_plan) MUST_USE;

/**
 * Check a pipeline, meaning and tests, over the datasets of a catalogue.
 * Fails   as pipeline_check and cases_run.
 */
struct problem *apply_check(struct db *db, struct arena *arena, const struct catalogue *catalogue,
                            const char *pipeline_conninfo,
                            const struct pipeline_document *document) MUST_USE;

/**
 * Store a version of a pipeline and make it current. Runs in a transaction of its own, or in the
 * caller's. The pipeline was checked already.
 *
 * Takes   by: the subject, or the folder.
 * Gives   *out_id of meta.workflow; *out_changed: false when it was stored and current already.
 * Fails   PROBLEM_CONFLICT: the version is stored with other content.
 */
struct problem *apply_pipeline(struct db *db, struct arena *arena,
                               const struct pipeline_document *document, const char *by,
                               int64_t *out_id, bool *out_changed) MUST_USE;

/** No version of a pipeline is current any more; its history stays. */
struct problem *apply_pipeline_retired(struct db *db, struct arena *arena,
                                       const char *name) MUST_USE;

#endif
