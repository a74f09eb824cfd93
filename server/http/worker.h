/*
 * Workers: a bounded pool of threads, each with a database connection and a coder of its own.
 *
 * A loop submits exchanges; a worker runs exchange_work on one at a time. Statements of clients
 * that have gone are cancelled by one more thread, since asking Postgres to cancel may wait for a
 * network. All functions but open and close may be called by any thread.
 */
#ifndef ENTREPOT_HTTP_WORKER_H
#define ENTREPOT_HTTP_WORKER_H

#include <stdbool.h>
#include <stddef.h>

struct exchange;
struct workers;

/** Takes conninfo: NULL gives the workers no database. Aborts when no thread can be made. */
struct workers *workers_open(size_t count, size_t queue_limit, const char *conninfo);

/** Waits for those who work; nothing may be queued any more. */
void workers_close(struct workers *workers);

/** Queue an exchange. False: too many wait already. */
bool workers_submit(struct workers *workers, struct exchange *exchange);

/** Take it back, if no worker has begun with it. */
bool workers_withdraw(struct workers *workers, struct exchange *exchange);

/** Cancel what runs on the connection of the worker that has it, if one has. Does not wait. */
void workers_cancel(struct workers *workers, struct exchange *exchange);

size_t workers_busy(struct workers *workers);
size_t workers_queued(struct workers *workers);

#endif
