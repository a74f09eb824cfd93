#include "exchange.h"

#include "loop.h"

#include <assert.h>

void exchange_suspend(struct exchange *exchange)
{
    assert(!exchange->suspended);
    exchange->suspended = true;
    exchange->suspended_at_ms = exchange->loop->now_ms;
    if (exchange->complete && (exchange->job || exchange->is_parked))
        loop_watch_hangup(exchange->client);
    MHD_suspend_connection(exchange->connection);
}

void exchange_resume(struct exchange *exchange)
{
    if (!exchange->suspended)
        return;
    exchange->suspended = false;
    /* that time was ours: what the client takes of its own goes on being measured */
    exchange->window_at_ms += exchange->loop->now_ms - exchange->suspended_at_ms;
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
    if (!exchange->feeds) /* those count from their begin to their end */
        loop->parked_count++;
    if (exchange->suspended)
        loop_watch_hangup(exchange->client);
}

void exchange_unpark(struct exchange *exchange)
{
    if (!exchange->is_parked)
        return;
    exchange->is_parked = false;
    *exchange->link = exchange->next;
    if (exchange->next)
        exchange->next->link = exchange->link;
    if (!exchange->feeds)
        exchange->loop->parked_count--;
}

static void answer(struct exchange *exchange)
{
    reply_prepare(exchange, exchange->loop->coder);
    exchange->answered = true;
    exchange_resume(exchange);
}

void exchange_answer_problem(struct exchange *exchange, struct problem *problem)
{
    reply_of_problem(exchange, problem);
    answer(exchange);
}

static void submit(struct exchange *exchange, bool is_long,
                   struct problem *(*work)(struct request *rq, struct reply *rp))
{
    struct loop *loop = exchange->loop;
    exchange->work = work;
    exchange->workers = is_long ? loop->http->streams : loop->http->workers;
    exchange->queue_until_ms = loop->now_ms + loop->http->limits.queue_ms;
    exchange->job = true;
    if (workers_submit(exchange->workers, exchange)) {
        if (exchange->suspended)
            loop_watch_hangup(exchange->client);
        return;
    }
    exchange->job = false;
    exchange_answer_problem(exchange, workers_too_busy(exchange->workers, exchange->arena));
}

/* The handler of a feed has said what there was to say: it waits, asks Postgres, or is done. */
static void settle_feed(struct exchange *exchange, struct problem *problem)
{
    struct reply *rp = &exchange->reply;
    enum reply_next next = rp->next;
    rp->next = REPLY_STREAM; /* what it is for everybody else */
    exchange->answered = true;
    if (!problem && next == REPLY_PARK)
        park(exchange);
    else if (problem || next == REPLY_NONE) {
        if (exchange->in_rows)
            lane_forget(exchange->loop->lane, exchange);
        exchange->in_rows = false;
        rp->problem = problem;
        ring_break(atomic_load(&exchange->down), RING_CUT);
    }
    exchange_resume(exchange);
}

void exchange_settle(struct exchange *exchange, struct problem *problem)
{
    struct reply *rp = &exchange->reply;
    if (exchange->feeds) {
        settle_feed(exchange, problem);
        return;
    }
    if (exchange->answered)
        return; /* rows came while the handler was still running */
    if (problem) {
        if (exchange->in_rows)
            lane_forget(exchange->loop->lane, exchange);
        exchange->in_rows = false;
        exchange_answer_problem(exchange, problem);
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
        submit(exchange, rp->is_long, rp->handle);
        return;
    default:
        exchange_answer_problem(
            exchange, problem_because(exchange->arena,
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

void exchange_start(struct exchange *exchange)
{
    const struct route *route = exchange->request.route;
    exchange->started = true;
    if (route->lane == READ)
        run(exchange);
    else
        submit(exchange, route->flags & ROUTE_STREAMS, route->handle);
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
        exchange_unpark(exchange);
        if (only_those_over && !reply_park_is_over(&exchange->request))
            park(exchange);
        else
            run(exchange);
    }
}
