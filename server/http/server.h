/*
 * What the files of this room share: the server, its loops, its connections. Private to
 * server/http.
 *
 * struct http is fixed once the threads run, but for `stage`. A struct loop belongs to its thread;
 * what other threads may touch is marked. A struct client is one connection, owned by its loop from
 * accept to close.
 */
#ifndef ENTREPOT_HTTP_SERVER_H
#define ENTREPOT_HTTP_SERVER_H

#include "accesslog.h"
#include "coding.h"
#include "http.h"
#include "metrics.h"
#include "refusal.h"
#include "reply.h"
#include "worker.h"

#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>

struct exchange;

enum stage { STAGE_SERVING, STAGE_DRAINING, STAGE_CUTTING };

struct limits {
    size_t connections;
    size_t connections_per_ip;
    size_t parked;
    size_t header_bytes;
    size_t uri_bytes;
    uint64_t body_bytes;
    uint64_t document_bytes;
    int64_t idle_ms;
    int64_t request_ms;
    int64_t drain_ms;
    int64_t read_ms;
    int64_t queue_ms;   /* waiting for a worker */
    int64_t least_rate; /* bytes per second; 0 is any */
};

struct http {
    struct http_hooks hooks;
    struct limits limits;
    const char *public_url; /* without a slash at its end; NULL: by Host */
    const char *conninfo;   /* of the lanes; NULL: no database for the read lane */
    int lane_connections;
    bool parses_in_place; /* libmicrohttpd is the version hygiene.c knows */
    refusal_queue *queue_response;
    struct route_index index;
    struct workers *workers; /* what is short: documents; and deliveries */
    struct workers *streams; /* what may be long: rows, however many and however slowly taken */
    struct loop *loops;
    size_t loop_count;
    int port;
    int control_port;
    atomic_int stage; /* enum stage */
};

/* What an event of the loop's epoll is about; the first member of what it points to. */
enum watch_kind { WATCH_DAEMON, WATCH_WAKE, WATCH_LANE, WATCH_CLIENT, WATCH_LINGER };
struct watch {
    enum watch_kind kind;
    int fd;
};

struct listener {
    struct watch watch; /* the daemon's own epoll */
    struct loop *loop;
    const struct route_set *const *routes;
    struct MHD_Daemon *daemon;
    int socket;
};

struct client {
    struct watch watch; /* the connection, for hang-ups only; see loop_watch_hangup */
    struct client *next;
    struct client **link; /* what points here */
    struct loop *loop;
    struct exchange *exchange; /* under way, or NULL */
    int64_t since_ms;          /* accepted, or the last exchange ended */
    uint64_t exchanges;
    bool hangup_watched;
    bool has_ended; /* the client sends no more; what it sent may not be read yet */
    bool lingers;   /* is closed with bytes of the client unread */
    bool doomed;    /* shut down by us; libmicrohttpd will notice */
};

struct lane_socket {
    struct watch watch; /* fd -1: free */
    struct lane_socket *next;
};

struct lingering;

#define LOOP_LISTENERS 2

struct loop {
    struct http *http;
    pthread_t thread;
    struct listener listeners[LOOP_LISTENERS];
    size_t listener_count;
    struct watch wake; /* an eventfd */
    int epoll_fd;
    struct lane *lane;
    struct lane_socket *lane_sockets;
    void *state; /* http_hooks.loop_open */
    struct coder *coder;
    struct arena *scratch;
    struct access_log log;
    struct route_counters *counters; /* by route_index; written here, read anywhere */
    struct client *clients;
    struct exchange *spare; /* ended, for reuse */
    size_t spare_count;
    size_t exchange_count; /* under way, or waiting for their worker */
    struct exchange *parked;
    size_t parked_count; /* with all feeds */
    struct lingering *lingering;
    int64_t now_ms;
    int64_t sweep_at_ms;
    int64_t quiet_at_ms; /* end of accepting, once a stop began */
    int64_t cut_at_ms;   /* end of the drain */
    bool quiet;          /* accepts no more */
    uint64_t random[2];

    /* any thread */
    pthread_mutex_t inbox_mutex;
    struct exchange *inbox;
    struct exchange **inbox_end;
    atomic_bool signalled;
    atomic_size_t gauge_connections;
    atomic_size_t gauge_parked;
    atomic_size_t gauge_pending;
    atomic_int gauge_connected;
};

#endif
