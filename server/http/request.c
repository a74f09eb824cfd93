#include "exchange.h"

#include "server/base/text.h"

#include <assert.h>
#include <string.h>

const char *request_path(const struct request *rq, size_t index)
{
    const struct exchange *exchange = exchange_of(rq);
    for (size_t i = 0; i < index; i++)
        assert(exchange->parameters[i]);
    assert(exchange->parameters[index]);
    return exchange->parameters[index];
}

const char *request_target(const struct request *rq)
{
    return exchange_of(rq)->target;
}

const char *request_raw_path(const struct request *rq)
{
    return exchange_of(rq)->path;
}

const char *request_option(const struct request *rq, const char *name)
{
    const struct exchange *exchange = exchange_of(rq);
    for (size_t i = 0; i < exchange->option_count; i++)
        if (strcmp(exchange->options[i].name, name) == 0)
            return exchange->options[i].value;
    return NULL;
}

const char *request_query_option(const struct request *rq, const char *name)
{
    const struct exchange *exchange = exchange_of(rq);
    for (size_t i = 0; i < exchange->option_count; i++) {
        const char *given = exchange->options[i].name;
        if (text_equal_caseless(given + (given[0] == '$'), name))
            return exchange->options[i].value;
    }
    return NULL;
}

const struct request_option *request_options(const struct request *rq, size_t *out_count)
{
    const struct exchange *exchange = exchange_of(rq);
    *out_count = exchange->option_count;
    return exchange->options;
}

const char *request_header(const struct request *rq, const char *name)
{
    const struct exchange *exchange = exchange_of(rq);
    const char *value = NULL;
    for (size_t i = 0; i < exchange->field_count; i++) {
        const struct field *field = &exchange->fields[i];
        /* most differ in their first letter */
        if ((field->name[0] | 0x20) != (name[0] | 0x20) || !text_equal_caseless(field->name, name))
            continue;
        value = value ? arena_print(exchange->arena, "%s, %s", value, field->value) : field->value;
    }
    return value;
}

const char *request_base_url(const struct request *rq)
{
    struct exchange *exchange = exchange_of(rq);
    if (exchange->loop->http->public_url)
        return exchange->loop->http->public_url;
    if (!exchange->base_url) /* asked for several times in an answer */
        exchange->base_url =
            arena_join(exchange->arena, "http://", exchange->host ? exchange->host : "localhost");
    return exchange->base_url;
}

const char *request_trace_id(const struct request *rq)
{
    return exchange_of(rq)->trace_id;
}

static struct problem *read_failed(struct exchange *exchange)
{
    struct arena *arena = exchange->arena;
    switch (ring_fault(exchange->up)) {
    case RING_TOO_LARGE:
        return problem_new(arena, &PROBLEM_BODY_TOO_LARGE, "the body is larger than %llu bytes",
                           (unsigned long long)exchange->body_limit);
    case RING_SLOW:
        return problem_new(arena, &PROBLEM_TIMEOUT,
                           "the body came slower than %lld bytes per second",
                           (long long)exchange->loop->http->limits.least_rate);
    case RING_STOPPED:
        return problem_new(arena, &PROBLEM_BUSY, "the server is being stopped");
    default:
        return problem_new(arena, &PROBLEM_BAD_REQUEST,
                           "the client went away before its body ended");
    }
}

struct problem *request_read(struct request *rq, char *data, size_t capacity, size_t *out_size)
{
    struct exchange *exchange = exchange_of(rq);
    assert(rq->route->lane == WORK && capacity);
    size_t size = exchange->up ? ring_take(exchange->up, data, capacity) : 0;
    if (!size && exchange->up && ring_fault(exchange->up))
        return read_failed(exchange);
    *out_size = size;
    return NULL;
}

struct problem *request_document(struct request *rq, const char **out_text, size_t *out_size)
{
    struct exchange *exchange = exchange_of(rq);
    assert(rq->route->flags & ROUTE_DOCUMENT);
    CLEANUP(buffer_clear) struct buffer document = { 0 };
    const size_t step = 16 * 1024;
    for (size_t size = 1; size; document.size += size)
        TRY(request_read(rq, buffer_room(&document, step), step, &size));
    *out_text = arena_copy(exchange->arena, document.data, document.size);
    *out_size = document.size;
    return NULL;
}

void request_at_end(struct request *rq, void (*release)(void *value), void *value)
{
    struct exchange *exchange = exchange_of(rq);
    struct held *held = arena_new_of(exchange->arena, struct held);
    *held = (struct held){ exchange->held, release, value };
    exchange->held = held;
}

bool request_is_gone(const struct request *rq)
{
    return atomic_load_explicit(&exchange_of(rq)->gone, memory_order_relaxed);
}
