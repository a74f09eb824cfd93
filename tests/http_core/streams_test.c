#include "fixture.h"

#include "server/base/digest.h"

#include <string.h>
#include <sys/socket.h>
#include <zlib.h>
#include <zstd.h>

/* What rings and sockets may hold of an answer nobody reads. */
#define SLACK (16 * 1024 * 1024)

static int open_narrow(void)
{
    int fd = client_open();
    const int small = 128 * 1024;
    ck_assert_int_eq(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small), 0);
    return fd;
}

START_TEST(a_long_answer_comes_whole_and_no_faster_than_it_is_read)
{
    server_start(NULL);
    static char data[65536];
    int fd = open_narrow();
    client_send(fd, "GET /big/40000000 HTTP/1.0\r\n\r\n");
    long long received = 0;
    for (ssize_t size; (size = recv(fd, data, sizeof data, 0)) > 0; received += size)
        ck_assert_int_lt(atomic_load(&hand.written), received + SLACK);
    ck_assert_int_gt(received, 40000000);
    ck_assert_int_lt(received, 40000000 + 1000);
    close(fd);
    server_stop();
}
END_TEST

static const char *const codings[] = { "zstd", "gzip" };

START_TEST(a_long_answer_can_be_compressed)
{
    server_start(NULL);
    static struct answer answer;
    static char plain[2000000];
    char request[256];
    char value[256];
    (void)snprintf(request, sizeof request,
                   "GET /big/1500000 HTTP/1.1\r\nHost: a\r\nAccept-Encoding: %s\r\n\r\n",
                   codings[_i]);
    ask(request, &answer);
    ck_assert_int_eq(answer.status, 200);
    ck_assert(answer.whole);
    ck_assert_pstr_eq(field(&answer, "Content-Encoding", value), codings[_i]);
    ck_assert_uint_lt(answer.size, sizeof answer.body);
    size_t size = 0;
    if (_i == 0) {
        size = ZSTD_decompress(plain, sizeof plain, answer.body, answer.size);
    } else {
        z_stream stream = { .next_in = (unsigned char *)answer.body,
                            .avail_in = (unsigned)answer.size,
                            .next_out = (unsigned char *)plain,
                            .avail_out = sizeof plain };
        ck_assert_int_eq(inflateInit2(&stream, MAX_WBITS + 16), Z_OK);
        ck_assert_int_eq(inflate(&stream, Z_FINISH), Z_STREAM_END);
        size = stream.total_out;
        inflateEnd(&stream);
    }
    ck_assert_uint_eq(size, 1500000);
    size_t wrong = 0;
    for (size_t i = 0; i < size; i++)
        wrong += plain[i] != (char)('a' + i % 8192 % 26);
    ck_assert_uint_eq(wrong, 0);
    server_stop();
}
END_TEST

START_TEST(an_answer_that_breaks_does_not_look_whole)
{
    server_start(NULL);
    struct answer answer;
    char byte;
    ask("GET /cut HTTP/1.1\r\nHost: a\r\n\r\n", &answer);
    ck_assert_int_eq(answer.status, 200);
    ck_assert(!answer.whole);
    int fd = client_open();
    client_send(fd, "GET /cut HTTP/1.0\r\n\r\n");
    ssize_t size;
    while ((size = recv(fd, &byte, 1, 0)) > 0)
        ;
    ck_assert_int_eq(size, -1); /* a reset, not an end */
    close(fd);
    server_stop();
}
END_TEST

START_TEST(a_client_that_goes_away_ends_the_answer)
{
    server_start(NULL);
    char data[1000];
    for (int i = 1; i <= 5; i++) {
        int fd = open_narrow();
        client_send(fd, "GET /big/100000000000 HTTP/1.1\r\nHost: a\r\n\r\n");
        ck_assert_int_gt(recv(fd, data, sizeof data, 0), 0);
        close(fd);
        hand_await(&hand.failed, i);
    }
    struct answer answer;
    ask("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n", &answer);
    ck_assert_int_eq(answer.status, 200);
    server_stop();
}
END_TEST

START_TEST(a_client_that_goes_away_is_noticed_before_there_is_an_answer)
{
    server_start(NULL);
    int fd = client_open();
    client_send(fd, "GET /until-gone HTTP/1.1\r\nHost: a\r\n\r\n");
    hand_await(&hand.holding, 1);
    close(fd);
    hand_await(&hand.failed, 1);
    server_stop();
}
END_TEST

START_TEST(a_client_that_stops_reading_is_given_up)
{
    server_start((const char *const[]){ "--idle-timeout=1s", NULL });
    int fd = open_narrow();
    client_send(fd, "GET /big/100000000000 HTTP/1.1\r\nHost: a\r\n\r\n");
    hand_await(&hand.failed, 1);
    ck_assert_int_lt(atomic_load(&hand.written), SLACK);
    close(fd);
    server_stop();
}
END_TEST

static const struct {
    int size;
    int chunk; /* 0: with a Content-Length */
} uploads[] = {
    { 0, 0 },      { 1, 0 },      { 100000, 0 },      { 5000000, 0 },
    { 1, 1 },      { 3000, 7 },   { 100000, 16384 },  { 5000000, 70001 },
    { 524288, 0 }, { 524289, 0 }, { 524288, 524288 },
};

START_TEST(an_upload_arrives_as_it_was_sent)
{
    server_start(NULL);
    CLEANUP(arena_free_at) struct arena *arena = arena_new(1024);
    size_t size = (size_t)uploads[_i].size;
    size_t chunk = (size_t)uploads[_i].chunk;
    unsigned char *body = arena_alloc(arena, size + 1);
    for (size_t i = 0; i < size; i++)
        body[i] = (unsigned char)(i * 7 + i / 251);
    struct answer answer;
    int fd = client_open();
    if (!chunk) {
        client_send(fd, arena_print(arena,
                                    "POST /upload HTTP/1.1\r\nHost: a\r\n"
                                    "Content-Length: %zu\r\n\r\n",
                                    size));
        client_send_bytes(fd, body, size);
    } else {
        client_send(fd, "POST /upload HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
        for (size_t at = 0; at < size; at += chunk) {
            size_t part = size - at < chunk ? size - at : chunk;
            client_send(fd, arena_print(arena, "%zx\r\n", part));
            client_send_bytes(fd, body + at, part);
            client_send(fd, "\r\n");
        }
        client_send(fd, "0\r\n\r\n");
    }
    client_read(fd, false, &answer);
    ck_assert_int_eq(answer.status, 201);
    ck_assert_ptr_nonnull(strstr(answer.body, digest_sha256_hex(arena, body, size)));
    close(fd);
    server_stop();
}
END_TEST

START_TEST(a_client_that_goes_away_ends_its_upload)
{
    server_start(NULL);
    static const char part[600000];
    int fd = client_open();
    client_send(fd, "POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 40000000\r\n\r\n");
    client_send_bytes(fd, part, sizeof part);
    close(fd);
    hand_await(&hand.failed, 1);
    server_stop();
}
END_TEST

static const struct test_case cases[] = {
    TEST(a_long_answer_comes_whole_and_no_faster_than_it_is_read),
    TEST_EACH(a_long_answer_can_be_compressed, codings),
    TEST(an_answer_that_breaks_does_not_look_whole),
    TEST(a_client_that_goes_away_ends_the_answer),
    TEST(a_client_that_goes_away_is_noticed_before_there_is_an_answer),
    TEST(a_client_that_stops_reading_is_given_up),
    TEST_EACH(an_upload_arrives_as_it_was_sent, uploads),
    TEST(a_client_that_goes_away_ends_its_upload),
};
TEST_MAIN("http streams", cases)
