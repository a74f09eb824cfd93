/*
 * What a watcher may see and do while a run is executed: progress, and stopping it.
 *
 * One thread executes and shows the connection that works for the run; another reads the counters
 * and may stop it. Everything else of a run belongs to the executing thread alone.
 */
#ifndef ENTREPOT_PIPELINE_RUN_WATCH_H
#define ENTREPOT_PIPELINE_RUN_WATCH_H

#include "server/db/db.h"

#include <pthread.h>
#include <stdatomic.h>

enum run_stop { RUN_GOES_ON, RUN_CANCELLED, RUN_OVERTIME, RUN_OVER_TEMP, RUN_FENCED, RUN_SHUTDOWN };

struct run_watch {
    _Atomic int64_t rows;
    _Atomic int64_t bytes;
    _Atomic(const char *) step; /* points into the job's arena */
    pthread_mutex_t lock;       /* of working */
    struct db *working;         /* the connection that works for the run; NULL between statements */
    _Atomic int64_t temp_limit; /* bytes of temporary files; 0: as the role is set */
    _Atomic int stop;           /* an enum run_stop */
    _Atomic int64_t stopped_ms; /* when it was first stopped, monotonic; 0: never */
};

void run_watch_init(struct run_watch *watch);
void run_watch_clear(struct run_watch *watch);

/** Show the connection that works now, or NULL. */
void run_watch_show(struct run_watch *watch, struct db *working);

/**
 * Stop it: what works is cancelled now, the run ends soon. Any thread; to be called again until the
 * run has ended: SQL that does not hear the cancel for two seconds loses its connection.
 */
void run_watch_stop(struct run_watch *watch, enum run_stop why);

/** The server process that works for the run now; 0: none. */
int run_watch_backend(struct run_watch *watch);

/** The problem of a run that was stopped; NULL while it goes on. */
struct problem *run_watch_problem(struct run_watch *watch, struct arena *arena) MUST_USE;

#endif
