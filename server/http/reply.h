/*
 * A reply as handlers make it: status, header fields, and a body that is ready or streamed.
 *
 * reply_json and reply_text take a finished body, reply_file one that lies in a file. A WORK
 * handler may stream instead: reply_begin, then reply_write as often as it likes (it waits while
 * the client is slow), and return NULL at the end; a problem returned after reply_begin cuts the
 * connection, so that it never looks like a clean end. A READ handler may end with one bounded
 * statement (reply_rows) or wait for an event (reply_park), also between the pieces of a body
 * (reply_feed). Content coding (zstd, gzip), ETag comparison of GET and HEAD, Server-Timing and the
 * log line are done here, not by handlers.
 */
#ifndef ENTREPOT_HTTP_REPLY_H
#define ENTREPOT_HTTP_REPLY_H

#include "coding.h"
#include "request.h"
#include "server/base/buffer.h"
#include "server/db/lane.h"

#include <jansson.h>

/** A header field; a second of the same name is added, not replaced. */
void reply_header(struct reply *rp, const char *name, const char *format, ...) PRINTF_LIKE(3, 4);

/** A header field that no client had a part in, and which is not Content-Type. Both texts must live
 * as long as the request: nothing is printed, copied or looked through. */
void reply_own_header(struct reply *rp, const char *name, const char *value);

/** Takes over json; a NULL becomes PROBLEM_INTERNAL. application/json unless a Content-Type is set.
 */
struct problem *reply_json(struct request *rq, struct reply *rp, int status, json_t *json) MUST_USE;

/** data must live as long as the request (its arena, or constant). */
struct problem *reply_text(struct request *rq, struct reply *rp, int status, const char *media_type,
                           const char *data, size_t size) MUST_USE;

/**
 * A file as the body, sent from its descriptor without passing through memory: 200, or the one
 * range that Range asks for (206), where If-Range lets it. HEAD too.
 *
 * Takes   coding: that the file is in already; what is asked for, counted and tagged is the file.
 *         fd: becomes the reply's, also when it fails; size: of the whole file, which must not
 *         change any more. An ETag, set by reply_not_modified before, makes If-Range work.
 * Fails   PROBLEM_RANGE: the range begins beyond the end.
 */
struct problem *reply_file(struct request *rq, struct reply *rp, const char *media_type,
                           enum coding coding, int fd, int64_t size) MUST_USE;

/** Room for a body that is written piece by piece, empty at first. It belongs to the request and is
 *  used again by the next one: nothing is copied. reply_json writes there too. */
struct buffer *reply_buffer(struct request *rq);

/** The reply is what was written to reply_buffer, which is not to be touched again. */
struct problem *reply_buffered(struct request *rq, struct reply *rp, int status,
                               const char *media_type) MUST_USE;

/** The reply to HEAD where nobody knows how long what GET sends would be: it tells no length. */
struct problem *reply_head(struct request *rq, struct reply *rp, int status,
                           const char *media_type) MUST_USE;

/** A reply without a body: 204, 304, 303 with Location. */
struct problem *reply_empty(struct request *rq, struct reply *rp, int status) MUST_USE;

/**
 * Do the conditions of the request leave nothing to do? Then the reply is made, and the handler
 * ends: a 304 where If-None-Match names this entity tag, a 412 where If-Match does not (RFC 9110
 * §13.2.2). Sets ETag else. Takes etag: the opaque part, without quotes.
 */
bool reply_not_modified(struct request *rq, struct reply *rp, const char *etag);

/** Begin a streamed body (WORK lane). */
struct problem *reply_begin(struct request *rq, struct reply *rp, int status,
                            const char *media_type) MUST_USE;

/** Fails when the client has gone or is slower than min-rate; hand it up. */
struct problem *reply_write(struct request *rq, struct reply *rp, const void *data,
                            size_t size) MUST_USE;

/**
 * End a READ handler with one bounded statement.
 *
 * Takes   query: in the request's arena. finish: makes the reply from the rows, on the loop; it may
 *         end with another reply_rows. sqlstate: "" unless the statement failed, in which case rows
 *         is NULL and problem says why; finish may answer in its place or return it.
 */
typedef struct problem *reply_finish(struct request *rq, struct reply *rp, void *context,
                                     struct problem *problem, const char *sqlstate,
                                     const struct lane_rows *rows);
struct problem *reply_rows(struct request *rq, struct reply *rp, const struct db_query *query,
                           reply_finish *finish, void *context) MUST_USE;

/**
 * Wait (READ lane, ROUTE_MAY_PARK): the handler is called again after the next http_signal, or when
 * wait_ms are over since it first parked. Too many waiting: PROBLEM_BUSY.
 */
struct problem *reply_park(struct request *rq, struct reply *rp, int64_t wait_ms) MUST_USE;

/** Has the handler parked before and is its time over? */
bool reply_park_is_over(const struct request *rq);

/** Is the server being stopped? Who waits must come to an end. */
bool reply_is_stopping(const struct request *rq);

/**
 * Begin a feed (READ lane, ROUTE_MAY_PARK): a streamed body that the handler writes bit by bit on
 * the loop, without a worker. It writes what there is to say with reply_feed, parks, is called
 * again, and ends with reply_feed_end; in a feed each reply_park counts its time anew. A problem
 * returned after this cuts the connection. Too many feeds and parked requests: PROBLEM_BUSY.
 */
struct problem *reply_feed_begin(struct request *rq, struct reply *rp, int status,
                                 const char *media_type) MUST_USE;

/** Fails when half a megabyte waits for a client that does not read. */
struct problem *reply_feed(struct request *rq, const void *data, size_t size) MUST_USE;
void reply_feed_end(struct request *rq, struct reply *rp);

/** A READ handler that finds it must wait: give the request to a worker, which runs handle. */
struct problem *reply_by_worker(struct request *rq, struct reply *rp,
                                struct problem *(*handle)(struct request *,
                                                          struct reply *)) MUST_USE;

/** The same for an answer that may take as long as its reader does: it has workers of its own, so
 *  that the others are there for what is short. */
struct problem *reply_by_stream(struct request *rq, struct reply *rp,
                                struct problem *(*handle)(struct request *,
                                                          struct reply *)) MUST_USE;

#endif
