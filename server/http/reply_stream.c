/* Answers that a worker writes piece by piece. */
#include "exchange.h"
#include "loop.h"

#include <assert.h>

/* On the worker's thread: the loop found the ring empty, and there is more. The first bytes also
 * say that the answer begins. */
static void down_has_news(void *context)
{
    exchange_post(context, EVENT_ANSWER | EVENT_DATA);
}

struct problem *reply_begin(struct request *rq, struct reply *rp, int status,
                            const char *media_type)
{
    struct exchange *exchange = exchange_of(rq);
    assert(exchange->job && rp->next == REPLY_NONE && rp->coder);
    rp->next = REPLY_STREAM;
    rp->status = status;
    if (!rp->media_type)
        rp->media_type = media_type;
    enum coding coding = reply_wanted_coding(exchange);
    if (coding != CODING_NONE && coder_begin(rp->coder, coding))
        reply_set_coding(exchange, coding);
    rp->head_only = rq->method == HEAD;
    if (exchange->up)
        ring_break(exchange->up, RING_CUT); /* what is left of the body is read and dropped */
    struct ring *down = ring_new(down_has_news, exchange);
    atomic_store(&exchange->down, down);
    /* the loop sets gone, then breaks the ring it sees: one of both sees the other */
    if (atomic_load(&exchange->gone))
        ring_break(down, (enum ring_fault)atomic_load(&exchange->gone));
    buffer_reset(&exchange->coded);
    return NULL;
}

static struct problem *write_failed(struct exchange *exchange)
{
    switch (ring_fault(exchange->down)) {
    case RING_SLOW:
        return problem_new(exchange->arena, &PROBLEM_TIMEOUT,
                           "the client reads slower than %lld bytes per second",
                           (long long)exchange->loop->http->limits.least_rate);
    case RING_STOPPED:
        return problem_new(exchange->arena, &PROBLEM_BUSY, "the server is being stopped");
    default:
        return problem_new(exchange->arena, &PROBLEM_BAD_REQUEST, "the client has gone");
    }
}

struct problem *reply_write(struct request *rq, struct reply *rp, const void *data, size_t size)
{
    struct exchange *exchange = exchange_of(rq);
    assert(rp->next == REPLY_STREAM);
    if (rp->head_only)
        return problem_new(rq->arena, &PROBLEM_INTERNAL, "HEAD wants no body");
    if (rp->coding == CODING_NONE)
        return ring_put(exchange->down, data, size) ? NULL : write_failed(exchange);
    if (!coder_add(rp->coder, data, size, &exchange->coded))
        return problem_new(rq->arena, &PROBLEM_INTERNAL, "the answer could not be compressed");
    bool stored = ring_put(exchange->down, exchange->coded.data, exchange->coded.size);
    buffer_reset(&exchange->coded);
    return stored ? NULL : write_failed(exchange);
}

void reply_end_stream(struct exchange *exchange, struct problem *problem)
{
    struct reply *rp = &exchange->reply;
    if (problem && !rp->head_only) {
        rp->problem = problem;
        ring_break(exchange->down, RING_CUT);
        return;
    }
    if (rp->coding != CODING_NONE && !rp->head_only) {
        bool ended = coder_end(rp->coder, &exchange->coded);
        if (!ended || !ring_put(exchange->down, exchange->coded.data, exchange->coded.size)) {
            ring_break(exchange->down, RING_CUT);
            return;
        }
    }
    ring_end(exchange->down);
}
