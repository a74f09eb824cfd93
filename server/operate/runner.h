/*
 * The runner: takes queued runs from the database and executes them.
 *
 * A few threads with a connection each execute (run-workers); one more watches (progress, lease,
 * time limit, cancel requests). Several server processes may each have a runner; the queue is in
 * Postgres. runner_wake may be called by any thread; start and stop by main.
 */
#ifndef ENTREPOT_OPERATE_RUNNER_H
#define ENTREPOT_OPERATE_RUNNER_H

#include "server/base/config.h"
#include "server/model/catalogue.h"

struct runner;

struct runner_options {
    const char *owner_conninfo;
    const char *pipeline_conninfo;
    const char *instance; /* name of this server process */
    const struct config *config;
    struct catalogue_cell *catalogue;
    /* called after a run ended, on the runner's thread: the catalogue may have changed */
    void (*changed)(void *context);
    void *context;
};

/** The options are copied; what they point to must outlive the runner. */
struct runner *runner_start(const struct runner_options *options);

/** There may be work. */
void runner_wake(struct runner *runner);

/** Stop; a run under way is given until grace_ms, then cancelled and marked. NULL-safe. */
void runner_stop(struct runner *runner, int64_t grace_ms);

#endif
