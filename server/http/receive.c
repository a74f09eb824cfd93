#include "exchange.h"

#include "loop.h"

static enum MHD_Result first_call(struct exchange *exchange, const char *method, const char *url,
                                  const char *version)
{
    exchange->seen = true;
    struct problem *problem = exchange_accept(exchange, method, url, version);
    if (problem)
        exchange_answer_problem(exchange, problem);
    if (!exchange->answered)
        return MHD_YES;
    bool swallow = !exchange->expects_continue && exchange_body_left(exchange) <= SWALLOW_BYTES;
    if (exchange->must_close || (exchange_has_body(exchange) && !swallow))
        return exchange_queue(exchange); /* which closes the connection after it */
    return MHD_YES;
}

/* The answer is known while the body still comes: libmicrohttpd takes no answer now, so the rest is
 * dropped if it is short, and the answer sent past it otherwise. */
static enum MHD_Result drop_body(struct exchange *exchange, size_t *size)
{
    bool is_stream = exchange->reply.next == REPLY_STREAM || exchange->reply.has_file;
    if (!is_stream && exchange_body_left(exchange) > SWALLOW_BYTES) {
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
        exchange_answer_problem(exchange, problem_new(exchange->arena, &PROBLEM_BODY_TOO_LARGE,
                                                      "the body is larger than %llu bytes",
                                                      (unsigned long long)exchange->body_limit));
}

static enum MHD_Result body_call(struct exchange *exchange, const char *data, size_t *size)
{
    if (exchange->answered)
        return drop_body(exchange, size);
    if (!exchange->up) {
        exchange->up = ring_new(up_has_room, exchange);
        if (exchange_body_left(exchange) > *size)
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
            exchange_start(exchange);
    }
    if (exchange->answered)
        return drop_body(exchange, size);
    if (*size)
        exchange_suspend(exchange);
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
        exchange_start(exchange);
    if (exchange->answered)
        return exchange_queue(exchange);
    exchange_suspend(exchange);
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
