/*
 * The read lane's connections: a few per event loop, in libpq's pipeline mode, never waiting.
 *
 * Statements of many clients travel in one batch: lane_send queues, lane_flush (once per turn of
 * the loop) sends a Sync and the bytes; when the socket is ready lane_ready reads what came and
 * calls `done` for each finished statement. Prepared statements are cached per connection by their
 * text. A batch is one implicit transaction: when one statement fails, those behind it come back
 * aborted and are sent again alone (reads only, so that is safe). Of two or more connections the
 * last one takes no costly statements, so that quick ones never wait behind them. A lost connection
 * is opened again, without blocking; statements meanwhile wait, or fail with PROBLEM_STORE after
 * the timeout. All of it belongs to one loop thread.
 */
#ifndef ENTREPOT_DB_LANE_H
#define ENTREPOT_DB_LANE_H

#include "stream.h"

struct lane;

/* Rows of a finished statement; only inside `done`. */
struct lane_rows;
size_t lane_row_count(const struct lane_rows *rows);
size_t lane_column_count(const struct lane_rows *rows);
struct db_value lane_value(const struct lane_rows *rows, size_t row, size_t column);
/** The first values of a row, which costs half of asking for each. */
void lane_row(const struct lane_rows *rows, size_t row, size_t count, struct db_value *out_values);

/**
 * A statement ended.
 *
 * Takes   rows: NULL when problem is set; sqlstate: of the failure, "" otherwise. The problem lives
 *         in the arena that was given to lane_send.
 */
typedef void lane_done(void *context, struct problem *problem, const char *sqlstate,
                       const struct lane_rows *rows);

/** Takes timeout_ms: statement_timeout, and how long a statement may wait for a connection. */
struct lane *lane_open(const char *conninfo, int connections, int64_t timeout_ms);
/** Calls `done` with PROBLEM_STORE for what is still under way; it may send nothing more. */
void lane_close(struct lane *lane);

/** Sockets to watch: calls watch for each descriptor and its wanted events (EPOLLIN, EPOLLOUT), at
 *  once and whenever they change; events 0: forget it. libpq closes sockets by itself: one to
 * forget may be closed already (EBADF and ENOENT are no matter), and its number may come again as
 * another, so one that cannot be modified is to be added. */
typedef void lane_watch(void *context, int fd, unsigned events);
void lane_set_watch(struct lane *lane, lane_watch *watch, void *context);

/** Queue a bounded read-only statement. arena must live until done was called; text, params too.
 *  Parameters travel in text or binary as their db_type says; results are binary. */
void lane_send(struct lane *lane, struct arena *arena, const struct db_query *query,
               lane_done *done, void *context);

/** Take back the statements of a client that has gone: done is never called for this context, and
 * its arena may go. */
void lane_forget(struct lane *lane, const void *context);

/** Once per turn of the loop, after lane_ready and lane_tick: send what was queued, also what came
 * back and must be sent again. */
void lane_flush(struct lane *lane);

/** The socket is ready. */
void lane_ready(struct lane *lane, int fd, unsigned events);

/** Once a second or so: reconnect, time out. */
void lane_tick(struct lane *lane);

/** Statements sent and not answered; open connections. For metrics and the ready check. */
size_t lane_pending(const struct lane *lane);
int lane_connected(const struct lane *lane);

#endif
