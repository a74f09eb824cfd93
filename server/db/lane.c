#include "lane.h"

#include "failure.h"
#include "lane_connection.h"
#include "server/base/clock.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_TRIES = 3, MOST_CONNECTIONS = 64, FULL_BATCH = 16, LIVELY_MS = 2 };

struct lane_rows {
    const PGresult *result;
    int rows;
    int columns;
};

struct queue {
    struct lane_request *first;
    struct lane_request **end;
};

struct lane {
    struct arena *arena; /* for as long as the lane lives */
    int64_t timeout_ms;
    struct lane_connection **connections;
    int connection_count;
    lane_watch *watch;
    void *watch_context;
    struct queue lost;    /* came back from a lost connection; for a new one */
    struct queue again;   /* came back because of another one; before those */
    struct queue waiting; /* not sent yet */
    uint64_t opened;      /* connections, ever */
    struct lane_request *unused;
    size_t in_use;
    bool busy; /* `done` may be under way: what it sends waits for the next turn */
    bool closing;
};

/* Queues. */

static void queue_init(struct queue *queue)
{
    queue->first = NULL;
    queue->end = &queue->first;
}

static void queue_add(struct queue *queue, struct lane_request *request)
{
    request->next = NULL;
    *queue->end = request;
    queue->end = &request->next;
}

static struct lane_request *queue_take(struct queue *queue)
{
    struct lane_request *request = queue->first;
    if (!request)
        return NULL;
    queue->first = request->next;
    if (!queue->first)
        queue->end = &queue->first;
    return request;
}

/* Requests. */

static struct lane_request *request_new(struct lane *lane)
{
    struct lane_request *request = lane->unused;
    if (request)
        lane->unused = request->next;
    else
        request = malloc(sizeof *request);
    if (!request)
        abort();
    lane->in_use++;
    return request;
}

static void request_free(struct lane *lane, struct lane_request *request)
{
    request->next = lane->unused;
    lane->unused = request;
    lane->in_use--;
}

/* The request is free for others before `done` is called, which may well send the next one. */
static void finish(struct lane *lane, struct lane_request *request, struct problem *problem,
                   const char *sqlstate, const PGresult *result)
{
    lane_done *done = request->done;
    void *context = request->context;
    const struct lane_rows rows = { result, PQntuples(result), PQnfields(result) };
    request_free(lane, request);
    done(context, problem, sqlstate, problem ? NULL : &rows);
}

static void fail(struct lane *lane, struct lane_request *request, const char *sqlstate,
                 const char *message)
{
    finish(lane, request, failure_problem(request->arena, sqlstate, message), sqlstate, NULL);
}

static const char *why_away(const struct lane *lane)
{
    for (int i = 0; i < lane->connection_count; i++) {
        const char *fault = lane_connection_fault(lane->connections[i]);
        if (*fault)
            return fault;
    }
    return "no connection in time";
}

void lane_answered(struct lane *lane, struct lane_request *request, const PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);
    if (!request->done)
        request_free(lane, request);
    else if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK)
        finish(lane, request, NULL, "", result);
    else
        fail(lane, request, failure_sqlstate(result), failure_message(result));
}

void lane_returned(struct lane *lane, struct lane_request *request, enum lane_return why)
{
    if (!request->done) {
        request_free(lane, request);
        return;
    }
    bool again = !lane->closing && request->tries++ < MOST_TRIES;
    if (why == LANE_LOST)
        again = again && !request->lost && clock_monotonic_ms() < request->deadline_ms;
    if (!again) {
        fail(lane, request, FAILURE_CONNECTION_LOST, "the connection was lost");
    } else if (why == LANE_LOST) {
        request->lost = true;
        request->after = lane->opened;
        queue_add(&lane->lost, request);
    } else {
        request->alone = true;
        queue_add(&lane->again, request);
    }
}

uint64_t lane_opened(struct lane *lane)
{
    return ++lane->opened;
}

void lane_watched(struct lane *lane, int fd, unsigned events)
{
    if (lane->watch)
        lane->watch(lane->watch_context, fd, events);
}

/* What the header says. */

struct lane *lane_open(const char *conninfo, int connections, int64_t timeout_ms)
{
    assert(connections > 0 && connections <= MOST_CONNECTIONS && timeout_ms > 0);
    struct arena *arena = arena_new(4096);
    struct lane *lane = arena_new_of(arena, struct lane);
    const char *settings =
        arena_print(arena,
                    "-c default_transaction_read_only=on -c statement_timeout=%lld "
                    "-c idle_in_transaction_session_timeout=%lld -c jit=off",
                    (long long)timeout_ms, (long long)timeout_ms);
    lane->arena = arena;
    lane->timeout_ms = timeout_ms;
    lane->connection_count = connections;
    lane->connections = arena_array_of(arena, struct lane_connection *, (size_t)connections);
    queue_init(&lane->lost);
    queue_init(&lane->again);
    queue_init(&lane->waiting);
    const struct conninfo *pinned = conninfo_new(arena, conninfo, "entrepot read lane", settings);
    for (int i = 0; i < connections; i++) {
        lane->connections[i] = lane_connection_new(lane, pinned, timeout_ms);
        lane_connection_start(lane->connections[i], clock_monotonic_ms());
    }
    return lane;
}

void lane_close(struct lane *lane)
{
    if (!lane)
        return;
    lane->closing = true;
    lane->busy = true;
    for (int i = 0; i < lane->connection_count; i++)
        lane_connection_free(lane->connections[i]);
    struct lane_request *request;
    while ((request = queue_take(&lane->lost)) || (request = queue_take(&lane->again))
           || (request = queue_take(&lane->waiting)))
        fail(lane, request, FAILURE_CONNECTION_LOST, "the server is stopping");
    assert(!lane->in_use);
    while ((request = lane->unused)) {
        lane->unused = request->next;
        free(request);
    }
    arena_free(lane->arena);
}

void lane_set_watch(struct lane *lane, lane_watch *watch, void *context)
{
    lane->watch = watch;
    lane->watch_context = context;
    for (int i = 0; i < lane->connection_count; i++) {
        unsigned events;
        int fd = lane_connection_fd(lane->connections[i], &events);
        if (fd >= 0)
            lane_watched(lane, fd, events);
    }
}

void lane_send(struct lane *lane, struct arena *arena, const struct db_query *query,
               lane_done *done, void *context)
{
    assert(!lane->closing);
    struct lane_request *request = request_new(lane);
    *request = (struct lane_request){ .done = done,
                                      .context = context,
                                      .arena = arena,
                                      .text = query->text,
                                      .costly = query->costly,
                                      .deadline_ms = clock_monotonic_ms() + lane->timeout_ms };
    params_encode(arena, query->params, query->param_count, &request->params);
    queue_add(&lane->waiting, request);
}

static void forget_queued(struct lane *lane, struct queue *queue, const void *context)
{
    struct queue kept;
    struct lane_request *request;
    queue_init(&kept);
    while ((request = queue_take(queue))) {
        if (request->context == context)
            request_free(lane, request);
        else
            queue_add(&kept, request);
    }
    while ((request = queue_take(&kept)))
        queue_add(queue, request);
}

void lane_forget(struct lane *lane, const void *context)
{
    forget_queued(lane, &lane->lost, context);
    forget_queued(lane, &lane->again, context);
    forget_queued(lane, &lane->waiting, context);
    for (int i = 0; i < lane->connection_count; i++)
        lane_connection_forget(lane->connections[i], context);
}

/*
 * An open connection, among those opened after this many; or NULL. The first that answers soon is
 * filled before the next one is used: statements that travel in one batch cost Postgres and us
 * fewer system calls than in two. One that has been silent may be at something long, and is passed.
 * Otherwise the one with the fewest under way. The last is for what is costly only when no other is
 * open.
 */
static struct lane_connection *choose(const struct lane *lane, const struct lane_request *request,
                                      int64_t now_ms)
{
    struct lane_connection *least = NULL;
    for (int i = 0; i < lane->connection_count; i++) {
        struct lane_connection *connection = lane->connections[i];
        if (!lane_connection_is_open(connection)
            || lane_connection_opened(connection) <= request->after)
            continue;
        if (request->costly && least && i == lane->connection_count - 1)
            break;
        size_t pending = lane_connection_pending(connection);
        if (!pending
            || (pending < FULL_BATCH && lane_connection_silent_ms(connection, now_ms) <= LIVELY_MS))
            return connection;
        if (!least || pending < lane_connection_pending(least))
            least = connection;
    }
    return least;
}

static void start_all(const struct lane *lane, int64_t now_ms)
{
    for (int i = 0; i < lane->connection_count; i++)
        lane_connection_start(lane->connections[i], now_ms);
}

static void send_queue(struct lane *lane, struct queue *queue, int64_t now_ms)
{
    struct lane_connection *connection;
    while (queue->first && (connection = choose(lane, queue->first, now_ms)))
        lane_connection_send(connection, queue_take(queue), now_ms);
}

void lane_flush(struct lane *lane)
{
    if (lane->busy)
        return;
    lane->busy = true;
    if (lane->lost.first || lane->again.first || lane->waiting.first) {
        int64_t now_ms = clock_monotonic_ms();
        send_queue(lane, &lane->lost, now_ms);
        send_queue(lane, &lane->again, now_ms);
        send_queue(lane, &lane->waiting, now_ms);
    }
    for (int i = 0; i < lane->connection_count; i++)
        lane_connection_flush(lane->connections[i]);
    if (lane_connected(lane) < lane->connection_count)
        start_all(lane, clock_monotonic_ms());
    lane->busy = false;
}

void lane_ready(struct lane *lane, int fd, unsigned events)
{
    lane->busy = true;
    for (int i = 0; i < lane->connection_count; i++) {
        unsigned watched;
        if (lane_connection_fd(lane->connections[i], &watched) == fd) {
            lane_connection_ready(lane->connections[i], events);
            break;
        }
    }
    lane->busy = false;
}

/* The first in the queue is the oldest, or nearly: what it hides goes at the next tick. */
static void expire(struct lane *lane, struct queue *queue, int64_t now_ms)
{
    while (queue->first && queue->first->deadline_ms < now_ms)
        fail(lane, queue_take(queue), FAILURE_NOT_CONNECTED, why_away(lane));
}

void lane_tick(struct lane *lane)
{
    int64_t now_ms = clock_monotonic_ms();
    lane->busy = true;
    for (int i = 0; i < lane->connection_count; i++)
        lane_connection_tick(lane->connections[i], now_ms);
    expire(lane, &lane->lost, now_ms);
    if (!lane_connected(lane)) { /* otherwise the next flush sends them */
        expire(lane, &lane->again, now_ms);
        expire(lane, &lane->waiting, now_ms);
    }
    lane->busy = false;
    start_all(lane, now_ms);
}

size_t lane_pending(const struct lane *lane)
{
    return lane->in_use;
}

int lane_connected(const struct lane *lane)
{
    int connected = 0;
    for (int i = 0; i < lane->connection_count; i++)
        connected += lane_connection_is_open(lane->connections[i]);
    return connected;
}

size_t lane_row_count(const struct lane_rows *rows)
{
    return (size_t)rows->rows;
}

size_t lane_column_count(const struct lane_rows *rows)
{
    return (size_t)rows->columns;
}

static struct db_value value_at(const PGresult *result, int row, int column)
{
    int size = PQgetlength(result, row, column);
    if (!size && PQgetisnull(result, row, column)) /* its length is told as 0 */
        return (struct db_value){ .size = -1 };
    return (struct db_value){ PQgetvalue(result, row, column), size };
}

void lane_row(const struct lane_rows *rows, size_t row, size_t count, struct db_value *out_values)
{
    assert(row < (size_t)rows->rows && count <= (size_t)rows->columns);
    for (size_t i = 0; i < count; i++)
        out_values[i] = value_at(rows->result, (int)row, (int)i);
}

struct db_value lane_value(const struct lane_rows *rows, size_t row, size_t column)
{
    assert(row < (size_t)rows->rows && column < (size_t)rows->columns);
    return value_at(rows->result, (int)row, (int)column);
}
