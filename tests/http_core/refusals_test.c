#include "fixture.h"

#include <poll.h>
#include <string.h>
#include <sys/socket.h>

/* A header field of many bytes, or a long path, where the request has a %. */
static const struct {
    const char *request;
    int many; /* 0: sent as it is */
    int status;
    bool closes; /* the connection must not be used again */
} refused[] = {
    /* two servers could read these in two ways */
    { "GET /hello HTTP/1.1\r\n\r\n", 0, 400, true },
    { "GET /hello HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 0, 400, true },
    { "GET /hello HTTP/1.1\r\nHost:\r\n\r\n", 0, 400, true },
    { "GET /hello HTTP/1.1\r\nHost: a/b\r\n\r\n", 0, 400, true },
    { "POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello", 0,
      400, true },
    { "POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\ncontent-length: 6\r\n\r\nhello", 0,
      400, true },
    { "POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"
      "0\r\n\r\n",
      0, 400, true },
    { "POST /upload HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n", 0, 501, true },
    { "POST /upload HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 0, 501,
      true },
    { "POST /upload HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n"
      "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      0, 400, true },
    { "POST /upload HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 0, 400, true },
    { "POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length : 4\r\n\r\nGET ", 0, 400, true },
    { "POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 5, 5\r\n\r\nhello", 0, 400, true },
    { "POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: +5\r\n\r\nhello", 0, 400, true },
    { "POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\nhello", 0, 400, true },
    { "POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n", 0, 413,
      true },
    { "GET /hello HTTP/1.1\r\nHost: a\r\nX: 1\r\n 2\r\n\r\n", 0, 400, true },
    { "GET /hello HTTP/1.1\r\nHost: a\r\nX: 1\r\n\t2\r\nY: 3\r\n\r\n", 0, 400, true },
    { "GET /hello HTTP/1.1\nHost: a\r\n\r\n", 0, 400, true },
    { "GET /hello HTTP/1.1\r\nHost: a\nX: 1\r\n\r\n", 0, 400, true },
    { "GET /hello HTTP/1.1\r\nHost: a\n\r\n", 0, 400, true },
    { "GET /hello HTTP/1.1\r\nHost: a\r\n\n", 0, 400, true },
    { "GET /hello HTTP/1.1\nHost: a\n\n", 0, 400, true },
    { "GET /hello HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n", 0, 400, true },
    { "GET /hello HTTP/1.1\r\nHost: a\r\n: no name\r\n\r\n", 0, 400, true },
    { "GET /hello HTTP/1.1\r\nHost: a\r\nX Y: 1\r\n\r\n", 0, 400, true },
    { "GET /hello HTTP/1.1\r\nHost: a\r\nX: \x01\r\n\r\n", 0, 400, true },
    { "GET /hello HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n", 0, 400, true },
    { "G(T /hello HTTP/1.1\r\nHost: a\r\n\r\n", 0, 400, true },
    { "GET /hel lo HTTP/1.1\r\nHost: a\r\n\r\n", 0, 400, true },
    { "GET /hello#top HTTP/1.1\r\nHost: a\r\n\r\n", 0, 400, true },
    { "GET hello HTTP/1.1\r\nHost: a\r\n\r\n", 0, 400, true },
    { "GET * HTTP/1.1\r\nHost: a\r\n\r\n", 0, 400, true },
    { "GET ftp://a/hello HTTP/1.1\r\nHost: a\r\n\r\n", 0, 400, true },
    { "GET http:///hello HTTP/1.1\r\nHost: a\r\n\r\n", 0, 400, true },
    { "CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n", 0, 400, true },
    { "GET /hello HTTP/2.0\r\nHost: a\r\n\r\n", 0, 505, true },
    { "GET /hello HTTP/0.9\r\nHost: a\r\n\r\n", 0, 505, true },
    { "GET /hello\r\nHost: a\r\n\r\n", 0, 400, true },
    { "PUT /document HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n", 0, 400,
      true },
    { "PUT /document HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
      "fffffffffffffffffff\r\n",
      0, 413, true },

    /* these are read well, and refused */
    { "GET /hello%00 HTTP/1.1\r\nHost: a\r\n\r\n", 0, 400, false },
    { "GET /echo/%zz HTTP/1.1\r\nHost: a\r\n\r\n", 0, 400, false },
    { "GET /echo/%ff HTTP/1.1\r\nHost: a\r\n\r\n", 0, 400, false },
    { "GET /echo/a?x=%00 HTTP/1.1\r\nHost: a\r\n\r\n", 0, 400, false },
    { "GET /echo/a?x=%f HTTP/1.1\r\nHost: a\r\n\r\n", 0, 400, false },
    { "GET /hello HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer a\r\nAuthorization: Bearer "
      "b\r\n\r\n",
      0, 400, false },
    { "PUT /document HTTP/1.1\r\nHost: a\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\nxx",
      0, 415, false },

    /* too much; room for all of it is never made */
    { "GET /%d HTTP/1.1\r\nHost: a\r\n\r\n", 9000, 414, false },
    { "GET /hello?%d HTTP/1.1\r\nHost: a\r\n\r\n", 9000, 414, false },
    { "GET /%d HTTP/1.1\r\nHost: a\r\n\r\n", 100000, 414, true },
    { "GET /hello HTTP/1.1\r\nHost: a\r\nX: %d\r\n\r\n", 20000, 431, true },
    { "GET /hello HTTP/1.1\r\nHost: a\r\nX: %d\r\n\r\n", 100000, 431, true },
    { "GET /hello HTTP/1.1\r\nHost: a\r\nX%d: 1\r\n\r\n", 100000, 431, true },
    { "GET /hello HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello", 0, 413, false },
    { "GET /hello HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
      0, 413, true },
    { "PUT /document HTTP/1.1\r\nHost: a\r\nContent-Length: 2049\r\n\r\n%d", 2049, 413, false },
    { "PUT /document HTTP/1.1\r\nHost: a\r\nContent-Length: 2000000\r\n\r\n%d", 100000, 413, true },
    { "PUT /document HTTP/1.1\r\nHost: a\r\nContent-Length: 2000000\r\nExpect: "
      "100-continue\r\n\r\n",
      0, 413, true },
    { "PUT /document HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n30d40\r\n%d", 200000,
      413, true },
    { "POST /upload HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n200000\r\n%d", 2000000,
      413, true },
    { "POST /picky HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n%d", 1000000, 422, true },
    { "POST /picky HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n%d", 100, 422, false },
};

static void send_request(int fd, const char *request, int many)
{
    const char *mark = many ? strstr(request, "%d") : NULL;
    if (!mark) {
        client_send(fd, request);
        return;
    }
    CLEANUP(arena_free_at) struct arena *arena = arena_new(1024);
    char *filling = arena_alloc(arena, (size_t)many);
    memset(filling, 'x', (size_t)many);
    client_send_bytes(fd, request, (size_t)(mark - request));
    client_send_bytes(fd, filling, (size_t)many);
    client_send(fd, mark + 2);
}

START_TEST(what_is_no_good_is_refused_with_a_problem)
{
    server_start((const char *const[]){ "--max-document=2KB", "--max-body=1200000", NULL });
    struct answer answer;
    char value[256];
    int fd = client_open();
    send_request(fd, refused[_i].request, refused[_i].many);
    client_read(fd, false, &answer);
    ck_assert_int_eq(answer.status, refused[_i].status);
    ck_assert_pstr_eq(field(&answer, "Content-Type", value), "application/problem+json");
    ck_assert(answer.whole);
    ck_assert_ptr_nonnull(strstr(answer.body, "\"type\":\"urn:entrepot:problem:"));
    if (refused[_i].closes) {
        ck_assert_pstr_eq(field(&answer, "Connection", value), "close");
        ck_assert(client_is_closed(fd));
    } else {
        client_send(fd, "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
        client_read(fd, false, &answer);
        ck_assert_int_eq(answer.status, 200);
    }
    close(fd);
    server_stop();
}
END_TEST

#define BYTES(text)                                                                                \
    {                                                                                              \
        text, sizeof(text) - 1                                                                     \
    }

static const struct {
    const char *bytes;
    size_t size;
} with_nul[] = {
    BYTES("GET /hello\0x HTTP/1.1\r\nHost: a\r\n\r\n"),
    BYTES("GET /hello HTTP/1.1\r\nHost: a\0b\r\n\r\n"),
    BYTES("GET /hello HTTP/1.1\r\nHost: a\r\nX\0Y: 1\r\n\r\n"),
    BYTES("GET\0 /hello HTTP/1.1\r\nHost: a\r\n\r\n"),
};

START_TEST(a_NUL_in_the_head_is_refused)
{
    server_start(NULL);
    struct answer answer;
    int fd = client_open();
    client_send_bytes(fd, with_nul[_i].bytes, with_nul[_i].size);
    client_read(fd, false, &answer);
    ck_assert_int_eq(answer.status, 400);
    ck_assert(client_is_closed(fd));
    close(fd);
    server_stop();
}
END_TEST

START_TEST(a_client_that_asks_first_is_told_before_it_sends)
{
    server_start(NULL);
    struct answer answer;
    char first[12];
    int fd = client_open();
    client_send(fd, "POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n"
                    "Expect: 100-continue\r\n\r\n");
    ck_assert_int_eq(recv(fd, first, sizeof first, MSG_PEEK | MSG_WAITALL), sizeof first);
    ck_assert_int_eq(memcmp(first, "HTTP/1.1 100", sizeof first), 0);
    client_send(fd, "hello");
    client_read(fd, false, &answer);
    ck_assert_int_eq(answer.status, 201);
    client_send(fd, "POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 5000000000\r\n"
                    "Expect: 100-continue\r\n\r\n");
    ck_assert_int_eq(recv(fd, first, sizeof first, MSG_PEEK | MSG_WAITALL), sizeof first);
    ck_assert_int_eq(memcmp(first, "HTTP/1.1 413", sizeof first), 0);
    close(fd);
    server_stop();
}
END_TEST

static const struct {
    const char *bytes;
    int answers; /* that come before the connection is closed; the last one is a 408 if `late` */
    bool late;
} unfinished[] = {
    { "", 0, false },
    { "GET /hel", 0, false },
    { "GET /hello HTTP/1.1\r\n", 1, true },
    { "GET /hello HTTP/1.1\r\nHost: a\r\nX: ", 1, true },
    { "GET /hello HTTP/1.1\r\nHost: a\r\n\r\nGET /hello HTTP/1.1\r\nHost:", 2, true },
};

START_TEST(a_head_that_does_not_end_is_waited_for_only_so_long)
{
    server_start((const char *const[]){ "--request-timeout=150ms", NULL });
    struct answer answer;
    int fd = client_open();
    client_send(fd, unfinished[_i].bytes);
    for (int i = 1; i <= unfinished[_i].answers; i++) {
        client_read(fd, false, &answer);
        bool is_last = i == unfinished[_i].answers;
        ck_assert_int_eq(answer.status, is_last && unfinished[_i].late ? 408 : 200);
    }
    ck_assert(client_is_closed(fd));
    close(fd);
    server_stop();
}
END_TEST

static const char *const trickles[] = {
    "POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n",
    "POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n",
    "PUT /document HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3e8\r\n",
    "POST /hello HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n",
};

START_TEST(a_body_that_trickles_is_refused)
{
    server_start((const char *const[]){ "--idle-timeout=1s", "--min-rate=1KB", NULL });
    struct answer answer;
    int fd = client_open();
    client_send(fd, trickles[_i]);
    struct pollfd poller = { .fd = fd, .events = POLLIN };
    for (int i = 0; i < 200 && !poll(&poller, 1, 100); i++)
        client_send(fd, "x"); /* never idle, never done */
    client_read(fd, false, &answer);
    ck_assert_int_eq(answer.status, strstr(trickles[_i], "/hello") ? 405 : 408);
    ck_assert(client_is_closed(fd));
    close(fd);
    server_stop();
}
END_TEST

START_TEST(a_body_that_trickles_to_a_worker_is_refused)
{
    server_start((const char *const[]){ "--idle-timeout=1s", "--min-rate=1KB", NULL });
    static const char much[700000];
    struct answer answer;
    int fd = client_open();
    client_send(fd, "POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n");
    client_send_bytes(fd, much, sizeof much);
    struct pollfd poller = { .fd = fd, .events = POLLIN };
    for (int i = 0; i < 200 && !poll(&poller, 1, 100); i++)
        client_send(fd, "x");
    client_read(fd, false, &answer);
    ck_assert_int_eq(answer.status, 408);
    ck_assert_int_eq(hand.failed, 1);
    ck_assert(client_is_closed(fd));
    close(fd);
    server_stop();
}
END_TEST

static const struct test_case cases[] = {
    TEST_EACH(what_is_no_good_is_refused_with_a_problem, refused),
    TEST_EACH(a_NUL_in_the_head_is_refused, with_nul),
    TEST(a_client_that_asks_first_is_told_before_it_sends),
    TEST_EACH(a_head_that_does_not_end_is_waited_for_only_so_long, unfinished),
    TEST_EACH(a_body_that_trickles_is_refused, trickles),
    TEST(a_body_that_trickles_to_a_worker_is_refused),
};
TEST_MAIN("http refusals", cases)
