#include "exchange.h"

#include "loop.h"

#include "server/base/clock.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define ARENA_BYTES ((size_t)16 * 1024)

/* Buffers above this are given back to the heap when their exchange is over. */
#define KEEP_BYTES ((size_t)64 * 1024)

static struct exchange *take_spare(struct loop *loop)
{
    struct exchange *exchange = loop->spare;
    if (exchange) {
        loop->spare = exchange->next;
        loop->spare_count--;
        return exchange;
    }
    exchange = calloc(1, sizeof *exchange);
    if (!exchange)
        abort();
    exchange->arena = arena_new(ARENA_BYTES);
    return exchange;
}

void exchange_free(struct exchange *exchange)
{
    arena_free(exchange->arena);
    buffer_clear(&exchange->body);
    buffer_clear(&exchange->coded);
    free(exchange);
}

static void buffer_trim(struct buffer *buffer)
{
    if (buffer->capacity > KEEP_BYTES)
        buffer_clear(buffer);
    buffer_reset(buffer);
}

struct exchange *exchange_begin(struct listener *listener, struct client *client,
                                struct MHD_Connection *connection, const char *target)
{
    struct loop *loop = listener->loop;
    struct exchange *exchange = take_spare(loop);
    struct arena *arena = exchange->arena;
    struct buffer body = exchange->body;
    struct buffer coded = exchange->coded;
    memset(exchange, 0, sizeof *exchange);
    exchange->arena = arena;
    exchange->body = body;
    exchange->coded = coded;
    exchange->loop = loop;
    exchange->listener = listener;
    exchange->client = client;
    exchange->connection = connection;
    exchange->began_us = clock_monotonic_us();
    exchange->window_at_ms = loop->now_ms;
    exchange->target = arena_text(arena, target ? target : "");
    exchange->path = exchange->target; /* until it is looked at */
    exchange->home = router_home(listener->routes, exchange->path);
    exchange->content_length = -1;
    exchange->request.arena = arena;
    exchange->request.server = loop->http->hooks.server;
    exchange->request.loop = loop->state;
    reply_init(&exchange->reply);
    client->exchange = exchange;
    loop->exchange_count++;
    return exchange;
}

static void write_log(const struct exchange *exchange)
{
    struct loop *loop = exchange->loop;
    const struct reply *rp = &exchange->reply;
    const struct http_hooks *hooks = &loop->http->hooks;
    const struct route *route = exchange->request.route;
    /* 499: the client went before it had an answer; 408: it never finished asking */
    int status = exchange->queued || exchange->raw_sent ? rp->status : exchange->seen ? 499 : 408;
    if (exchange->refused)
        status = exchange->refused->status;
    struct access_entry entry = {
        .trace_id = exchange->trace_id,
        .method = exchange->method_text,
        .route = route ? route->path : NULL,
        .subject = hooks->subject ? hooks->subject(&exchange->request) : NULL,
        .ended = exchange->ended,
        .status = status,
        .bytes = exchange->bytes_out,
        .duration_us = exchange->duration_us,
        .db_us = exchange->rows_sent_us ? exchange->db_us : -1,
        .problem = rp->problem,
    };
    access_log_add(&loop->log, &entry);
    route_counters_add(&loop->counters[route_index_of(&loop->http->index, route)], status,
                       exchange->bytes_in, exchange->bytes_out, (uint64_t)exchange->duration_us);
}

/* Neither libmicrohttpd nor a worker has it any more. */
static void over(struct exchange *exchange)
{
    struct loop *loop = exchange->loop;
    assert(exchange->closed && !exchange->job && !exchange->in_rows && !exchange->is_parked);
    write_log(exchange);
    ring_free(exchange->up);
    ring_free(exchange->down);
    for (struct held *held = exchange->held; held; held = held->next)
        held->release(held->value);
    exchange->held = NULL;
    arena_reset(exchange->arena);
    buffer_trim(&exchange->body);
    buffer_trim(&exchange->coded);
    loop->exchange_count--;
    if (exchange->feeds)
        loop->parked_count--;
    if (loop->spare_count >= 256) {
        exchange_free(exchange);
        return;
    }
    exchange->next = loop->spare;
    loop->spare = exchange;
    loop->spare_count++;
}

void exchange_post(struct exchange *exchange, unsigned events)
{
    if (atomic_fetch_or(&exchange->events, events) == 0)
        loop_post(exchange);
}

/* The client is still sending, or should be; it is told at once, and the connection closed. */
static void answer_early(struct exchange *exchange)
{
    if (exchange->raw_sent || exchange->reply.next != REPLY_BODY || exchange->reply.has_file)
        return;
    exchange_answer_raw(exchange);
    client_doom(exchange->client);
}

static void answer_who_sends(struct exchange *exchange)
{
    bool waits_for_bytes = !exchange->suspended && !exchange->complete;
    if (exchange->answered && waits_for_bytes && exchange_body_left(exchange) > SWALLOW_BYTES)
        answer_early(exchange);
}

void exchange_events(struct exchange *exchange)
{
    unsigned events = atomic_exchange(&exchange->events, 0);
    if (events & EVENT_ANSWER)
        exchange->answered = true;
    if (events & EVENT_DONE)
        exchange->job = false;
    if (exchange->closed) {
        if (!exchange->job)
            over(exchange);
        return;
    }
    answer_who_sends(exchange);
    exchange_resume(exchange);
}

void exchange_leave_queue(struct exchange *exchange)
{
    if (!exchange->job || exchange->loop->now_ms < exchange->queue_until_ms)
        return;
    exchange->queue_until_ms = INT64_MAX; /* one that a worker has is not asked for again */
    if (!workers_withdraw(exchange->workers, exchange))
        return;
    exchange->job = false;
    exchange_answer_problem(exchange, workers_too_busy(exchange->workers, exchange->arena));
    answer_who_sends(exchange);
}

void exchange_too_slow(struct exchange *exchange, const char *detail)
{
    if (exchange->queued || exchange->suspended || exchange->raw_sent) {
        exchange_give_up(exchange, RING_SLOW, "slow");
        client_doom(exchange->client);
    } else if (exchange->job) {
        ring_break(exchange->up, RING_SLOW); /* and its handler says so */
    } else {
        if (!exchange->answered)
            exchange_answer_problem(exchange,
                                    problem_new(exchange->arena, &PROBLEM_TIMEOUT, "%s", detail));
        answer_early(exchange);
    }
}

/* Ends what waits for a client that has gone, or that is given up. */
void exchange_give_up(struct exchange *exchange, enum ring_fault fault, const char *why)
{
    struct loop *loop = exchange->loop;
    if (!exchange->ended)
        exchange->ended = why;
    atomic_store(&exchange->gone, (int)fault);
    if (exchange->up)
        ring_break(exchange->up, fault);
    struct ring *down = atomic_load(&exchange->down);
    if (down)
        ring_break(down, fault);
    exchange_unpark(exchange);
    if (exchange->in_rows)
        lane_forget(loop->lane, exchange);
    exchange->in_rows = false;
    if (exchange->job) {
        if (workers_withdraw(exchange->workers, exchange))
            exchange->job = false;
        else
            workers_cancel(exchange->workers, exchange);
    }
    exchange_resume(exchange);
}

void exchange_hangup(struct exchange *exchange)
{
    enum method method = exchange->request.method;
    if (!exchange->complete) {
        /* what it sent before is read first; then the sweep ends it */
        exchange->client->has_ended = true;
        exchange->loop->sweep_at_ms = exchange->loop->now_ms;
        return;
    }
    /* One who sent all and asked for a change may have closed only its side; the change is made
     * whether it waits or not. One who reads and closed its side is taken to be gone. */
    if (method == GET || method == HEAD)
        exchange_give_up(exchange, RING_GONE, "client gone");
}

void exchange_end(struct exchange *exchange, enum MHD_RequestTerminationCode why)
{
    static const char *const reasons[] = {
        [MHD_REQUEST_TERMINATED_COMPLETED_OK] = NULL,
        [MHD_REQUEST_TERMINATED_WITH_ERROR] = "cut",
        [MHD_REQUEST_TERMINATED_TIMEOUT_REACHED] = "idle",
        [MHD_REQUEST_TERMINATED_DAEMON_SHUTDOWN] = "stopped",
        [MHD_REQUEST_TERMINATED_READ_ERROR] = "client gone",
        [MHD_REQUEST_TERMINATED_CLIENT_ABORT] = "client gone",
    };
    struct client *client = exchange->client;
    exchange->suspended = false; /* nothing is resumed that is closed */
    exchange->closed = true;
    exchange->duration_us = clock_monotonic_us() - exchange->began_us;
    client->exchange = NULL;
    client->has_ended = false;
    client->exchanges++;
    client->since_ms = exchange->loop->now_ms;
    loop_forget_hangup(client);
    if (exchange->raw_sent
        || (exchange->queued && !exchange->complete && exchange_has_body(exchange)))
        client->lingers = true;
    const char *reason = (size_t)why < COUNT(reasons) ? reasons[why] : "cut";
    if (!exchange->ended && !exchange->raw_sent)
        exchange->ended = reason;
    if (reason && (exchange->job || exchange->is_parked || exchange->in_rows))
        exchange_give_up(exchange, RING_GONE, reason);
    if (!exchange->job)
        over(exchange);
}

/* Has less than the least rate moved over an idle-timeout, while it was the client's turn? */
bool exchange_is_slow(struct exchange *exchange)
{
    struct loop *loop = exchange->loop;
    int64_t rate = loop->http->limits.least_rate;
    int64_t window_ms = loop->http->limits.idle_ms;
    bool clients_turn = !exchange->suspended && (exchange->queued || !exchange->complete);
    int64_t span_ms = loop->now_ms - exchange->window_at_ms;
    if (!rate || !clients_turn || span_ms < window_ms)
        return false;
    /* a finished body is in libmicrohttpd's hands: it may take as long as its size allows */
    if (exchange->queued && exchange->reply.next == REPLY_BODY)
        return (int64_t)exchange->reply.body_size / rate < (span_ms - window_ms) / 1000;
    bool slow = (int64_t)exchange->window_bytes < rate * (span_ms / 1000);
    exchange->window_at_ms = loop->now_ms;
    exchange->window_bytes = 0;
    return slow;
}
