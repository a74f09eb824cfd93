/* Answers that are waited for: rows of the read lane, events, and feeds of events. */
#include "exchange.h"
#include "loop.h"

#include "server/base/clock.h"

#include <assert.h>

static void rows_came(void *context, struct problem *problem, const char *sqlstate,
                      const struct lane_rows *rows)
{
    struct exchange *exchange = context;
    struct reply *rp = &exchange->reply;
    exchange->in_rows = false;
    exchange->db_us += clock_monotonic_us() - exchange->rows_sent_us;
    rp->next = REPLY_NONE;
    exchange_settle(
        exchange, rp->finish(&exchange->request, rp, rp->finish_context, problem, sqlstate, rows));
}

struct problem *reply_rows(struct request *rq, struct reply *rp, const struct db_query *query,
                           reply_finish *finish, void *context)
{
    struct exchange *exchange = exchange_of(rq);
    struct lane *lane = exchange->loop->lane;
    assert(!exchange->job && rp->next == REPLY_NONE);
    if (!lane)
        return problem_new(rq->arena, &PROBLEM_STORE, "there is no database");
    rp->next = REPLY_ROWS;
    rp->finish = finish;
    rp->finish_context = context;
    exchange->in_rows = true;
    exchange->rows_sent_us = clock_monotonic_us();
    lane_send(lane, rq->arena, query, rows_came, exchange);
    return NULL;
}

static struct problem *too_many_wait(struct request *rq)
{
    struct problem *busy =
        problem_new(rq->arena, &PROBLEM_BUSY, "too many requests wait for something to happen");
    problem_add_number(rq->arena, busy, "retry_after", 5);
    return busy;
}

struct problem *reply_park(struct request *rq, struct reply *rp, int64_t wait_ms)
{
    struct exchange *exchange = exchange_of(rq);
    struct loop *loop = exchange->loop;
    assert(!exchange->job && rq->route->flags & ROUTE_MAY_PARK);
    if (!exchange->feeds && loop->parked_count >= loop->http->limits.parked)
        return too_many_wait(rq);
    if (exchange->feeds || !exchange->park_until_ms)
        exchange->park_until_ms = loop->now_ms + (wait_ms > 0 ? wait_ms : 0);
    rp->next = REPLY_PARK;
    return NULL;
}

bool reply_park_is_over(const struct request *rq)
{
    const struct exchange *exchange = exchange_of(rq);
    if (!exchange->park_until_ms)
        return false;
    return exchange->loop->now_ms >= exchange->park_until_ms
           || atomic_load(&exchange->loop->http->stage) != STAGE_SERVING;
}

bool reply_is_stopping(const struct request *rq)
{
    return atomic_load(&exchange_of(rq)->loop->http->stage) != STAGE_SERVING;
}

/* The ring of a feed has the loop on both sides, which looks by itself. */
static void no_news(void *context)
{
    (void)context;
}

struct problem *reply_feed_begin(struct request *rq, struct reply *rp, int status,
                                 const char *media_type)
{
    struct exchange *exchange = exchange_of(rq);
    struct loop *loop = exchange->loop;
    assert(!exchange->job && !exchange->feeds && rq->route->flags & ROUTE_MAY_PARK);
    if (loop->parked_count >= loop->http->limits.parked)
        return too_many_wait(rq);
    exchange->feeds = true;
    loop->parked_count++;
    rp->status = status;
    rp->media_type = media_type;
    atomic_store(&exchange->down, ring_new(no_news, NULL));
    loop_watch_hangup(exchange->client);
    return NULL;
}

struct problem *reply_feed(struct request *rq, const void *data, size_t size)
{
    struct exchange *exchange = exchange_of(rq);
    assert(exchange->feeds);
    if (ring_offer(atomic_load(&exchange->down), data, size) != size)
        return problem_new(rq->arena, &PROBLEM_TIMEOUT, "the client does not read what it is told");
    return NULL;
}

void reply_feed_end(struct request *rq, struct reply *rp)
{
    struct exchange *exchange = exchange_of(rq);
    assert(exchange->feeds);
    rp->next = REPLY_STREAM;
    ring_end(atomic_load(&exchange->down));
}
