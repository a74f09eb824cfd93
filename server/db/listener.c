#include "listener.h"

#include "conninfo.h"
#include "db.h"
#include "failure.h"
#include "server/base/clock.h"

#include <limits.h>
#include <poll.h>
#include <string.h>

#define CONNECT_TIMEOUT_MS 10000

CLEANUP_DEFINE(PGresult *, PQclear)

enum state { CLOSED, CONNECTING, SUBSCRIBING, LISTENING };

struct listener {
    struct arena *arena; /* for as long as the listener lives */
    const struct conninfo *conninfo;
    const char *subscribe; /* LISTEN and the channel */
    PGconn *connection;
    enum state state;
    short wanted;     /* events of the socket to wait for */
    int64_t since_ms; /* when opening began */
    bool subscribed;  /* the command was answered well */
};

struct listener *listener_open(const char *conninfo, const char *channel)
{
    struct arena *arena = arena_new(2048);
    struct listener *listener = arena_new_of(arena, struct listener);
    listener->arena = arena;
    listener->conninfo = conninfo_new(arena, conninfo, "entrepot listener", NULL);
    listener->subscribe = arena_print(arena, "LISTEN %s", db_identifier(arena, channel));
    return listener;
}

static void close_it(struct listener *listener)
{
    PQfinish(TAKE(listener->connection));
    listener->state = CLOSED;
}

void listener_close(struct listener *listener)
{
    if (!listener)
        return;
    close_it(listener);
    arena_free(listener->arena);
}

static struct problem *failed(struct listener *listener, struct arena *arena)
{
    const char *why = conninfo_failure(arena, listener->conninfo, listener->connection);
    struct problem *problem = failure_problem(arena, FAILURE_NOT_CONNECTED, why);
    close_it(listener);
    return problem;
}

static struct problem *start(struct listener *listener, struct arena *arena)
{
    listener->connection = conninfo_connect_start(listener->conninfo);
    if (!listener->connection || PQstatus(listener->connection) == CONNECTION_BAD)
        return failed(listener, arena);
    listener->state = CONNECTING;
    listener->wanted = POLLOUT;
    listener->since_ms = clock_monotonic_ms();
    return NULL;
}

static struct problem *connect_further(struct listener *listener, struct arena *arena)
{
    switch (PQconnectPoll(listener->connection)) {
    case PGRES_POLLING_READING:
        listener->wanted = POLLIN;
        return NULL;
    case PGRES_POLLING_WRITING:
        listener->wanted = POLLOUT;
        return NULL;
    case PGRES_POLLING_OK:
        listener->wanted = POLLIN;
        listener->state = SUBSCRIBING;
        listener->subscribed = false;
        return PQsendQuery(listener->connection, listener->subscribe) ? NULL
                                                                      : failed(listener, arena);
    default:
        return failed(listener, arena);
    }
}

/* Gives whether the answer is complete. */
static bool take_answer(struct listener *listener)
{
    while (!PQisBusy(listener->connection)) {
        CLEANUP(PQclear_at) PGresult *result = PQgetResult(listener->connection);
        if (!result)
            return true;
        listener->subscribed = PQresultStatus(result) == PGRES_COMMAND_OK;
    }
    return false;
}

static bool take_notifications(struct listener *listener)
{
    bool any = false;
    PGnotify *notification;
    while ((notification = PQnotifies(listener->connection))) {
        PQfreemem(notification);
        any = true;
    }
    return any;
}

/* The socket is ready. */
static struct problem *go_on(struct listener *listener, struct arena *arena, bool *out_notified)
{
    if (listener->state == CONNECTING)
        return connect_further(listener, arena);
    if (!PQconsumeInput(listener->connection)) {
        if (listener->state == SUBSCRIBING)
            return failed(listener, arena);
        close_it(listener); /* it was fine so far: open another at once */
        return NULL;
    }
    if (listener->state == LISTENING) {
        *out_notified = take_notifications(listener);
    } else if (take_answer(listener)) {
        if (!listener->subscribed)
            return failed(listener, arena);
        (void)take_notifications(listener); /* it is said anyway */
        listener->state = LISTENING;
        *out_notified = true;
    }
    return NULL;
}

static int poll_span(int64_t until_ms, int64_t now_ms)
{
    int64_t span_ms = until_ms - now_ms;
    return span_ms <= 0 ? 0 : span_ms < INT_MAX ? (int)span_ms : INT_MAX;
}

struct problem *listener_wait(struct listener *listener, struct arena *arena, int64_t timeout_ms,
                              int wake_fd, bool *out_notified)
{
    int64_t now_ms = clock_monotonic_ms();
    int64_t end_ms = timeout_ms < 0 ? INT64_MAX : now_ms + timeout_ms;
    for (bool notified = false;;) {
        if (listener->state == CLOSED)
            TRY(start(listener, arena));
        int64_t give_up_ms =
            listener->state == LISTENING ? INT64_MAX : listener->since_ms + CONNECT_TIMEOUT_MS;
        struct pollfd watched[] = {
            { .fd = PQsocket(listener->connection), .events = listener->wanted },
            { .fd = wake_fd, .events = POLLIN },
        };
        int ready = poll(watched, COUNT(watched),
                         poll_span(end_ms < give_up_ms ? end_ms : give_up_ms, now_ms));
        if (ready > 0 && watched[0].revents)
            TRY(go_on(listener, arena, &notified));
        now_ms = clock_monotonic_ms();
        if (notified || (ready > 0 && watched[1].revents) || now_ms >= end_ms) {
            *out_notified = notified;
            return NULL;
        }
        if (listener->state != CLOSED && listener->state != LISTENING && now_ms >= give_up_ms)
            return failed(listener, arena);
    }
}
