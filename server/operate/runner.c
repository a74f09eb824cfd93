#include "runner.h"

#include "retention.h"
#include "server/base/clock.h"
#include "server/base/log.h"
#include "server/pipeline/run.h"
#include "sql.h"

#include <stdlib.h>
#include <string.h>

#define WATCH_MS 500
#define IDLE_MS 2000

/* A thread that executes runs, one after the other. */
struct slot {
    struct runner *runner;
    pthread_t thread;
    const struct run_job *job; /* under way, NULL between runs; these are under the runner's lock */
    struct run_watch *watch;
    int64_t deadline_ms; /* of the job */
};

struct runner {
    struct runner_options options;
    struct slot *slots;
    size_t slot_count;
    pthread_t watches;
    pthread_mutex_t lock; /* of all below */
    pthread_cond_t told;
    uint64_t calls;           /* grows with every call that there may be work */
    bool stopping;            /* take no more */
    size_t ended;             /* executing threads that are done */
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
    const struct timespec until = clock_monotonic_in(wait_ms);
    (void)pthread_cond_timedwait(&runner->told, &runner->lock, &until); /* the caller looks again */
}

static void show_job(struct slot *slot, const struct run_job *job, struct run_watch *watch)
{
    struct runner *runner = slot->runner;
    runner_lock(runner);
    slot->job = job;
    slot->watch = watch;
    slot->deadline_ms =
        clock_monotonic_ms() + config_number(runner->options.config, CONFIG_RUN_TIMEOUT);
    if (!job) /* what waited for its outputs may be taken by another thread */
        runner->calls++;
    (void)pthread_cond_broadcast(&runner->told); /* cannot fail */
    runner_unlock(runner);
}

/* A new snapshot may be one more than are kept. */
static void retire(struct runner *runner, struct db *db, struct arena *arena)
{
    int64_t retired = 0;
    bool changed;
    struct catalogue_cell *cell = runner->options.catalogue;
    CLEANUP(catalogue_release_at) const struct catalogue *catalogue = catalogue_acquire(cell);
    struct problem *problem =
        retention_retire(db, arena, catalogue, runner->options.config, &retired);
    if (!problem && retired)
        problem = catalogue_refresh(cell, db, arena, &changed);
    if (problem)
        log_problem("retire", problem);
}

/* Take one run and execute it. False when there was none, or the database is away. */
static bool run_one(struct slot *slot, struct db *db)
{
    struct runner *runner = slot->runner;
    CLEANUP(arena_free_at) struct arena *arena = arena_new(16 * 1024);
    struct run_job job;
    bool found = false;
    struct problem *problem = run_take(db, arena, runner->options.instance, &job, &found);
    if (problem || !found) {
        if (problem)
            log_problem("runner", problem);
        return false;
    }
    struct run_watch watch;
    run_watch_init(&watch);
    show_job(slot, &job, &watch);
    const struct run_services services = { db, runner->options.pipeline_conninfo,
                                           runner->options.catalogue, runner->options.config };
    int64_t started_ms = clock_monotonic_ms();
    problem = run_execute(arena, &services, &job, &watch);
    show_job(slot, NULL, NULL);
    if (problem)
        log_problem("run", problem);
    else
        retire(runner, db, arena);
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
    struct slot *slot = context;
    struct runner *runner = slot->runner;
    CLEANUP(db_close_at) struct db *db = db_open(runner->options.owner_conninfo, "entrepot runner");
    runner_lock(runner);
    while (!runner->stopping) {
        uint64_t calls = runner->calls;
        runner_unlock(runner);
        bool more = run_one(slot, db);
        runner_lock(runner);
        if (!more && runner->calls == calls && !runner->stopping)
            runner_wait(runner, IDLE_MS);
    }
    runner->ended++;
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
        db_int64(RUN_LEASE_SECONDS),
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

/* Postgres has no limit of its own that a pipeline could not raise again. */
static bool is_over_temp(struct db *db, struct run_watch *watch)
{
    int64_t limit = atomic_load(&watch->temp_limit);
    int pid = limit ? run_watch_backend(watch) : 0;
    if (!pid)
        return false;
    CLEANUP(arena_free_at) struct arena *arena = arena_new(1024);
    int64_t bytes = 0;
    const struct db_param in[] = { db_int32(pid) };
    const struct db_column out[] = { db_to_int64(&bytes) };
    struct problem *problem = db_one(db, arena, &sql_run_temp, in, COUNT(in), out, COUNT(out));
    if (problem)
        log_problem("run temporary space", problem);
    return bytes > limit;
}

static enum run_stop judge(const struct runner *runner, const struct slot *slot)
{
    int64_t now_ms = clock_monotonic_ms();
    if (runner->hard_deadline_ms && now_ms >= runner->hard_deadline_ms)
        return RUN_SHUTDOWN;
    return now_ms >= slot->deadline_ms ? RUN_OVERTIME : RUN_GOES_ON;
}

/* The lock is held, so that the job stays while it is looked after. */
static void look_after(struct slot *slot, struct db *db)
{
    struct run_watch *watch = slot->watch;
    enum run_stop stop = judge(slot->runner, slot);
    if (stop == RUN_GOES_ON)
        stop = report(db, slot->job, watch);
    if (stop == RUN_GOES_ON && is_over_temp(db, watch))
        stop = RUN_OVER_TEMP;
    if (stop == RUN_GOES_ON)
        return;
    run_watch_stop(watch, stop);
}

static void *watch_runs(void *context)
{
    struct runner *runner = context;
    CLEANUP(db_close_at) struct db *db = db_open(runner->options.owner_conninfo, "entrepot watch");
    runner_lock(runner);
    while (runner->ended < runner->slot_count) {
        runner_wait(runner, WATCH_MS);
        for (size_t i = 0; i < runner->slot_count; i++)
            if (runner->slots[i].job)
                look_after(&runner->slots[i], db);
    }
    runner_unlock(runner);
    return NULL;
}

struct runner *runner_start(const struct runner_options *options)
{
    struct runner *runner = calloc(1, sizeof *runner);
    size_t count = (size_t)config_number(options->config, CONFIG_RUN_WORKERS);
    struct slot *slots = calloc(count, sizeof *slots);
    if (!runner || !slots)
        abort();
    runner->options = *options;
    runner->slots = slots;
    runner->slot_count = count;
    pthread_condattr_t monotonic;
    if (pthread_condattr_init(&monotonic) || pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC)
        || pthread_cond_init(&runner->told, &monotonic) || pthread_mutex_init(&runner->lock, NULL)
        || pthread_create(&runner->watches, NULL, watch_runs, runner))
        abort(); /* no threads at start: there is nothing to serve with */
    for (size_t i = 0; i < count; i++) {
        slots[i].runner = runner;
        if (pthread_create(&slots[i].thread, NULL, execute, &slots[i]))
            abort(); /* as above */
    }
    (void)pthread_condattr_destroy(&monotonic); /* cannot fail */
    return runner;
}

void runner_wake(struct runner *runner)
{
    runner_lock(runner);
    runner->calls++;
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
    for (size_t i = 0; i < runner->slot_count; i++)
        (void)pthread_join(runner->slots[i].thread,
                           NULL); /* started by runner_start, joined once */
    (void)pthread_join(runner->watches, NULL);
    (void)pthread_cond_destroy(&runner->told);
    (void)pthread_mutex_destroy(&runner->lock);
    free(runner->slots);
    free(runner);
}
