/*
 * A run: pinned inputs in, checked and published snapshots out, or nothing at all.
 *
 * The SQL runs on a fresh connection of the pipeline role, in a read-only transaction that is
 * always rolled back; its rows are streamed into new tables on the owner's connection. Everything
 * the owner writes (tables, snapshots, pointer, the run's last state) is one transaction, so
 * readers see all of a run or none. run_execute belongs to one thread; run_watch may be read and
 * stopped by another.
 */
#ifndef ENTREPOT_PIPELINE_RUN_H
#define ENTREPOT_PIPELINE_RUN_H

#include "server/base/config.h"
#include "server/model/catalogue.h"

#include <pthread.h>
#include <stdatomic.h>

/* A run as it was taken from the queue. */
struct run_job {
    int64_t id;
    int64_t fence;
    int64_t workflow_id;
    const char *document;   /* the pipeline, JSON */
    const char *parameters; /* JSON object */
    bool publish;
    int64_t as_of;
};

/* What a watcher may see and do while a run is executed. */
struct run_watch {
    _Atomic int64_t rows;
    _Atomic int64_t bytes;
    _Atomic(const char *) step; /* points into the job's arena */
    pthread_mutex_t lock;       /* of pipeline */
    struct db *pipeline;        /* the connection that runs the SQL; NULL between steps */
    _Atomic int stop;           /* 0, or an enum run_stop */
    _Atomic int64_t stopped_ms; /* when it was first stopped, by the monotonic clock; 0: never */
};

enum run_stop { RUN_GOES_ON, RUN_CANCELLED, RUN_OVERTIME, RUN_FENCED, RUN_SHUTDOWN };

void run_watch_init(struct run_watch *watch);
void run_watch_clear(struct run_watch *watch);

/**
 * Stop it: the SQL is cancelled now, the run ends soon. Any thread; to be called again until the run
 * has ended: SQL that does not hear the cancel for two seconds loses its connection.
 */
void run_watch_stop(struct run_watch *watch, enum run_stop why);

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
