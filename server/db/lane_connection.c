#include "lane_connection.h"

#include "server/base/clock.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

enum {
    CONNECT_TIMEOUT_MS = 10000,
    FIRST_DELAY_MS = 100,
    LONGEST_DELAY_MS = 500,
    ANSWER_GRACE_MS = 5000 /* what Postgres may take beyond statement_timeout to say so */
};

enum state { CLOSED, CONNECTING, OPEN };

struct lane_connection {
    struct lane *lane;
    const struct conninfo *conninfo;
    int64_t timeout_ms;
    enum state state;
    PGconn *connection;
    int fd; /* watched; -1: none */
    unsigned events;

    struct lane_pipeline pipeline;
    uint64_t opened;  /* when, as the lane counts */
    int64_t since_ms; /* opening: when it began; open: the last sign of life while waiting */
    int64_t retry_at_ms;
    int failures; /* to open, in a row */
    char fault[256];
};

struct lane_connection *lane_connection_new(struct lane *lane, const struct conninfo *conninfo,
                                            int64_t timeout_ms)
{
    struct lane_connection *connection = calloc(1, sizeof *connection);
    if (!connection)
        abort();
    connection->lane = lane;
    connection->conninfo = conninfo;
    connection->timeout_ms = timeout_ms;
    connection->fd = -1;
    lane_pipeline_init(&connection->pipeline, lane);
    return connection;
}

bool lane_connection_is_open(const struct lane_connection *connection)
{
    return connection->state == OPEN;
}

uint64_t lane_connection_opened(const struct lane_connection *connection)
{
    return connection->opened;
}

size_t lane_connection_pending(const struct lane_connection *connection)
{
    return connection->pipeline.pending;
}

int64_t lane_connection_silent_ms(const struct lane_connection *connection, int64_t now_ms)
{
    return now_ms - connection->since_ms;
}

const char *lane_connection_fault(const struct lane_connection *connection)
{
    return connection->fault;
}

int lane_connection_fd(const struct lane_connection *connection, unsigned *out_events)
{
    *out_events = connection->events;
    return connection->fd;
}

/* Opening and closing. */

static void watch(struct lane_connection *connection, int fd, unsigned events)
{
    if (connection->fd == fd && connection->events == events)
        return;
    if (connection->fd >= 0 && connection->fd != fd)
        lane_watched(connection->lane, connection->fd, 0);
    connection->fd = fd;
    connection->events = events;
    if (fd >= 0)
        lane_watched(connection->lane, fd, events);
}

static void close_it(struct lane_connection *connection)
{
    watch(connection, -1, 0);
    PQfinish(TAKE(connection->connection));
    connection->state = CLOSED;
}

static void open_failed(struct lane_connection *connection, int64_t now_ms)
{
    CLEANUP(arena_free_at) struct arena *scratch = arena_new(1024);
    const char *why = conninfo_failure(scratch, connection->conninfo, connection->connection);
    size_t size = strnlen(why, sizeof connection->fault - 1);
    memcpy(connection->fault, why, size);
    connection->fault[size] = '\0';
    close_it(connection);
    int64_t delay_ms = FIRST_DELAY_MS;
    for (int i = 0; i < connection->failures && delay_ms < LONGEST_DELAY_MS; i++)
        delay_ms *= 2;
    connection->failures++;
    connection->retry_at_ms = now_ms + (delay_ms < LONGEST_DELAY_MS ? delay_ms : LONGEST_DELAY_MS);
}

void lane_connection_start(struct lane_connection *connection, int64_t now_ms)
{
    if (connection->state != CLOSED || now_ms < connection->retry_at_ms)
        return;
    connection->connection = conninfo_connect_start(connection->conninfo);
    if (!connection->connection || PQstatus(connection->connection) == CONNECTION_BAD) {
        open_failed(connection, now_ms);
        return;
    }
    connection->state = CONNECTING;
    connection->since_ms = now_ms;
    watch(connection, PQsocket(connection->connection), EPOLLOUT);
}

static void opened(struct lane_connection *connection, int64_t now_ms)
{
    if (!lane_pipeline_begin(&connection->pipeline, connection->connection)) {
        open_failed(connection, now_ms);
        return;
    }
    connection->state = OPEN;
    connection->opened = lane_opened(connection->lane);
    connection->failures = 0;
    connection->fault[0] = '\0';
    watch(connection, PQsocket(connection->connection), EPOLLIN);
}

/* libpq may close the socket in there and open another of the same number: it is watched anew. */
static void open_further(struct lane_connection *connection)
{
    watch(connection, -1, 0);
    switch (PQconnectPoll(connection->connection)) {
    case PGRES_POLLING_READING:
        watch(connection, PQsocket(connection->connection), EPOLLIN);
        break;
    case PGRES_POLLING_WRITING:
        watch(connection, PQsocket(connection->connection), EPOLLOUT);
        break;
    case PGRES_POLLING_OK:
        opened(connection, clock_monotonic_ms());
        break;
    default:
        open_failed(connection, clock_monotonic_ms());
    }
}

/* What is in flight goes back to the lane; the next start opens the connection again. */
static void lost(struct lane_connection *connection)
{
    close_it(connection);
    connection->retry_at_ms = 0;
    lane_pipeline_end(&connection->pipeline);
}

void lane_connection_free(struct lane_connection *connection)
{
    if (!connection)
        return;
    lost(connection);
    lane_pipeline_clear(&connection->pipeline);
    free(connection);
}

/* Work. */

void lane_connection_send(struct lane_connection *connection, struct lane_request *request,
                          int64_t now_ms)
{
    assert(connection->state == OPEN);
    struct lane_pipeline *pipeline = &connection->pipeline;
    size_t pending = pipeline->pending;
    if (!pending)
        connection->since_ms = now_ms;
    if (lane_pipeline_send(pipeline, request))
        return;
    bool in_ring = pipeline->pending > pending;
    lost(connection);
    if (!in_ring)
        lane_returned(connection->lane, request, LANE_LOST);
}

static void push_bytes(struct lane_connection *connection)
{
    int left = PQflush(connection->connection);
    connection->pipeline.unflushed = left > 0;
    if (left < 0)
        lost(connection);
    else
        watch(connection, connection->fd, left ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

void lane_connection_flush(struct lane_connection *connection)
{
    if (connection->state != OPEN)
        return;
    if (!lane_pipeline_sync(&connection->pipeline))
        lost(connection);
    else if (connection->pipeline.unflushed)
        push_bytes(connection);
}

void lane_connection_ready(struct lane_connection *connection, unsigned events)
{
    if (connection->state == CONNECTING) {
        open_further(connection);
        return;
    }
    bool alive = true;
    if (events & (EPOLLIN | EPOLLHUP | EPOLLERR | EPOLLRDHUP)) {
        connection->since_ms = clock_monotonic_ms();
        alive = PQconsumeInput(connection->connection);
        /* what came before the end still counts */
        alive = lane_pipeline_read(&connection->pipeline) && alive;
    }
    if (!alive || PQstatus(connection->connection) != CONNECTION_OK)
        lost(connection);
    else if (connection->pipeline.unflushed)
        push_bytes(connection);
}

void lane_connection_tick(struct lane_connection *connection, int64_t now_ms)
{
    int64_t waited_ms = now_ms - connection->since_ms;
    if (connection->state == CONNECTING && waited_ms > CONNECT_TIMEOUT_MS)
        open_failed(connection, now_ms);
    else if (connection->state == OPEN && connection->pipeline.pending
             && waited_ms > connection->timeout_ms + ANSWER_GRACE_MS)
        lost(connection);
}

void lane_connection_forget(struct lane_connection *connection, const void *context)
{
    lane_pipeline_forget(&connection->pipeline, context);
}
