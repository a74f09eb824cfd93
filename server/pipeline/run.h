/*
 * A run: pinned inputs in, checked and published snapshots out, or nothing that a reader could see.
 *
 * Every step with a table is a transaction of its own: the author's SQL runs on a fresh connection
 * of the pipeline role, read-only and always rolled back, and its rows are streamed into a new
 * table on the owner's connection. When all tables are there and checked, one short transaction
 * makes the snapshots, moves the pointers and ends the run; so readers see all of a run or none.
 * Tables of a run that ended otherwise wait for a retry, then the steward drops them. run_execute
 * belongs to one thread; its watch may be read and stopped by another.
 */
#ifndef ENTREPOT_PIPELINE_RUN_H
#define ENTREPOT_PIPELINE_RUN_H

#include "run_watch.h"
#include "server/base/config.h"
#include "server/model/catalogue.h"

/* A run as it was taken from the queue. */
struct run_job {
    int64_t id;
    int64_t fence;
    int64_t workflow_id;
    const char *document;   /* the pipeline, JSON */
    const char *parameters; /* JSON object */
    const char *pins;       /* JSON object: states of inputs that were asked for */
    const char *expected;   /* JSON object: snapshots that must be current in the outputs */
    bool publish;
    int64_t as_of;
    int64_t first_id; /* what the SQL sees as run.id: of a retry, that of the run it repeats */
    const char *subject;
};

/* How long a run belongs to who took it, unless renewed. */
#define RUN_LEASE_SECONDS 15

/** Take the oldest queued run that may run now. instance: the server process, by name. */
struct problem *run_take(struct db *db, struct arena *arena, const char *instance,
                         struct run_job *out_job, bool *out_found) MUST_USE;

struct run_services {
    struct db *owner; /* this thread's */
    const char *pipeline_conninfo;
    struct catalogue_cell *catalogue;
    const struct config *config;
};

/**
 * Execute a run to its last state, which is stored.
 *
 * Fails   only when the last state could not be stored (PROBLEM_STORE): the lease will end it.
 */
struct problem *run_execute(struct arena *arena, const struct run_services *services,
                            const struct run_job *job, struct run_watch *watch) MUST_USE;

#endif
