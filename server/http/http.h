/*
 * The HTTP server: event loops, workers, limits, drain.
 *
 * One loop thread per core, each with its own SO_REUSEPORT listener, its own libmicrohttpd daemon
 * in external epoll mode, and the read lane's connections; two bounded pools of workers with a
 * connection each, one for short requests and deliveries, one for long answers. http_start returns
 * when all listen; http_stop drains. Called by main alone; http_signal by any thread.
 */
#ifndef ENTREPOT_HTTP_HTTP_H
#define ENTREPOT_HTTP_HTTP_H

#include "reply.h"
#include "server/base/config.h"

struct http;

/* What the listener is given by its composer, so that it knows no port and no token. */
struct http_hooks {
    void *server;                                  /* becomes request.server */
    const struct route_set *const *routes;         /* ended by NULL */
    const struct route_set *const *control_routes; /* on control-listen alone; NULL: among routes */

    /* Per loop thread: state for its handlers (request.loop) and for authenticate. May be NULL. */
    void *(*loop_open)(void *server);
    void (*loop_close)(void *loop);

    /* On the loop thread, before any handler: check the token against the route's scope. Sets
     * rq->principal. Must not wait. Returns 401 and 403 problems; their WWW-Authenticate is set
     * with reply_header. NULL: routes that ask for a token are refused. */
    struct problem *(*authenticate)(struct request *rq, struct reply *rp);

    /* The subject for the log line, or NULL. */
    const char *(*subject)(const struct request *rq);
};

/**
 * Listen and serve.
 *
 * Takes   conninfo: of the read lane; worker_conninfo: of the workers; NULL where no route needs
 * one. arena, config and hooks must live until http_stop returned. Fails   PROBLEM_START: the
 * address is taken or not ours, with the address in the detail.
 */
struct problem *http_start(struct arena *arena, const struct config *config,
                           const struct http_hooks *hooks, const char *conninfo,
                           const char *worker_conninfo, struct http **out_http) MUST_USE;

/** The port listened on (for --listen …:0), and the one of control-listen or 0. */
int http_port(const struct http *http);
int http_control_port(const struct http *http);

/** Something changed: parked requests are looked at again. Any thread, also after http_stop. */
void http_signal(struct http *http);

/** Stop accepting, let requests end until drain-timeout, close. http_hurry ends the wait at once
 * and may be called from a signal's thread. */
void http_stop(struct http *http);
void http_hurry(struct http *http);

/* Counters, for /observability/metrics: read at any time by any thread. */
struct http_route_metrics {
    const struct route *route;   /* NULL: requests that found no route */
    uint64_t by_status_class[6]; /* [2] is 2xx */
    uint64_t bytes_in;
    uint64_t bytes_out;
    uint64_t duration_us;
    uint64_t duration_buckets[12]; /* not cumulative; bounds in http_duration_bounds_us */
};
extern const uint64_t http_duration_bounds_us[11]; /* the twelfth bucket is what is slower */

struct http_metrics {
    size_t connections;
    size_t workers_busy;
    size_t workers_queued;
    size_t streams_busy;
    size_t streams_queued;
    size_t parked;
    size_t lane_pending;
    int lane_connected;
    const struct http_route_metrics *routes; /* in arena */
    size_t route_count;
};
void http_metrics(struct http *http, struct arena *arena, struct http_metrics *out_metrics);

#endif
