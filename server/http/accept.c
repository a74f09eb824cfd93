#include "exchange.h"

#include "percent.h"

#include "server/base/text.h"

#include <string.h>

static uint64_t next_random(struct loop *loop)
{
    /* splitmix64: ids need to be different, not secret */
    uint64_t mixed = loop->random[0] += UINT64_C(0x9e3779b97f4a7c15);
    mixed = (mixed ^ (mixed >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    mixed = (mixed ^ (mixed >> 27)) * UINT64_C(0x94d049bb133111eb);
    return mixed ^ (mixed >> 31);
}

/* version-trace-parent-flags, in lower-case hexadecimal (W3C Trace Context §3.2). */
static bool is_traceparent(const char *text)
{
    if (!text || strlen(text) < 55 || strspn(text, "0123456789abcdef") != 2
        || strncmp(text, "ff", 2) == 0)
        return false;
    return text[2] == '-' && strspn(text + 3, "0123456789abcdef") == 32 && text[35] == '-'
           && strspn(text + 36, "0123456789abcdef") == 16 && text[52] == '-'
           && strspn(text + 3, "0") < 32 && strspn(text + 36, "0") < 16
           && (text[55] == '\0' || (text[55] == '-' && strncmp(text, "00", 2) != 0));
}

static void set_trace_id(struct exchange *exchange)
{
    const char *parent = request_header(&exchange->request, "traceparent");
    if (is_traceparent(parent)) {
        memcpy(exchange->trace_id, parent + 3, 32);
        exchange->trace_id[32] = '\0';
        return;
    }
    uint64_t id[2] = { next_random(exchange->loop) ^ exchange->loop->random[1],
                       next_random(exchange->loop) };
    text_hex(id, sizeof id, exchange->trace_id);
}

static struct problem *read_options(struct exchange *exchange)
{
    const char *query = exchange->query;
    if (!query || !*query)
        return NULL;
    size_t capacity = 1;
    for (const char *at = query; (at = strchr(at, '&')); at++)
        capacity++;
    exchange->options = arena_array_of(exchange->arena, struct request_option, capacity);
    for (const char *at = query; *at; at += *at == '&') {
        size_t size = strcspn(at, "&");
        const char *sign = memchr(at, '=', size);
        size_t name_size = sign ? (size_t)(sign - at) : size;
        char *name;
        char *value = arena_text(exchange->arena, "");
        TRY(percent_decode(exchange->arena, "query", at, name_size, &name));
        if (sign)
            TRY(percent_decode_option(exchange->arena, sign + 1, size - name_size - 1, &value));
        at += size;
        if (*name)
            exchange->options[exchange->option_count++] = (struct request_option){ name, value };
    }
    return NULL;
}

static const struct {
    const char *name;
    enum method method;
} methods[] = {
    { "GET", GET },
    { "HEAD", HEAD },
    { "POST", POST },
    { "PUT", PUT },
    { "DELETE", DELETE },
    { "OPTIONS", OPTIONS },
    /* known to HTTP, and on no route of ours */
    { "PATCH", METHOD_NONE },
    { "TRACE", METHOD_NONE },
    { "CONNECT", METHOD_NONE },
};

static struct problem *read_method(struct exchange *exchange)
{
    for (size_t i = 0; i < COUNT(methods); i++) {
        if (strcmp(methods[i].name, exchange->method_text) == 0) {
            exchange->request.method = methods[i].method;
            return NULL;
        }
    }
    return problem_new(exchange->arena, &PROBLEM_NOT_IMPLEMENTED,
                       "the method is not one this server knows");
}

static struct problem *answer_options(struct exchange *exchange, const char *allow)
{
    struct reply *rp = &exchange->reply;
    reply_header(rp, "Allow", "%s", allow);
    exchange->answered = true;
    return reply_empty(&exchange->request, rp, 204);
}

static struct problem *find_route(struct exchange *exchange)
{
    struct request *rq = &exchange->request;
    if (strcmp(exchange->path, "*") == 0)
        return answer_options(exchange, "GET, HEAD, POST, PUT, DELETE, OPTIONS");
    /* below the root of a port there is nothing of another's */
    const struct route_set *const homes[] = { exchange->home, NULL };
    struct problem *problem =
        router_find(exchange->arena, exchange->home ? homes : exchange->listener->routes,
                    rq->method, exchange->path, &rq->route, &exchange->parameters);
    if (problem && problem->kind == &PROBLEM_METHOD_NOT_ALLOWED && rq->method == OPTIONS)
        return answer_options(exchange, problem_text(problem, "allow"));
    return problem;
}

static struct problem *check_body(struct exchange *exchange)
{
    const struct limits *limits = &exchange->loop->http->limits;
    const struct route *route = exchange->request.route;
    bool has_body = exchange->chunked || exchange->content_length > 0;
    if (route->flags & ROUTE_DELIVERY)
        exchange->body_limit = limits->body_bytes;
    else if (route->flags & ROUTE_DOCUMENT)
        exchange->body_limit = limits->document_bytes;
    if (!has_body)
        return NULL;
    if (!exchange->body_limit)
        return problem_new(exchange->arena, &PROBLEM_BODY_TOO_LARGE, "no body is taken here");
    if (exchange->content_length > 0 && (uint64_t)exchange->content_length > exchange->body_limit)
        return problem_new(exchange->arena, &PROBLEM_BODY_TOO_LARGE,
                           "the body has %lld bytes; at most %llu are taken here",
                           (long long)exchange->content_length,
                           (unsigned long long)exchange->body_limit);
    const char *coding = request_header(&exchange->request, "Content-Encoding");
    if (coding && !text_equal_caseless(coding, "identity"))
        return problem_new(exchange->arena, &PROBLEM_MEDIA_TYPE,
                           "a body must come without Content-Encoding");
    return NULL;
}

static struct problem *check_scope(struct exchange *exchange)
{
    struct request *rq = &exchange->request;
    const struct http_hooks *hooks = &exchange->loop->http->hooks;
    if (rq->route->scope == SCOPE_REFUSED)
        return problem_new(exchange->arena, &PROBLEM_FORBIDDEN, "this is open to nobody");
    if (hooks->authenticate)
        return hooks->authenticate(rq, &exchange->reply);
    if (rq->route->scope == SCOPE_PUBLIC || rq->route->scope == SCOPE_DISCOVERY)
        return NULL;
    return problem_new(exchange->arena, &PROBLEM_UNAUTHENTICATED, "no token can be checked here");
}

struct problem *exchange_accept(struct exchange *exchange, const char *method, const char *url,
                                const char *version)
{
    struct problem *problem = hygiene_check(exchange, method, url, version);
    set_trace_id(exchange);
    TRY(problem);
    exchange->home = router_home(exchange->listener->routes, exchange->path);
    reply_begin_fields(exchange);
    TRY(read_method(exchange));
    TRY(find_route(exchange));
    if (exchange->answered)
        return NULL;
    TRY(check_scope(exchange));
    TRY(check_body(exchange));
    return read_options(exchange);
}
