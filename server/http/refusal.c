/*
 * The refusals libmicrohttpd makes by itself, before any handler sees the request: a head that does
 * not fit, a line without a colon, a wrong Content-Length or chunk, another version of HTTP.
 *
 * Its pages are HTML, and there is no hook to change them. But it queues them with its own public
 * function, which it calls through the dynamic linker, so the one defined here is called first and
 * puts a problem document in the page's place. Our own answers go to the library's function
 * directly (http.queue_response). Where the linker is told otherwise, clients get the HTML pages.
 */
#include "refusal.h"
#include "exchange.h"
#include "loop.h"

#include <assert.h>
#include <dlfcn.h>
#include <string.h>

static const struct problem_kind PROBLEM_HTTP_VERSION = { 505, "http-version",
                                                          "This version of HTTP is not spoken" };

struct refusal {
    const struct problem_kind *kind;
    const char *detail;
};

static const struct refusal refusals[] = {
    { &PROBLEM_BODY_TOO_LARGE, "the body, or a chunk of it, is larger than any that is taken" },
    { &PROBLEM_URI_TOO_LONG, "the request target is longer than any that is read: ask for less in "
                             "one request" },
    { &PROBLEM_HEADERS_TOO_LARGE,
      "the request target and the header fields are larger than any that "
      "are read: send less of them" },
    { &PROBLEM_HTTP_VERSION, "HTTP/1.1 and HTTP/1.0 are spoken" },
    { &PROBLEM_INTERNAL, "the request could not be read" },
    { &PROBLEM_BAD_REQUEST,
      "the request is not HTTP: a field without a colon, or a wrong Content-Length or chunk" },
};

refusal_queue *refusal_library_queue(void)
{
    void *symbol = dlsym(RTLD_NEXT, "MHD_queue_response");
    refusal_queue *queue;
    assert(symbol);
    memcpy(&queue, &symbol, sizeof queue); /* ISO C has no cast from data to function pointers */
    return queue;
}

static const struct refusal *refusal_of(unsigned status)
{
    size_t i = 0;
    while (i < COUNT(refusals) - 1 && refusals[i].kind->status != (int)status)
        i++;
    return &refusals[i];
}

/* A request of which not even the request line was read, or whose exchange a worker has. */
static enum MHD_Result refuse_by_library(struct client *client, struct MHD_Connection *connection,
                                         struct problem *problem)
{
    struct loop *loop = client->loop;
    const char *json = problem_json(loop->scratch, problem, NULL);
    size_t size = strlen(json);
    struct MHD_Response *response =
        MHD_create_response_from_buffer(size, (void *)(uintptr_t)json, MHD_RESPMEM_MUST_COPY);
    enum MHD_Result result = MHD_NO; /* the connection is closed without a word */
    if (response && MHD_add_response_header(response, "Content-Type", "application/problem+json")
        && MHD_add_response_header(response, "Cache-Control", "no-store"))
        result = loop->http->queue_response(connection, (unsigned)problem->kind->status, response);
    MHD_destroy_response(response);
    if (client->exchange) {
        client->exchange->refused = problem->kind; /* its own line tells */
        return result;
    }
    const struct access_entry entry = {
        .status = problem->kind->status, .bytes = size, .db_us = -1, .problem = problem
    };
    access_log_add(&loop->log, &entry);
    route_counters_add(&loop->counters[0], problem->kind->status, 0, size, 0);
    return result;
}

enum MHD_Result MHD_queue_response(struct MHD_Connection *connection, unsigned int status,
                                   struct MHD_Response *page)
{
    (void)page;
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    assert(info && info->socket_context);
    struct client *client = info->socket_context;
    struct exchange *exchange = client->exchange;
    const struct refusal *refusal = refusal_of(status);
    client->lingers = true;
    if (!exchange || exchange->job)
        return refuse_by_library(
            client, connection,
            problem_new(client->loop->scratch, refusal->kind, "%s", refusal->detail));
    /* after a wrong Content-Length the library would send the head of its page twice */
    reply_of_problem(exchange, problem_new(exchange->arena, refusal->kind, "%s", refusal->detail));
    exchange_answer_raw(exchange);
    return MHD_NO;
}
