#include "exchange.h"

#include "server/base/clock.h"

#include <assert.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

/* Between two tries to cancel what a worker does for a client that has gone. */
#define CANCEL_PAUSE_MS 200

struct worker {
    struct workers *workers;
    pthread_t thread;
    struct db *db;
    struct coder *coder;
    struct exchange *current; /* guarded by the workers' mutex */
    bool cancelling;          /* likewise: the worker may not go on to another exchange */
    bool wants_cancel;        /* likewise */
};

struct workers {
    pthread_mutex_t mutex;
    pthread_cond_t queued;    /* there is an exchange, or the end */
    pthread_cond_t wanted;    /* something is to be cancelled, or the end */
    pthread_cond_t cancelled; /* the canceller is through with one */
    struct exchange *first;
    struct exchange **last;
    size_t queue_count;
    size_t busy_count;
    bool closing;
    pthread_t canceller;
    struct workers_options options; /* fixed */
    struct worker list[];
};

static void lock(struct workers *workers)
{
    int failed = pthread_mutex_lock(&workers->mutex);
    assert(!failed);
}

static void unlock(struct workers *workers)
{
    int failed = pthread_mutex_unlock(&workers->mutex);
    assert(!failed);
}

static struct exchange *take(struct workers *workers)
{
    struct exchange *exchange = workers->first;
    workers->first = exchange->queue_next;
    if (!workers->first)
        workers->last = &workers->first;
    workers->queue_count--;
    return exchange;
}

static void *work(void *argument)
{
    struct worker *worker = argument;
    struct workers *workers = worker->workers;
    lock(workers);
    for (;;) {
        while (!workers->first && !workers->closing)
            (void)pthread_cond_wait(&workers->queued, &workers->mutex);
        if (!workers->first)
            break;
        struct exchange *exchange = take(workers);
        worker->current = exchange;
        workers->busy_count++;
        unlock(workers);
        exchange_work(exchange, worker->db, worker->coder);
        lock(workers);
        worker->current = NULL;
        worker->wants_cancel = false;
        /* a cancel under way must not hit the next exchange's statement */
        while (worker->cancelling)
            (void)pthread_cond_wait(&workers->cancelled, &workers->mutex);
        workers->busy_count--;
    }
    unlock(workers);
    return NULL;
}

/* Cancel for every worker that is asked to stop. Holds the lock, but not while it cancels; tells
 * whether there was one. */
static bool cancel_all(struct workers *workers)
{
    bool any = false;
    for (size_t i = 0; i < workers->options.count; i++) {
        struct worker *worker = &workers->list[i];
        if (!worker->wants_cancel)
            continue;
        any = true;
        worker->cancelling = true;
        unlock(workers);
        db_cancel(worker->db);
        lock(workers);
        worker->cancelling = false;
        (void)pthread_cond_broadcast(&workers->cancelled);
    }
    return any;
}

static void *cancel(void *argument)
{
    struct workers *workers = argument;
    lock(workers);
    while (!workers->closing) {
        /* a cancel that came before its statement did is lost: it is sent until the worker is done
         */
        if (!cancel_all(workers)) {
            (void)pthread_cond_wait(&workers->wanted, &workers->mutex);
            continue;
        }
        const struct timespec until = clock_monotonic_in(CANCEL_PAUSE_MS);
        (void)pthread_cond_timedwait(&workers->wanted, &workers->mutex, &until);
    }
    unlock(workers);
    return NULL;
}

static bool cond_init(pthread_cond_t *cond)
{
    pthread_condattr_t monotonic;
    return pthread_condattr_init(&monotonic) == 0
           && pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC) == 0
           && pthread_cond_init(cond, &monotonic) == 0;
}

static pthread_t start(void *(*run)(void *argument), void *argument)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, run, argument) != 0)
        abort();
    return thread;
}

/* One request has one process of Postgres: it takes no others to its help, and does not run on when
 * its client takes little at a time. */
static struct db *open_db(const struct workers_options *options)
{
    char settings[128];
    (void)snprintf(settings, sizeof settings,
                   "-c statement_timeout=%lld -c max_parallel_workers_per_gather=0",
                   (long long)options->statement_ms); /* it fits */
    return db_open_with(options->conninfo, options->name, settings);
}

struct workers *workers_open(const struct workers_options *options)
{
    size_t count = options->count;
    struct workers *workers = calloc(1, sizeof *workers + count * sizeof workers->list[0]);
    if (!workers || pthread_mutex_init(&workers->mutex, NULL) != 0 || !cond_init(&workers->queued)
        || !cond_init(&workers->wanted) || !cond_init(&workers->cancelled))
        abort();
    workers->last = &workers->first;
    workers->options = *options;
    workers->canceller = start(cancel, workers);
    for (size_t i = 0; i < count; i++) {
        struct worker *worker = &workers->list[i];
        worker->workers = workers;
        worker->db = options->conninfo ? open_db(options) : NULL;
        worker->coder = coder_new(CODER_FOR_ANSWER);
        worker->thread = start(work, worker);
    }
    return workers;
}

static void join(pthread_t thread)
{
    int failed = pthread_join(thread, NULL);
    assert(!failed);
}

void workers_close(struct workers *workers)
{
    lock(workers);
    assert(!workers->first);
    workers->closing = true;
    (void)pthread_cond_broadcast(&workers->queued);
    (void)pthread_cond_broadcast(&workers->wanted);
    unlock(workers);
    for (size_t i = 0; i < workers->options.count; i++)
        join(workers->list[i].thread);
    join(workers->canceller);
    for (size_t i = 0; i < workers->options.count; i++) {
        db_close(workers->list[i].db);
        coder_free(workers->list[i].coder);
    }
    (void)pthread_cond_destroy(&workers->queued);
    (void)pthread_cond_destroy(&workers->wanted);
    (void)pthread_cond_destroy(&workers->cancelled);
    (void)pthread_mutex_destroy(&workers->mutex);
    free(workers);
}

bool workers_submit(struct workers *workers, struct exchange *exchange)
{
    lock(workers);
    bool taken = workers->queue_count < workers->options.queue_limit;
    if (taken) {
        exchange->queue_next = NULL;
        *workers->last = exchange;
        workers->last = &exchange->queue_next;
        workers->queue_count++;
        (void)pthread_cond_signal(&workers->queued);
    }
    unlock(workers);
    return taken;
}

bool workers_withdraw(struct workers *workers, struct exchange *exchange)
{
    lock(workers);
    struct exchange **at = &workers->first;
    while (*at && *at != exchange)
        at = &(*at)->queue_next;
    bool found = *at != NULL;
    if (found) {
        *at = exchange->queue_next;
        if (!*at)
            workers->last = at;
        workers->queue_count--;
    }
    unlock(workers);
    return found;
}

void workers_cancel(struct workers *workers, struct exchange *exchange)
{
    lock(workers);
    for (size_t i = 0; i < workers->options.count; i++) {
        struct worker *worker = &workers->list[i];
        if (worker->current != exchange || !worker->db)
            continue;
        worker->wants_cancel = true;
        (void)pthread_cond_signal(&workers->wanted);
    }
    unlock(workers);
}

struct problem *workers_too_busy(const struct workers *workers, struct arena *arena)
{
    struct problem *busy = problem_new(arena, &PROBLEM_BUSY, "%s", workers->options.busy);
    problem_add_number(arena, busy, "retry_after", workers->options.retry_after_s);
    return busy;
}

size_t workers_busy(struct workers *workers)
{
    lock(workers);
    size_t busy = workers->busy_count;
    unlock(workers);
    return busy;
}

size_t workers_queued(struct workers *workers)
{
    lock(workers);
    size_t queued = workers->queue_count;
    unlock(workers);
    return queued;
}
