#include "exchange.h"
#include "loop.h"

#include "server/base/clock.h"
#include "server/base/text.h"

#include <assert.h>
#include <stdarg.h>
#include <string.h>

void reply_init(struct reply *rp)
{
    *rp = (struct reply){ .status = 500 };
    rp->fields_end = &rp->fields;
}

static void field_link(struct exchange *exchange, const char *name, const char *value)
{
    struct reply *rp = &exchange->reply;
    struct reply_field *field = arena_new_of(exchange->arena, struct reply_field);
    field->name = name;
    field->value = value;
    *rp->fields_end = field;
    rp->fields_end = &field->next;
}

static void field_add(struct exchange *exchange, const char *name, char *value)
{
    struct reply *rp = &exchange->reply;
    /* a value made of what a client sent must not end the field */
    for (char *at = value; *at; at++)
        if ((unsigned char)*at < ' ' || *at == 0x7f)
            *at = '?';
    if (text_equal_caseless(name, "Content-Type"))
        rp->media_type = value;
    else
        field_link(exchange, arena_text(exchange->arena, name), value);
}

void reply_own_header(struct reply *rp, const char *name, const char *value)
{
    field_link(exchange_of_reply(rp), name, value);
}

void reply_header(struct reply *rp, const char *name, const char *format, ...)
{
    struct exchange *exchange = exchange_of_reply(rp);
    va_list arguments;
    va_start(arguments, format);
    field_add(exchange, name, arena_vprint(exchange->arena, format, arguments));
    va_end(arguments);
}

static bool has_field(const struct reply *rp, const char *name)
{
    for (const struct reply_field *field = rp->fields; field; field = field->next)
        if (text_equal_caseless(field->name, name))
            return true;
    return false;
}

static void set_body(struct reply *rp, int status, const char *media_type, const char *data,
                     size_t size)
{
    rp->next = REPLY_BODY;
    rp->status = status;
    if (!rp->media_type)
        rp->media_type = media_type;
    rp->body = data;
    rp->body_size = size;
}

static int add_to_buffer(const char *data, size_t size, void *buffer)
{
    buffer_add(buffer, data, size);
    return 0;
}

struct buffer *reply_buffer(struct request *rq)
{
    struct buffer *body = &exchange_of(rq)->body;
    buffer_reset(body);
    return body;
}

struct problem *reply_buffered(struct request *rq, struct reply *rp, int status,
                               const char *media_type)
{
    const struct buffer *body = &exchange_of(rq)->body;
    return reply_text(rq, rp, status, media_type, body->size ? body->data : "", body->size);
}

struct problem *reply_json(struct request *rq, struct reply *rp, int status, json_t *json)
{
    struct buffer *text = reply_buffer(rq);
    int failed =
        json ? json_dump_callback(json, add_to_buffer, text, JSON_COMPACT | JSON_ENCODE_ANY) : -1;
    json_decref(json);
    if (failed)
        return problem_because(
            rq->arena,
            problem_new(rq->arena, &PROBLEM_INTERNAL, "the answer could not be put into words"),
            "a JSON value could not be made or written");
    buffer_add_char(text, '\n');
    set_body(rp, status, "application/json", text->data, text->size);
    return NULL;
}

struct problem *reply_text(struct request *rq, struct reply *rp, int status, const char *media_type,
                           const char *data, size_t size)
{
    (void)rq; /* all replies are made alike */
    set_body(rp, status, media_type, data, size);
    return NULL;
}

struct problem *reply_head(struct request *rq, struct reply *rp, int status, const char *media_type)
{
    assert(rq->method == HEAD);
    set_body(rp, status, media_type, "", 0);
    rp->no_length = true;
    return NULL;
}

struct problem *reply_empty(struct request *rq, struct reply *rp, int status)
{
    (void)rq;
    set_body(rp, status, NULL, "", 0);
    return NULL;
}

/* The coding an entity tag of ours was given for, and the length of what stands before its suffix.
 */
static enum coding tag_coding(const char *tag, size_t size, size_t *out_size)
{
    for (enum coding coding = CODING_GZIP; coding < CODING_COUNT; coding++) {
        const char *name = coding_name(coding);
        size_t suffix = strlen(name) + 1;
        if (size > suffix && tag[size - suffix] == '-'
            && memcmp(tag + size - suffix + 1, name, suffix - 1) == 0) {
            *out_size = size - suffix;
            return coding;
        }
    }
    *out_size = size;
    return CODING_NONE;
}

/* Does one of these tags name this content, in a coding the client still takes? Gives it. A weak
 * one is no name of certain bytes, which If-Match wants. */
static const char *matching_tag(struct exchange *exchange, const char *wanted, const char *etag,
                                bool weak_too)
{
    const char *accepted = request_header(&exchange->request, "Accept-Encoding");
    size_t etag_size = strlen(etag);
    const char *at = wanted;
    while (*(at += strspn(at, ", \t"))) {
        if (*at == '*')
            return etag;
        bool is_weak = at[0] == 'W' && at[1] == '/';
        if (is_weak)
            at += 2;
        if (*at != '"')
            return NULL;
        const char *tag = at + 1;
        size_t size = strcspn(tag, "\"");
        if (!tag[size])
            return NULL;
        at = tag + size + 1;
        if (is_weak && !weak_too)
            continue;
        if (size == etag_size && memcmp(tag, etag, size) == 0)
            return etag;
        size_t bare;
        enum coding coding = tag_coding(tag, size, &bare);
        if (coding != CODING_NONE && bare == etag_size && memcmp(tag, etag, bare) == 0
            && coding_is_accepted(accepted, coding))
            return arena_copy(exchange->arena, tag, size);
    }
    return NULL;
}

static struct problem *changed(struct request *rq)
{
    return problem_new(rq->arena, &PROBLEM_PRECONDITION,
                       "If-Match names another state than the one that would be answered; ask "
                       "without it, or for a snapshot by its number, which never changes");
}

bool reply_not_modified(struct request *rq, struct reply *rp, const char *etag)
{
    struct exchange *exchange = exchange_of(rq);
    rp->etag = arena_text(rq->arena, etag);
    if (rq->method != GET && rq->method != HEAD)
        return false;
    const char *match = request_header(rq, "If-Match");
    if (match && !matching_tag(exchange, match, rp->etag, false)) {
        reply_of_problem(exchange, changed(rq));
        return true;
    }
    const char *none_match = request_header(rq, "If-None-Match");
    const char *tag = none_match ? matching_tag(exchange, none_match, rp->etag, true) : NULL;
    if (!tag)
        return false;
    rp->etag = tag;
    rp->varies = true;
    set_body(rp, 304, NULL, "", 0);
    return true;
}

static enum coding wanted_coding(struct exchange *exchange)
{
    struct reply *rp = &exchange->reply;
    if (!rp->media_type || !coding_is_worth(rp->media_type) || has_field(rp, "Content-Encoding"))
        return CODING_NONE;
    rp->varies = true;
    return coding_choose(request_header(&exchange->request, "Accept-Encoding"));
}

static void set_coding(struct exchange *exchange, enum coding coding)
{
    struct reply *rp = &exchange->reply;
    rp->coding = coding;
    if (rp->etag && coding != CODING_NONE)
        rp->etag = arena_print(exchange->arena, "%s-%s", rp->etag, coding_name(coding));
}

void reply_prepare(struct exchange *exchange, struct coder *coder)
{
    struct reply *rp = &exchange->reply;
    if (rp->next != REPLY_BODY || rp->has_file || rp->status == 204 || rp->status == 304)
        return;
    enum coding coding = wanted_coding(exchange);
    if (coding == CODING_NONE || rp->body_size < CODING_LEAST_BYTES)
        return;
    buffer_reset(&exchange->coded);
    if (!coder_begin(coder, coding) || !coder_add(coder, rp->body, rp->body_size, &exchange->coded)
        || !coder_end(coder, &exchange->coded))
        return; /* it is sent as it is */
    rp->body = exchange->coded.data;
    rp->body_size = exchange->coded.size;
    set_coding(exchange, coding);
}

void reply_begin_fields(struct exchange *exchange)
{
    if (exchange->home && exchange->home->begin_reply)
        exchange->home->begin_reply(&exchange->request, &exchange->reply);
}

/* What a problem keeps of the fields that were set before it. */
static bool is_kept_by_problem(const char *name)
{
    static const char *const names[] = { "WWW-Authenticate", "Retry-After", "Allow",
                                         "Content-Range" };
    for (size_t i = 0; i < COUNT(names); i++)
        if (text_equal_caseless(name, names[i]))
            return true;
    return false;
}

/* Where it was made: the path alone, and nothing where that is longer than a document should be. */
static const char *instance_of(const struct exchange *exchange)
{
    size_t size = strcspn(exchange->path, "?");
    return size > 1024 ? NULL : arena_copy(exchange->arena, exchange->path, size);
}

void reply_of_problem(struct exchange *exchange, struct problem *problem)
{
    struct reply *rp = &exchange->reply;
    struct reply_field *fields = rp->fields;
    reply_init(rp);
    for (struct reply_field *field = fields; field; field = field->next)
        if (is_kept_by_problem(field->name))
            reply_header(rp, field->name, "%s", field->value);
    const char *allow = problem_text(problem, "allow");
    if (allow && !has_field(rp, "Allow"))
        reply_header(rp, "Allow", "%s", allow);
    int64_t retry_after =
        problem_number(problem, "retry_after", problem->kind->status == 503 ? 1 : 0);
    if (retry_after && !has_field(rp, "Retry-After"))
        reply_header(rp, "Retry-After", "%lld", (long long)retry_after);
    reply_header(rp, "Cache-Control", "no-store");
    reply_begin_fields(exchange);
    const struct problem_dialect *dialect =
        exchange->home && exchange->home->problems ? exchange->home->problems : &PROBLEM_DOCUMENT;
    const char *text = dialect->write(exchange->arena, problem, instance_of(exchange));
    set_body(rp, problem->kind->status, dialect->media_type, text, strlen(text));
    rp->problem = problem;
}

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
    enum coding coding = wanted_coding(exchange);
    if (coding != CODING_NONE && coder_begin(rp->coder, coding))
        set_coding(exchange, coding);
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

struct problem *reply_by_worker(struct request *rq, struct reply *rp,
                                struct problem *(*handle)(struct request *, struct reply *))
{
    (void)rq; /* all replies are made alike */
    rp->next = REPLY_WORKER;
    rp->handle = handle;
    rp->is_long = false;
    return NULL;
}

struct problem *reply_by_stream(struct request *rq, struct reply *rp,
                                struct problem *(*handle)(struct request *, struct reply *))
{
    TRY(reply_by_worker(rq, rp, handle));
    rp->is_long = true;
    return NULL;
}
