/*
 * A request as handlers see it: parsed, routed, limited and authorised. Handlers never see
 * libmicrohttpd.
 *
 * The request owns its arena; everything handed out lives in it. On the READ lane all calls are
 * made by the loop thread; on the WORK lane by one worker, which may block in request_read.
 */
#ifndef ENTREPOT_HTTP_REQUEST_H
#define ENTREPOT_HTTP_REQUEST_H

#include "route.h"
#include "server/db/db.h"

struct principal;

struct request {
    struct arena *arena;
    const struct route *route;
    const struct principal *principal; /* NULL: no token was needed */
    struct db *db;                     /* of the worker; NULL on the READ lane */
    void *server;                      /* the shared state given to http_start */
    void *loop;            /* what the loop keeps for its handlers: http_hooks.loop_open */
    enum method method;    /* HEAD is kept apart from GET */
    const void *catalogue; /* what server_catalogue holds for it; NULL first */
    void *state;           /* the handlers' own, from one call to the next; NULL first */
};

struct request_option {
    const char *name;  /* percent-decoded */
    const char *value; /* percent-decoded, see percent_decode_option; "" where there is none */
};

/** The i-th {parameter} of the route's path. */
const char *request_path(const struct request *rq, size_t index);

/** The whole request target as it was sent. */
const char *request_target(const struct request *rq);

/** The path as it was sent, without the query. */
const char *request_raw_path(const struct request *rq);

/** A query option, or NULL. All of them, in order. */
const char *request_option(const struct request *rq, const char *name);
/** The same of a name that may be written as those of OData: in any case, with or without `$`. */
const char *request_query_option(const struct request *rq, const char *name);
const struct request_option *request_options(const struct request *rq, size_t *out_count);

/** A header field, caseless, or NULL. Two fields of one name are joined by ", ". */
const char *request_header(const struct request *rq, const char *name);

/** The base URL clients use, without a slash at its end: the configured one, else by Host. */
const char *request_base_url(const struct request *rq);

/** The trace id of `traceparent`, or one made here: 32 hexadecimal digits. */
const char *request_trace_id(const struct request *rq);

/**
 * Read from the body (WORK lane); waits for the client.
 *
 * Gives   *out_size bytes, 0 at the end of the body.
 * Fails   PROBLEM_BODY_TOO_LARGE, PROBLEM_TIMEOUT (too slow), PROBLEM_BAD_REQUEST (client gone).
 */
struct problem *request_read(struct request *rq, char *data, size_t capacity,
                             size_t *out_size) MUST_USE;

/** The whole body of a ROUTE_DOCUMENT (WORK lane), with a NUL behind it. */
struct problem *request_document(struct request *rq, const char **out_text,
                                 size_t *out_size) MUST_USE;

/** Call release(value) when the request is over, whatever becomes of it; latest first. For what a
 *  handler holds beyond its own call, such as its catalogue. On the thread that ends the request.
 */
void request_at_end(struct request *rq, void (*release)(void *value), void *value);

/** Has the client gone? For loops that would work in vain. */
bool request_is_gone(const struct request *rq);

#endif
