/*
 * Workers: a bounded pool of threads, each with a database connection and a coder of its own.
 *
 * A server has two such pools, so that what takes long never keeps short requests waiting: see
 * server.h. A loop submits exchanges; a worker runs exchange_work on one at a time. Statements of
 * clients that have gone are cancelled by one more thread, since asking Postgres to cancel may wait
 * for a network. All functions but open and close may be called by any thread.
 */
#ifndef ENTREPOT_HTTP_WORKER_H
#define ENTREPOT_HTTP_WORKER_H

#include "server/base/problem.h"

struct exchange;
struct workers;

struct workers_options {
    size_t count;
    size_t queue_limit;
    const char *conninfo;  /* NULL gives the workers no database */
    const char *name;      /* of their connections, as Postgres shows it */
    int64_t statement_ms;  /* what a statement may take */
    const char *busy;      /* what a client is told when the queue is full */
    int64_t retry_after_s; /* and when to come again */
};

/** Takes options: whose texts outlive the workers. Aborts when no thread can be made. */
struct workers *workers_open(const struct workers_options *options);

/** Waits for those who work; nothing may be queued any more. */
void workers_close(struct workers *workers);

/** Queue an exchange. False: too many wait already. */
bool workers_submit(struct workers *workers, struct exchange *exchange);

/** Take it back, if no worker has begun with it. */
bool workers_withdraw(struct workers *workers, struct exchange *exchange);

/** Cancel what runs on the connection of the worker that has it, if one has. Does not wait. */
void workers_cancel(struct workers *workers, struct exchange *exchange);

/** The problem of one who found the queue full, or waited there too long. */
struct problem *workers_too_busy(const struct workers *workers, struct arena *arena)
    __attribute__((returns_nonnull));

size_t workers_busy(struct workers *workers);
size_t workers_queued(struct workers *workers);

#endif
