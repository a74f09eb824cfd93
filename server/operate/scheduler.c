#include "scheduler.h"

#include "server/base/clock.h"
#include "server/base/log.h"
#include "sql.h"

#include <pthread.h>
#include <stdlib.h>

/* The longest sleep: a clock that was set is noticed after it. */
#define ROUND_MS 60000

/* The database is away, or a trigger cannot be fired: do not try again at once. */
#define FAILED_MS 5000

struct scheduler {
    struct scheduler_options options;
    pthread_t thread;
    pthread_mutex_t lock; /* of all below */
    pthread_cond_t told;
    bool woken;
    bool stopping;
};

CLEANUP_DEFINE(struct db *, db_close)

static void scheduler_lock(struct scheduler *scheduler)
{
    (void)pthread_mutex_lock(&scheduler->lock); /* a plain mutex used rightly does not fail */
}

static void scheduler_unlock(struct scheduler *scheduler)
{
    (void)pthread_mutex_unlock(&scheduler->lock); /* as above */
}

/* Wait to be told, or for the time to pass; the lock is held before and after. */
static void scheduler_wait(struct scheduler *scheduler, int64_t wait_ms)
{
    const struct timespec until = clock_monotonic_in(wait_ms);
    while (!scheduler->woken && !scheduler->stopping)
        if (pthread_cond_timedwait(&scheduler->told, &scheduler->lock, &until))
            return; /* the time is over */
}

static struct problem *tick_now(struct scheduler *scheduler, struct db *db, struct arena *arena,
                                int64_t *out_wait_ms)
{
    struct scheduler_round round;
    int64_t now_at;
    const struct db_column out[] = { db_to_time(&now_at) };
    TRY(db_one(db, arena, &sql_trigger_clock, NULL, 0, out, COUNT(out)));
    TRY(scheduler_tick(db, arena, now_at, scheduler->options.missed_most, &round));
    if (round.runs) {
        const struct log_member line[] = { LOG_NUMBER("runs", round.runs) };
        log_line(LOG_INFO, "triggered", line, COUNT(line));
    }
    int64_t wait_ms = round.failures ? FAILED_MS : ROUND_MS;
    int64_t due_ms = (round.next_due_at - now_at) / 1000 + 1;
    *out_wait_ms = round.next_due_at && due_ms < wait_ms ? due_ms : wait_ms;
    return NULL;
}

/* Gives how long there is nothing to do. */
static int64_t tick(struct scheduler *scheduler, struct db *db)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(16 * 1024);
    int64_t wait_ms = FAILED_MS;
    struct problem *problem = tick_now(scheduler, db, arena, &wait_ms);
    if (problem)
        log_problem("scheduler", problem);
    return wait_ms;
}

static void *keep(void *context)
{
    struct scheduler *scheduler = context;
    CLEANUP(db_close_at)
    struct db *db = db_open(scheduler->options.owner_conninfo, "entrepot scheduler");
    scheduler_lock(scheduler);
    while (!scheduler->stopping) {
        scheduler->woken = false;
        scheduler_unlock(scheduler);
        int64_t wait_ms = tick(scheduler, db);
        scheduler_lock(scheduler);
        scheduler_wait(scheduler, wait_ms);
    }
    scheduler_unlock(scheduler);
    return NULL;
}

struct scheduler *scheduler_start(const struct scheduler_options *options)
{
    struct scheduler *scheduler = calloc(1, sizeof *scheduler);
    pthread_condattr_t monotonic;
    if (!scheduler)
        abort();
    scheduler->options = *options;
    if (pthread_condattr_init(&monotonic) || pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC)
        || pthread_cond_init(&scheduler->told, &monotonic)
        || pthread_mutex_init(&scheduler->lock, NULL)
        || pthread_create(&scheduler->thread, NULL, keep, scheduler))
        abort(); /* no thread at start: there is nothing to serve with */
    (void)pthread_condattr_destroy(&monotonic); /* cannot fail */
    return scheduler;
}

void scheduler_wake(struct scheduler *scheduler)
{
    scheduler_lock(scheduler);
    scheduler->woken = true;
    (void)pthread_cond_signal(&scheduler->told); /* cannot fail */
    scheduler_unlock(scheduler);
}

void scheduler_stop(struct scheduler *scheduler)
{
    if (!scheduler)
        return;
    scheduler_lock(scheduler);
    scheduler->stopping = true;
    (void)pthread_cond_signal(&scheduler->told); /* cannot fail */
    scheduler_unlock(scheduler);
    (void)pthread_join(scheduler->thread, NULL); /* started once, joined once */
    (void)pthread_cond_destroy(&scheduler->told);
    (void)pthread_mutex_destroy(&scheduler->lock);
    free(scheduler);
}
