#include "exchange.h"

#include <assert.h>

/* A handler that failed may have left a transaction or a stream open. */
static void tidy(struct db *db)
{
    db_stream_stop(db);
    if (db_in_transaction(db))
        db_rollback(db);
}

static struct problem *run(struct exchange *exchange)
{
    struct arena *arena = exchange->arena;
    if (atomic_load(&exchange->gone))
        return problem_new(arena, &PROBLEM_BAD_REQUEST, "the client went away while it waited");
    TRY(exchange->work(&exchange->request, &exchange->reply));
    enum reply_next next = exchange->reply.next;
    if (next != REPLY_BODY && next != REPLY_STREAM)
        return problem_because(arena,
                               problem_new(arena, &PROBLEM_INTERNAL, "there is no answer to this"),
                               "the handler of %s %s returned without a reply",
                               exchange->method_text, exchange->request.route->path);
    return NULL;
}

void exchange_work(struct exchange *exchange, struct db *db, struct coder *coder)
{
    struct reply *rp = &exchange->reply;
    exchange->request.db = db;
    rp->coder = coder;
    rp->next = REPLY_NONE;
    struct problem *problem = run(exchange);
    exchange->request.db = NULL;
    if (db)
        tidy(db);
    /* a stream that failed before its first byte can still be answered with the problem */
    bool is_stream = rp->next == REPLY_STREAM;
    if (is_stream && (!problem || rp->head_only || ring_is_begun(exchange->down))) {
        reply_end_stream(exchange, problem);
        exchange_post(exchange, EVENT_ANSWER | EVENT_DATA | EVENT_DONE);
        return;
    }
    if (problem)
        reply_of_problem(exchange, problem);
    reply_prepare(exchange, coder);
    exchange_post(exchange, EVENT_ANSWER | EVENT_DONE);
}
