/*
 * A server with routes made for tests, inside the test program, and a client of plain sockets.
 *
 * Every wait is bounded: what does not come in 20 seconds fails the test. One server per test.
 */
#ifndef ENTREPOT_TESTS_HTTP_CORE_FIXTURE_H
#define ENTREPOT_TESTS_HTTP_CORE_FIXTURE_H

#include "server/http/http.h"
#include "tests/unit/test.h"

#include <pthread.h>
#include <stdatomic.h>

#define PATIENCE_MS 20000

/* What the handlers of the test routes share with the tests. */
struct stage_hand {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    bool held;            /* /hold waits while it is set */
    int holding;          /* handlers that wait there */
    int parked;           /* how often /wait went to sleep */
    int failed;           /* handlers that were told that their client has gone */
    atomic_int event;     /* what /wait waits for */
    atomic_llong written; /* bytes /big has written */
};

/* The routes, in routes.c. */
extern const struct route_set *const test_sets[];
extern const struct route_set *const test_control_sets[];

/* A database for the server that is started next; NULL: none. */
extern const char *server_conninfo;

extern struct stage_hand hand;
extern struct http *server;
extern int port;

/** Takes options such as "--request-timeout=200ms"; NULL ends them. Listens on a free port. */
void server_start(const char *const *options);
void server_stop(void);

/** Let the handlers of /hold go on. */
void hand_release(void);

/** Wait until one of hand's counts is at least this. */
void hand_await(const int *number, int count);

/** Wait until a number of the server's metrics is as told. */
void metric_await(size_t (*read)(const struct http_metrics *metrics), size_t value);

/** A connection of its own; a text or bytes sent on it. */
int client_open(void);
void client_send(int fd, const char *text);
void client_send_bytes(int fd, const void *data, size_t size);

struct answer {
    int status;
    char head[4096];      /* status line and fields */
    char body[64 * 1024]; /* de-chunked, what fits */
    size_t size;          /* bytes of the body, all of them */
    bool whole;           /* its end was seen, not only that of the connection */
};

/** Read one answer. Takes is_head: no body follows. */
void client_read(int fd, bool is_head, struct answer *out);

/** Is the connection closed by the server, with nothing before it? */
bool client_is_closed(int fd);

/** The value of a field of the answer in a buffer of its own, or NULL. */
const char *field(const struct answer *answer, const char *name, char out[256]);

/** Send and read on a new connection. */
void ask(const char *request, struct answer *out);

#endif
