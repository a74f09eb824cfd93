#include "run_watch.h"

#include "server/base/clock.h"

#include <assert.h>
#include <string.h>

/* A cancel that was not heard for this long will not be heard soon: one call of a function in C. */
#define DEAF_MS 2000

void run_watch_init(struct run_watch *watch)
{
    memset(watch, 0, sizeof *watch);
    int failed = pthread_mutex_init(&watch->lock, NULL);
    assert(!failed);
}

void run_watch_clear(struct run_watch *watch)
{
    (void)pthread_mutex_destroy(&watch->lock); /* nobody holds it any more */
}

void run_watch_show(struct run_watch *watch, struct db *working)
{
    (void)pthread_mutex_lock(&watch->lock); /* a plain mutex used rightly does not fail */
    watch->working = working;
    (void)pthread_mutex_unlock(&watch->lock);
}

void run_watch_stop(struct run_watch *watch, enum run_stop why)
{
    int goes_on = RUN_GOES_ON;
    int64_t now_ms = clock_monotonic_ms();
    int64_t first_ms = 0; /* stays 0 the first time */
    (void)atomic_compare_exchange_strong(&watch->stop, &goes_on, (int)why); /* the first wins */
    (void)atomic_compare_exchange_strong(&watch->stopped_ms, &first_ms, now_ms);
    (void)pthread_mutex_lock(&watch->lock); /* as above */
    if (watch->working && first_ms && now_ms - first_ms >= DEAF_MS)
        db_break(watch->working);
    else if (watch->working)
        db_cancel(watch->working);
    (void)pthread_mutex_unlock(&watch->lock);
}

int run_watch_backend(struct run_watch *watch)
{
    (void)pthread_mutex_lock(&watch->lock); /* as above */
    int pid = watch->working ? db_backend_pid(watch->working) : 0;
    (void)pthread_mutex_unlock(&watch->lock);
    return pid;
}

struct problem *run_watch_problem(struct run_watch *watch, struct arena *arena)
{
    switch ((enum run_stop)atomic_load(&watch->stop)) {
    case RUN_CANCELLED:
        return problem_new(arena, &PROBLEM_CONFLICT, "the run was cancelled");
    case RUN_OVERTIME:
        return problem_new(arena, &PROBLEM_TIMEOUT, "the run took longer than it may");
    case RUN_OVER_TEMP:
        return problem_new(
            arena, &PROBLEM_CONFLICT,
            "its temporary files are larger than %lld MB, the limit of this pipeline",
            (long long)atomic_load(&watch->temp_limit) / (1024 * 1024));
    case RUN_FENCED:
        return problem_new(arena, &PROBLEM_CONFLICT, "the run was taken by another server");
    case RUN_SHUTDOWN:
        return problem_new(arena, &PROBLEM_BUSY,
                           "the server was stopped while the run was under way; run it again");
    case RUN_GOES_ON:
        break;
    }
    return NULL;
}
