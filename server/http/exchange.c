#include "exchange.h"

#include "loop.h"

#include "server/base/clock.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define ARENA_BYTES ((size_t)16 * 1024)

/* Buffers above this are given back to the heap when their exchange is over. */
#define KEEP_BYTES ((size_t)64 * 1024)

/* An unread rest of a body that is read and dropped, so that the connection can be used again. */
#define SWALLOW_BYTES ((uint64_t)64 * 1024)

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
    buffer_clear(&exchange->json);
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
    struct buffer json = exchange->json;
    struct buffer coded = exchange->coded;
    memset(exchange, 0, sizeof *exchange);
    exchange->arena = arena;
    exchange->json = json;
    exchange->coded = coded;
    exchange->loop = loop;
    exchange->listener = listener;
    exchange->client = client;
    exchange->connection = connection;
    exchange->began_us = clock_monotonic_us();
    exchange->window_at_ms = loop->now_ms;
    exchange->target = arena_text(arena, target ? target : "");
    exchange->path = exchange->target; /* until it is looked at */
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
    buffer_trim(&exchange->json);
    buffer_trim(&exchange->coded);
    loop->exchange_count--;
    if (loop->spare_count >= 256) {
        exchange_free(exchange);
        return;
    }
    exchange->next = loop->spare;
    loop->spare = exchange;
    loop->spare_count++;
}

static void suspend(struct exchange *exchange)
{
    assert(!exchange->suspended);
    exchange->suspended = true;
    if (exchange->complete && (exchange->job || exchange->is_parked))
        loop_watch_hangup(exchange->client);
    MHD_suspend_connection(exchange->connection);
}

static void resume(struct exchange *exchange)
{
    if (!exchange->suspended)
        return;
    exchange->suspended = false;
    exchange->window_at_ms = exchange->loop->now_ms;
    exchange->window_bytes = 0;
    MHD_resume_connection(exchange->connection);
}

static void park(struct exchange *exchange)
{
    struct loop *loop = exchange->loop;
    exchange->is_parked = true;
    exchange->next = loop->parked;
    exchange->link = &loop->parked;
    if (loop->parked)
        loop->parked->link = &exchange->next;
    loop->parked = exchange;
    loop->parked_count++;
    if (exchange->suspended)
        loop_watch_hangup(exchange->client);
}

static void unpark(struct exchange *exchange)
{
    if (!exchange->is_parked)
        return;
    exchange->is_parked = false;
    *exchange->link = exchange->next;
    if (exchange->next)
        exchange->next->link = exchange->link;
    exchange->loop->parked_count--;
}

static void answer(struct exchange *exchange)
{
    reply_prepare(exchange, exchange->loop->coder);
    exchange->answered = true;
    resume(exchange);
}

static void answer_problem(struct exchange *exchange, struct problem *problem)
{
    reply_of_problem(exchange, problem);
    answer(exchange);
}

static void submit(struct exchange *exchange,
                   struct problem *(*work)(struct request *rq, struct reply *rp))
{
    exchange->work = work;
    exchange->job = true;
    if (workers_submit(exchange->loop->http->workers, exchange)) {
        if (exchange->suspended)
            loop_watch_hangup(exchange->client);
        return;
    }
    exchange->job = false;
    struct problem *busy = problem_new(exchange->arena, &PROBLEM_BUSY,
                                       "all workers are busy and too many requests wait for one");
    problem_add_number(exchange->arena, busy, "retry_after", 2);
    answer_problem(exchange, busy);
}

void exchange_settle(struct exchange *exchange, struct problem *problem)
{
    struct reply *rp = &exchange->reply;
    if (exchange->answered)
        return; /* rows came while the handler was still running */
    if (problem) {
        if (exchange->in_rows)
            lane_forget(exchange->loop->lane, exchange);
        exchange->in_rows = false;
        answer_problem(exchange, problem);
        return;
    }
    switch (rp->next) {
    case REPLY_BODY:
        answer(exchange);
        return;
    case REPLY_ROWS:
        return;
    case REPLY_PARK:
        park(exchange);
        return;
    case REPLY_WORKER:
        submit(exchange, rp->handle);
        return;
    default:
        answer_problem(exchange,
                       problem_because(exchange->arena,
                                       problem_new(exchange->arena, &PROBLEM_INTERNAL,
                                                   "there is no answer to this"),
                                       "the handler of %s %s returned without a reply",
                                       exchange->method_text, exchange->request.route->path));
    }
}

static void run(struct exchange *exchange)
{
    exchange->reply.next = REPLY_NONE;
    exchange_settle(exchange,
                    exchange->request.route->handle(&exchange->request, &exchange->reply));
}

static void start(struct exchange *exchange)
{
    exchange->started = true;
    if (exchange->request.route->lane == READ)
        run(exchange);
    else
        submit(exchange, exchange->request.route->handle);
}

static bool has_body(const struct exchange *exchange)
{
    return exchange->chunked || exchange->content_length > 0;
}

static uint64_t rest_of_body(const struct exchange *exchange)
{
    return exchange->chunked ? UINT64_MAX : (uint64_t)exchange->content_length - exchange->bytes_in;
}

static enum MHD_Result first_call(struct exchange *exchange, const char *method, const char *url,
                                  const char *version)
{
    exchange->seen = true;
    struct problem *problem = exchange_accept(exchange, method, url, version);
    if (problem)
        answer_problem(exchange, problem);
    if (!exchange->answered)
        return MHD_YES;
    bool swallow = !exchange->expects_continue && rest_of_body(exchange) <= SWALLOW_BYTES;
    if (exchange->must_close || (has_body(exchange) && !swallow))
        return exchange_queue(exchange); /* which closes the connection after it */
    return MHD_YES;
}

/* The answer is known while the body still comes: libmicrohttpd takes no answer now, so the rest is
 * dropped if it is short, and the answer sent past it otherwise. */
static enum MHD_Result drop_body(struct exchange *exchange, size_t *size)
{
    bool is_stream = exchange->reply.next == REPLY_STREAM;
    if (!is_stream && rest_of_body(exchange) > SWALLOW_BYTES) {
        exchange_answer_raw(exchange);
        return MHD_NO;
    }
    if (is_stream && exchange->bytes_in + *size > exchange->body_limit)
        return MHD_NO;
    exchange->bytes_in += *size;
    *size = 0;
    return MHD_YES;
}

static void up_has_room(void *context)
{
    exchange_post(context, EVENT_ROOM);
}

static void refuse_large_body(struct exchange *exchange)
{
    if (exchange->job)
        ring_break(exchange->up, RING_TOO_LARGE); /* and its handler says so */
    else
        answer_problem(exchange, problem_new(exchange->arena, &PROBLEM_BODY_TOO_LARGE,
                                             "the body is larger than %llu bytes",
                                             (unsigned long long)exchange->body_limit));
}

static enum MHD_Result body_call(struct exchange *exchange, const char *data, size_t *size)
{
    if (exchange->answered)
        return drop_body(exchange, size);
    if (!exchange->up) {
        exchange->up = ring_new(up_has_room, exchange);
        if (rest_of_body(exchange) > *size)
            loop_watch_hangup(exchange->client);
    }
    if (exchange->bytes_in + *size > exchange->body_limit)
        refuse_large_body(exchange);
    for (size_t stored = 1; stored && *size && !exchange->answered; *size -= stored) {
        stored = ring_offer(exchange->up, data, *size);
        data += stored;
        exchange->bytes_in += stored;
        exchange->window_bytes += stored;
        /* a worker is not kept waiting for a slow client that sends little */
        if (!stored && !exchange->started)
            start(exchange);
    }
    if (exchange->answered)
        return drop_body(exchange, size);
    if (*size)
        suspend(exchange);
    return MHD_YES;
}

static enum MHD_Result last_call(struct exchange *exchange)
{
    if (!exchange->complete) {
        exchange->complete = true;
        if (exchange->up)
            ring_end(exchange->up);
    }
    if (!exchange->started && !exchange->answered)
        start(exchange);
    if (exchange->answered)
        return exchange_queue(exchange);
    suspend(exchange);
    return MHD_YES;
}

enum MHD_Result exchange_call(struct exchange *exchange, const char *method, const char *url,
                              const char *version, const char *data, size_t *data_size)
{
    if (!exchange->seen)
        return first_call(exchange, method, url, version);
    if (exchange->raw_sent || atomic_load(&exchange->gone))
        return MHD_NO;
    return *data_size ? body_call(exchange, data, data_size) : last_call(exchange);
}

void exchange_post(struct exchange *exchange, unsigned events)
{
    if (atomic_fetch_or(&exchange->events, events) == 0)
        loop_post(exchange);
}

/* The client is still sending, or should be; it is told at once, and the connection closed. */
static void answer_early(struct exchange *exchange)
{
    if (exchange->raw_sent || exchange->reply.next != REPLY_BODY)
        return;
    exchange_answer_raw(exchange);
    client_doom(exchange->client);
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
    bool waits_for_bytes = !exchange->suspended && !exchange->complete;
    if (exchange->answered && waits_for_bytes && rest_of_body(exchange) > SWALLOW_BYTES)
        answer_early(exchange);
    resume(exchange);
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
            answer_problem(exchange, problem_new(exchange->arena, &PROBLEM_TIMEOUT, "%s", detail));
        answer_early(exchange);
    }
}

void exchange_rerun_parked(struct loop *loop, bool only_those_over)
{
    /* a handler may park its exchange again: at the head of a new list */
    struct exchange *parked = loop->parked;
    if (parked)
        parked->link = &parked;
    loop->parked = NULL;
    while (parked) {
        struct exchange *exchange = parked;
        unpark(exchange);
        if (only_those_over && !reply_park_is_over(&exchange->request))
            park(exchange);
        else
            run(exchange);
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
    unpark(exchange);
    if (exchange->in_rows)
        lane_forget(loop->lane, exchange);
    exchange->in_rows = false;
    if (exchange->job) {
        if (workers_withdraw(loop->http->workers, exchange))
            exchange->job = false;
        else
            workers_cancel(loop->http->workers, exchange);
    }
    resume(exchange);
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
    if (exchange->raw_sent || (exchange->queued && !exchange->complete && has_body(exchange)))
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
