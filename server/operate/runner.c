#include "runner.h"

#include "server/base/clock.h"
#include "server/base/log.h"
#include "server/pipeline/run.h"
#include "sql.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LEASE_SECONDS 15
#define WATCH_MS 500
#define IDLE_MS 2000

struct runner {
    struct runner_options options;
    pthread_t executes;
    pthread_t watches;
    pthread_mutex_t lock; /* of all below */
    pthread_cond_t told;
    bool work;                 /* there may be a queued run */
    bool stopping;             /* take no more */
    bool ended;                /* the executing thread is done */
    const struct run_job *job; /* under way, NULL between runs */
    struct run_watch *watch;
    int64_t deadline_ms;      /* of the job */
    int64_t hard_deadline_ms; /* of a stop; 0 while not stopping */
};

CLEANUP_DEFINE(struct db *, db_close)

static void runner_lock(struct runner *runner)
{
    (void)pthread_mutex_lock(&runner->lock); /* a plain mutex used rightly does not fail */
}

static void runner_unlock(struct runner *runner)
{
    (void)pthread_mutex_unlock(&runner->lock); /* as above */
}

/* Wait for a change, or for the time to pass; the lock is held before and after. */
static void runner_wait(struct runner *runner, int64_t wait_ms)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_MONOTONIC, &until); /* cannot fail with this clock */
    until.tv_sec += wait_ms / 1000;
    until.tv_nsec += wait_ms % 1000 * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    (void)pthread_cond_timedwait(&runner->told, &runner->lock, &until); /* the caller looks again */
}

static struct problem *take(struct runner *runner, struct db *db, struct arena *arena,
                            struct run_job *job, bool *out_found)
{
    const struct db_param in[] = { db_text(runner->options.instance), db_int64(LEASE_SECONDS) };
    const struct db_column out[] = {
        db_to_int64(&job->id),      db_to_int64(&job->fence),     db_to_int64(&job->workflow_id),
        db_to_text(&job->document), db_to_text(&job->parameters), db_to_bool(&job->publish),
        db_to_time(&job->as_of),
    };
    return db_maybe(db, arena, &sql_run_take, in, COUNT(in), out, COUNT(out), out_found);
}

static void show_job(struct runner *runner, const struct run_job *job, struct run_watch *watch)
{
    runner_lock(runner);
    runner->job = job;
    runner->watch = watch;
    runner->deadline_ms =
        clock_monotonic_ms() + config_number(runner->options.config, CONFIG_RUN_TIMEOUT);
    (void)pthread_cond_broadcast(&runner->told); /* cannot fail */
    runner_unlock(runner);
}

/* Take one run and execute it. False when there was none, or the database is away. */
static bool run_one(struct runner *runner, struct db *db)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(16 * 1024);
    struct run_job job;
    bool found = false;
    struct problem *problem = take(runner, db, arena, &job, &found);
    if (problem || !found) {
        if (problem)
            log_problem("runner", problem);
        return false;
    }
    struct run_watch watch;
    run_watch_init(&watch);
    show_job(runner, &job, &watch);
    const struct run_services services = { db, runner->options.pipeline_conninfo,
                                           runner->options.catalogue, runner->options.config };
    int64_t started_ms = clock_monotonic_ms();
    problem = run_execute(arena, &services, &job, &watch);
    show_job(runner, NULL, NULL);
    if (problem)
        log_problem("run", problem);
    const struct log_member line[] = { LOG_NUMBER("run", job.id),
                                       LOG_NUMBER("rows", atomic_load(&watch.rows)),
                                       LOG_NUMBER("ms", clock_monotonic_ms() - started_ms) };
    log_line(LOG_INFO, "run ended", line, COUNT(line));
    run_watch_clear(&watch);
    runner->options.changed(runner->options.context);
    return true;
}

static void *execute(void *context)
{
    struct runner *runner = context;
    CLEANUP(db_close_at) struct db *db = db_open(runner->options.owner_conninfo, "entrepot runner");
    runner_lock(runner);
    while (!runner->stopping) {
        runner->work = false;
        runner_unlock(runner);
        bool more = run_one(runner, db);
        runner_lock(runner);
        if (!more && !runner->work && !runner->stopping)
            runner_wait(runner, IDLE_MS);
    }
    runner->ended = true;
    (void)pthread_cond_broadcast(&runner->told); /* cannot fail */
    runner_unlock(runner);
    return NULL;
}

/* Store the progress of the job, and learn whether it is to stop. */
static enum run_stop report(struct db *db, const struct run_job *job, struct run_watch *watch)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(1024);
    bool cancel = false;
    bool ours = true;
    const char *step = atomic_load(&watch->step);
    const struct db_param in[] = {
        db_int64(job->id),
        db_int64(job->fence),
        db_text(step ? step : ""),
        db_int64(atomic_load(&watch->rows)),
        db_int64(atomic_load(&watch->bytes)),
        db_int64(LEASE_SECONDS),
    };
    const struct db_column out[] = { db_to_bool(&cancel) };
    struct problem *problem =
        db_maybe(db, arena, &sql_run_progress, in, COUNT(in), out, COUNT(out), &ours);
    if (problem) {
        log_problem("run progress", problem);
        return RUN_GOES_ON;
    }
    return !ours ? RUN_FENCED : cancel ? RUN_CANCELLED : RUN_GOES_ON;
}

static enum run_stop judge(const struct runner *runner)
{
    int64_t now_ms = clock_monotonic_ms();
    if (runner->hard_deadline_ms && now_ms >= runner->hard_deadline_ms)
        return RUN_SHUTDOWN;
    return now_ms >= runner->deadline_ms ? RUN_OVERTIME : RUN_GOES_ON;
}

static void *watch_runs(void *context)
{
    struct runner *runner = context;
    CLEANUP(db_close_at) struct db *db = db_open(runner->options.owner_conninfo, "entrepot watch");
    runner_lock(runner);
    while (!runner->ended) {
        runner_wait(runner, WATCH_MS);
        if (!runner->job)
            continue;
        enum run_stop stop = judge(runner);
        if (stop == RUN_GOES_ON) /* under the lock, so that the job stays while it is reported */
            stop = report(db, runner->job, runner->watch);
        if (stop != RUN_GOES_ON)
            run_watch_stop(runner->watch, stop);
    }
    runner_unlock(runner);
    return NULL;
}

struct runner *runner_start(const struct runner_options *options)
{
    struct runner *runner = calloc(1, sizeof *runner);
    if (!runner)
        abort();
    runner->options = *options;
    pthread_condattr_t monotonic;
    if (pthread_condattr_init(&monotonic) || pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC)
        || pthread_cond_init(&runner->told, &monotonic) || pthread_mutex_init(&runner->lock, NULL)
        || pthread_create(&runner->executes, NULL, execute, runner)
        || pthread_create(&runner->watches, NULL, watch_runs, runner))
        abort(); /* no threads at start: there is nothing to serve with */
    (void)pthread_condattr_destroy(&monotonic); /* cannot fail */
    return runner;
}

void runner_wake(struct runner *runner)
{
    runner_lock(runner);
    runner->work = true;
    (void)pthread_cond_broadcast(&runner->told); /* cannot fail */
    runner_unlock(runner);
}

void runner_stop(struct runner *runner, int64_t grace_ms)
{
    if (!runner)
        return;
    runner_lock(runner);
    runner->stopping = true;
    runner->hard_deadline_ms = clock_monotonic_ms() + grace_ms;
    (void)pthread_cond_broadcast(&runner->told); /* cannot fail */
    runner_unlock(runner);
    (void)pthread_join(runner->executes, NULL); /* started by runner_start, joined once */
    (void)pthread_join(runner->watches, NULL);
    (void)pthread_cond_destroy(&runner->told);
    (void)pthread_mutex_destroy(&runner->lock);
    free(runner);
}
