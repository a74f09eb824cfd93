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

enum coding reply_wanted_coding(struct exchange *exchange)
{
    struct reply *rp = &exchange->reply;
    if (!rp->media_type || !coding_is_worth(rp->media_type) || has_field(rp, "Content-Encoding"))
        return CODING_NONE;
    rp->varies = true;
    return coding_choose(request_header(&exchange->request, "Accept-Encoding"));
}

void reply_set_coding(struct exchange *exchange, enum coding coding)
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
    enum coding coding = reply_wanted_coding(exchange);
    if (coding == CODING_NONE || rp->body_size < CODING_LEAST_BYTES)
        return;
    buffer_reset(&exchange->coded);
    if (!coder_begin(coder, coding) || !coder_add(coder, rp->body, rp->body_size, &exchange->coded)
        || !coder_end(coder, &exchange->coded))
        return; /* it is sent as it is */
    rp->body = exchange->coded.data;
    rp->body_size = exchange->coded.size;
    reply_set_coding(exchange, coding);
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
