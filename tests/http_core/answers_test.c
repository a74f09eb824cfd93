#include "fixture.h"

#include <string.h>

static const struct {
    const char *request;
    int status;
    const char *name; /* of a field, with its value; NULL: not asked */
    const char *value;
    const char *body; /* what must be in it; NULL: it must be empty */
} answers[] = {
    { "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n", 200, "Content-Type", "text/plain", "hello\n" },
    { "GET /hello HTTP/1.0\r\n\r\n", 200, "Content-Length", "6", "hello\n" },
    { "GET http://b.example/hello HTTP/1.1\r\nHost: a\r\n\r\n", 200, NULL, NULL, "hello\n" },
    { "HEAD /hello HTTP/1.1\r\nHost: a\r\n\r\n", 200, "Content-Length", "6", NULL },
    { "HEAD /big/100000000000 HTTP/1.1\r\nHost: a\r\n\r\n", 200, "Content-Type", "text/plain",
      NULL },
    { "OPTIONS /hello HTTP/1.1\r\nHost: a\r\n\r\n", 204, "Allow", "GET, HEAD, OPTIONS", NULL },
    { "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 204, "Allow",
      "GET, HEAD, POST, PUT, DELETE, OPTIONS", NULL },
    { "GET /by-worker HTTP/1.1\r\nHost: a\r\n\r\n", 200, NULL, NULL, "hello\n" },
    { "GET /control HTTP/1.1\r\nHost: a\r\n\r\n", 200, NULL, NULL, "control\n" },
    { "GET /echo/a%20b?x=1&y=%C3%A9&z HTTP/1.1\r\nHost: a:1\r\nX-Test: 1\r\nx-test: 2\r\n\r\n", 200,
      "Content-Type", "application/json",
      "{\"name\":\"a b\",\"path\":\"/echo/a%20b\",\"base\":\"http://a:1\",\"trace\":" },
    { "GET /echo/q?a+b=c+d%2B&f=c+d%20e&&=x&e==%3D HTTP/1.1\r\nHost: a\r\n\r\n", 200, NULL, NULL,
      "\"options\":{\"a+b\":\"c d+\",\"f\":\"c+d e\",\"e\":\"==\"}" },
    { "GET /echo/q HTTP/1.1\r\nHost: a\r\nX-Test: 1\r\nx-test: 2\r\n\r\n", 200, NULL, NULL,
      "\"header\":\"1, 2\"" },
    { "GET http://c.example:7?x HTTP/1.1\r\nHost: a\r\n\r\n", 404, NULL, NULL,
      "\"instance\":\"/\"" },
    { "GET /echo/t HTTP/1.1\r\nHost: a\r\n"
      "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n\r\n",
      200, "X-Request-Id", "0af7651916cd43dd8448eb211c80319c", "0af7651916cd43dd8448eb211c80319c" },

    { "GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n", 404, "Content-Type", "application/problem+json",
      "\"instance\":\"/nowhere\"" },
    { "PUT /hello HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", 405, "Allow",
      "GET, HEAD, OPTIONS", "urn:entrepot:problem:method-not-allowed" },
    { "PATCH /hello HTTP/1.1\r\nHost: a\r\n\r\n", 405, "Allow", "GET, HEAD, OPTIONS", "405" },
    { "BREW /hello HTTP/1.1\r\nHost: a\r\n\r\n", 501, NULL, NULL, "not-implemented" },
    { "GET /secret HTTP/1.1\r\nHost: a\r\n\r\n", 401, NULL, NULL, "unauthenticated" },
    { "GET /refused HTTP/1.1\r\nHost: a\r\n\r\n", 403, NULL, NULL, "forbidden" },
    { "GET /in-vain HTTP/1.1\r\nHost: a\r\n\r\n", 409, "Cache-Control", "no-store",
      "it is not so" },
    { "GET /in-vain HTTP/1.1\r\nHost: a\r\n\r\n", 409, "Link", NULL, "it is not so" },
    { "GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n", 500, NULL, NULL, "internal" },
    { "GET /nothing/work HTTP/1.1\r\nHost: a\r\n\r\n", 500, NULL, NULL, "internal" },
    { "GET /fail HTTP/1.1\r\nHost: a\r\n\r\n", 503, "Retry-After", "1", "store-unavailable" },
    { "GET /big/x HTTP/1.1\r\nHost: a\r\n\r\n", 400, NULL, NULL, "not a number" },
    { "PUT /document HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello", 200, NULL, NULL,
      "hello" },
    { "PUT /document HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
      "3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\nX-Trailer: 1\r\n\r\n",
      200, NULL, NULL, "hello" },
    { "PUT /document HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", 200, NULL, NULL, NULL },
    { "PUT /document HTTP/1.1\r\nHost: a\r\n\r\n", 200, NULL, NULL, NULL },
};

START_TEST(a_request_gets_its_answer)
{
    server_start(NULL);
    struct answer answer;
    char value[256];
    ask(answers[_i].request, &answer);
    ck_assert_int_eq(answer.status, answers[_i].status);
    ck_assert(answer.whole);
    if (answers[_i].name)
        ck_assert_pstr_eq(field(&answer, answers[_i].name, value), answers[_i].value);
    if (answers[_i].body)
        ck_assert_ptr_nonnull(strstr(answer.body, answers[_i].body));
    else
        ck_assert_uint_eq(answer.size, 0);
    ck_assert_ptr_nonnull(field(&answer, "X-Request-Id", value));
    ck_assert_uint_eq(strlen(value), 32);
    ck_assert_ptr_nonnull(field(&answer, "Server-Timing", value));
    ck_assert_ptr_nonnull(field(&answer, "Date", value));
    server_stop();
}
END_TEST

START_TEST(a_connection_is_used_again)
{
    server_start(NULL);
    static const struct {
        const char *request;
        int status;
    } turns[] = {
        { "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n", 200 },
        { "GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n", 404 },
        { "HEAD /hello HTTP/1.1\r\nHost: a\r\n\r\n", 200 },
        { "POST /hello HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello", 405 },
        { "PUT /document HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello", 200 },
        { "GET /big/100000 HTTP/1.1\r\nHost: a\r\n\r\n", 200 },
        { "POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello", 201 },
        { "GET /by-worker HTTP/1.1\r\nHost: a\r\n\r\n", 200 },
        { "OPTIONS /hello HTTP/1.1\r\nHost: a\r\n\r\n", 204 },
    };
    struct answer answer;
    int fd = client_open();
    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < COUNT(turns); i++) {
            client_send(fd, turns[i].request);
            client_read(fd, turns[i].request[0] == 'H', &answer);
            ck_assert_int_eq(answer.status, turns[i].status);
        }
    }
    client_send(fd, "GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    client_read(fd, false, &answer);
    ck_assert_int_eq(answer.status, 200);
    ck_assert(client_is_closed(fd));
    close(fd);
    server_stop();
}
END_TEST

START_TEST(requests_sent_ahead_are_answered_in_order)
{
    server_start(NULL);
    struct answer answer;
    int fd = client_open();
    for (int i = 0; i < 20; i++)
        client_send(fd, "GET /by-worker HTTP/1.1\r\nHost: a\r\n\r\n"
                        "GET /echo/1 HTTP/1.1\r\nHost: a\r\n\r\n"
                        "PUT /document HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
                        "GET /big/30000 HTTP/1.1\r\nHost: a\r\n\r\n");
    for (int i = 0; i < 20; i++) {
        client_read(fd, false, &answer);
        ck_assert_str_eq(answer.body, "hello\n");
        client_read(fd, false, &answer);
        ck_assert_ptr_nonnull(strstr(answer.body, "\"name\":\"1\""));
        client_read(fd, false, &answer);
        ck_assert_str_eq(answer.body, "abc");
        client_read(fd, false, &answer);
        ck_assert(answer.whole);
        ck_assert_uint_eq(answer.size, 30000);
    }
    close(fd);
    server_stop();
}
END_TEST

static const struct {
    const char *accept;
    const char *tags; /* If-None-Match; NULL: none */
    int status;
    const char *etag;
    const char *coding;
} codings[] = {
    { "identity", NULL, 200, "\"v1\"", NULL },
    { "gzip, zstd", NULL, 200, "\"v1-zstd\"", "zstd" },
    { "gzip;q=1.0, zstd;q=0.5", NULL, 200, "\"v1-gzip\"", "gzip" },
    { "br", NULL, 200, "\"v1\"", NULL },
    { "*", NULL, 200, "\"v1-zstd\"", "zstd" },
    { "zstd", "\"v1-zstd\"", 304, "\"v1-zstd\"", NULL },
    { "zstd", "\"v1\"", 304, "\"v1\"", NULL },
    { "zstd", "W/\"v1-zstd\"", 304, "\"v1-zstd\"", NULL },
    { "zstd", "\"v0\", \"v1-zstd\"", 304, "\"v1-zstd\"", NULL },
    { "identity", "*", 304, "\"v1\"", NULL },
    { "identity", "\"v1-zstd\"", 200, "\"v1\"", NULL },
    { "zstd", "\"v0\"", 200, "\"v1-zstd\"", "zstd" },
    { "zstd", "\"v1", 200, "\"v1-zstd\"", "zstd" },
    { "zstd", "v1", 200, "\"v1-zstd\"", "zstd" },
    { "zstd", "\"v1-br\"", 200, "\"v1-zstd\"", "zstd" },
};

START_TEST(a_coding_has_an_entity_tag_of_its_own)
{
    server_start(NULL);
    char request[512];
    char value[256];
    struct answer answer;
    (void)snprintf(request, sizeof request,
                   "GET /tagged HTTP/1.1\r\nHost: a\r\nAccept-Encoding: %s\r\n%s%s%s\r\n",
                   codings[_i].accept, codings[_i].tags ? "If-None-Match: " : "",
                   codings[_i].tags ? codings[_i].tags : "", codings[_i].tags ? "\r\n" : "");
    ask(request, &answer);
    ck_assert_int_eq(answer.status, codings[_i].status);
    ck_assert_pstr_eq(field(&answer, "ETag", value), codings[_i].etag);
    ck_assert_pstr_eq(field(&answer, "Content-Encoding", value), codings[_i].coding);
    ck_assert_pstr_eq(field(&answer, "Vary", value), "Accept-Encoding");
    ck_assert_uint_eq(answer.size > 0, answer.status == 200);
    server_stop();
}
END_TEST

static const struct {
    const char *fields;
    int status;
} conditions[] = {
    { "If-Match: \"v1\"\r\n", 200 },
    { "If-Match: *\r\n", 200 },
    { "If-Match: \"v0\", \"v1\"\r\n", 200 },
    { "If-Match: \"v0\"\r\n", 412 },
    { "If-Match: \"v0\", W/\"v1\"\r\n", 412 },
    { "If-Match: v1\r\n", 412 },
    { "If-Match:\r\n", 412 },
    { "If-Match: \"v1-gzip\"\r\n", 412 },
    { "If-Match: \"v1-gzip\"\r\nAccept-Encoding: gzip\r\n", 200 },
    { "If-Match: \"v1\"\r\nIf-None-Match: \"v1\"\r\n", 304 },
    { "If-Match: \"v0\"\r\nIf-None-Match: \"v1\"\r\n", 412 },
    { "If-Match: *\r\nIf-None-Match: *\r\n", 304 },
    /* nothing here has a date */
    { "If-Unmodified-Since: Sat, 29 Oct 1994 19:43:31 GMT\r\n", 200 },
};

START_TEST(If_Match_must_name_what_is_there)
{
    server_start(NULL);
    char request[512];
    char value[256];
    struct answer answer;
    (void)snprintf(request, sizeof request, "GET /tagged HTTP/1.1\r\nHost: a\r\n%s\r\n",
                   conditions[_i].fields);
    ask(request, &answer);
    ck_assert_int_eq(answer.status, conditions[_i].status);
    if (answer.status == 412) {
        ck_assert_pstr_eq(field(&answer, "Content-Type", value), "application/problem+json");
        ck_assert_ptr_nonnull(strstr(answer.body, "precondition-failed"));
        ck_assert_ptr_null(field(&answer, "ETag", value));
    }
    server_stop();
}
END_TEST

START_TEST(a_control_port_of_its_own_has_the_control_routes_alone)
{
    server_start((const char *const[]){ "--control-listen=127.0.0.1:0", NULL });
    struct answer answer;
    ask("GET /control HTTP/1.1\r\nHost: a\r\n\r\n", &answer);
    ck_assert_int_eq(answer.status, 404);
    port = http_control_port(server);
    ask("GET /control HTTP/1.1\r\nHost: a\r\n\r\n", &answer);
    ck_assert_int_eq(answer.status, 200);
    ask("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n", &answer);
    ck_assert_int_eq(answer.status, 404);
    server_stop();
}
END_TEST

START_TEST(a_public_url_is_the_base_of_links)
{
    server_start((const char *const[]){ "--public-url=https://data.example/sales/", NULL });
    struct answer answer;
    ask("GET /echo/x HTTP/1.1\r\nHost: a\r\n\r\n", &answer);
    ck_assert_ptr_nonnull(strstr(answer.body, "\"base\":\"https://data.example/sales\""));
    server_stop();
}
END_TEST

START_TEST(a_request_is_counted_when_it_is_over)
{
    server_start(NULL);
    struct answer answer;
    int fd = client_open();
    client_send(fd, "GET /hello HTTP/1.1\r\nHost: a\r\n\r\nGET /no HTTP/1.1\r\nHost: a\r\n\r\n");
    client_read(fd, false, &answer);
    client_read(fd, false, &answer);
    client_send(fd, "POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n"
                    "Connection: close\r\n\r\nhello");
    client_read(fd, false, &answer);
    ck_assert(client_is_closed(fd));
    close(fd);
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    struct http_metrics metrics;
    http_metrics(server, arena, &metrics);
    uint64_t seen = 0;
    for (size_t i = 0; i < metrics.route_count; i++) {
        const struct http_route_metrics *row = &metrics.routes[i];
        uint64_t slow = 0;
        for (size_t bucket = 0; bucket < COUNT(row->duration_buckets); bucket++)
            slow += row->duration_buckets[bucket];
        if (!row->route) {
            ck_assert_uint_eq(row->by_status_class[4], 1);
        } else if (strcmp(row->route->path, "/hello") == 0) {
            ck_assert_uint_eq(row->by_status_class[2], 1);
            ck_assert_uint_eq(row->bytes_out, 6);
            ck_assert_uint_eq(slow, 1);
        } else if (strcmp(row->route->path, "/upload") == 0) {
            ck_assert_uint_eq(row->bytes_in, 5);
        }
        seen += slow;
    }
    ck_assert_uint_eq(seen, 3);
    server_stop();
}
END_TEST

START_TEST(an_address_in_use_is_named)
{
    server_start(NULL);
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    char listen[64];
    (void)snprintf(listen, sizeof listen, "--listen=127.0.0.1:%d", port);
    char *arguments[] = { listen };
    const struct config *config;
    char **words;
    ck_assert_ptr_null(config_read(arena, 1, arguments, &config, &words));
    static const struct route_set *const none[] = { NULL };
    const struct http_hooks hooks = { .routes = none };
    struct http *second;
    struct problem *problem = http_start(arena, config, &hooks, NULL, NULL, &second);
    ck_assert_ptr_nonnull(problem);
    ck_assert_ptr_eq(problem->kind, &PROBLEM_START);
    ck_assert_ptr_nonnull(strstr(problem->detail, "in use"));
    ck_assert_ptr_nonnull(strstr(problem->detail, listen + strlen("--listen=")));
    server_stop();
}
END_TEST

static const struct {
    const char *listen;
    const char *detail; /* NULL: it is served */
} addresses[] = {
    { "--listen=localhost:0", NULL },
    { "--listen=:0", NULL },
    { "--listen=127.0.0.2:0", NULL },
    { "--listen=", "not an address and port" },
    { "--listen=8080", "not an address and port" },
    { "--listen=127.0.0.1", "not an address and port" },
    { "--listen=127.0.0.1:", "not an address and port" },
    { "--listen=127.0.0.1:http", "not an address and port" },
    { "--listen=127.0.0.1:-1", "not an address and port" },
    { "--listen=127.0.0.1:65536", "not an address and port" },
    { "--listen=::1:8080", "brackets" },
    { "--listen=192.0.2.1:0", "cannot listen on 192.0.2.1:0" },
    { "--listen=127.0.0.256:0", "cannot listen on 127.0.0.256:0" },
};

START_TEST(an_address_is_listened_on_or_named)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    char *arguments[] = { (char *)(uintptr_t)addresses[_i].listen };
    const struct config *config;
    char **words;
    struct problem *problem = config_read(arena, 1, arguments, &config, &words);
    static const struct route_set *const none[] = { NULL };
    const struct http_hooks hooks = { .routes = none };
    struct http *http;
    if (!problem)
        problem = http_start(arena, config, &hooks, NULL, NULL, &http);
    if (!addresses[_i].detail) {
        ck_assert_msg(!problem, "%s", problem ? problem->detail : "");
        ck_assert_int_gt(http_port(http), 0);
        http_stop(http);
        return;
    }
    ck_assert_ptr_nonnull(problem);
    ck_assert_ptr_eq(problem->kind, &PROBLEM_START);
    ck_assert_msg(strstr(problem->detail, addresses[_i].detail), "%s", problem->detail);
}
END_TEST

static const struct test_case cases[] = {
    TEST_EACH(a_request_gets_its_answer, answers),
    TEST(a_connection_is_used_again),
    TEST(requests_sent_ahead_are_answered_in_order),
    TEST_EACH(a_coding_has_an_entity_tag_of_its_own, codings),
    TEST_EACH(If_Match_must_name_what_is_there, conditions),
    TEST(a_control_port_of_its_own_has_the_control_routes_alone),
    TEST(a_public_url_is_the_base_of_links),
    TEST(a_request_is_counted_when_it_is_over),
    TEST(an_address_in_use_is_named),
    TEST_EACH(an_address_is_listened_on_or_named, addresses),
};
TEST_MAIN("http answers", cases)
