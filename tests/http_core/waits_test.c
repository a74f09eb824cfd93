#include "fixture.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>

static size_t parked(const struct http_metrics *metrics)
{
    return metrics->parked;
}

static size_t queued(const struct http_metrics *metrics)
{
    return metrics->workers_queued;
}

static size_t busy(const struct http_metrics *metrics)
{
    return metrics->workers_busy;
}

START_TEST(those_who_wait_are_answered_when_something_happens)
{
    server_start(NULL);
    struct answer answer;
    int fds[10];
    for (int i = 0; i < 10; i++) {
        fds[i] = client_open();
        client_send(fds[i], "GET /wait HTTP/1.1\r\nHost: a\r\n\r\n");
    }
    hand_await(&hand.parked, 10);
    http_signal(server); /* about something else: they wait again */
    hand_await(&hand.parked, 20);
    atomic_store(&hand.event, 7);
    http_signal(server);
    for (int i = 0; i < 10; i++) {
        client_read(fds[i], false, &answer);
        ck_assert_str_eq(answer.body, "{\"event\":7}\n");
        client_send(fds[i], "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
        client_read(fds[i], false, &answer);
        ck_assert_int_eq(answer.status, 200);
        close(fds[i]);
    }
    metric_await(parked, 0);
    server_stop();
}
END_TEST

START_TEST(nobody_waits_longer_than_asked)
{
    server_start(NULL);
    struct answer answer;
    ask("GET /wait?ms=30 HTTP/1.1\r\nHost: a\r\n\r\n", &answer);
    ck_assert_str_eq(answer.body, "{\"event\":0}\n");
    ask("GET /wait?ms=0 HTTP/1.1\r\nHost: a\r\n\r\n", &answer);
    ck_assert_str_eq(answer.body, "{\"event\":0}\n");
    server_stop();
}
END_TEST

START_TEST(a_client_that_goes_away_waits_no_more)
{
    server_start(NULL);
    int fd = client_open();
    client_send(fd, "GET /wait HTTP/1.1\r\nHost: a\r\n\r\n");
    metric_await(parked, 1);
    close(fd);
    metric_await(parked, 0);
    server_stop();
}
END_TEST

START_TEST(only_so_many_may_wait)
{
    server_start((const char *const[]){ "--loops=1", "--max-parked=1", NULL });
    struct answer answer;
    char value[256];
    int fd = client_open();
    client_send(fd, "GET /wait HTTP/1.1\r\nHost: a\r\n\r\n");
    hand_await(&hand.parked, 1);
    ask("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n", &answer);
    ck_assert_int_eq(answer.status, 503);
    ck_assert_ptr_nonnull(field(&answer, "Retry-After", value));
    close(fd);
    server_stop();
}
END_TEST

/* Read what comes until it ends with a text. */
static void read_until(int fd, const char *end)
{
    char text[8192] = "";
    size_t size = 0;
    while (size < strlen(end) || strcmp(text + size - strlen(end), end) != 0) {
        ssize_t count = recv(fd, text + size, sizeof text - 1 - size, 0);
        ck_assert_msg(count > 0, "it ended with %s", text);
        size += (size_t)count;
        text[size] = '\0';
    }
}

START_TEST(a_feed_tells_bit_by_bit_and_ends)
{
    server_start(NULL);
    struct answer answer;
    char value[256];
    int fd = client_open();
    client_send(fd, "GET /feed HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n");
    read_until(fd, "\r\n\r\n2\r\n0\n\r\n");
    for (int event = 1; event < 5; event++) {
        atomic_store(&hand.event, event);
        http_signal(server);
        char chunk[] = "2\r\n0\n\r\n";
        chunk[3] = (char)('0' + event);
        read_until(fd, chunk);
    }
    atomic_store(&hand.event, 9);
    http_signal(server);
    read_until(fd, "2\r\n9\n\r\n0\r\n\r\n");
    client_send(fd, "GET /feed HTTP/1.1\r\nHost: a\r\n\r\n");
    client_read(fd, false, &answer);
    ck_assert_str_eq(answer.body, "9\n");
    ck_assert_str_eq(field(&answer, "Content-Type", value), "text/event-stream");
    close(fd);
    metric_await(parked, 0);
    server_stop();
}
END_TEST

START_TEST(a_feed_ends_when_its_client_goes_away)
{
    server_start((const char *const[]){ "--loops=1", "--max-parked=2", NULL });
    struct answer answer;
    int fds[2];
    for (int i = 0; i < 2; i++) {
        fds[i] = client_open();
        client_send(fds[i], "GET /feed HTTP/1.1\r\nHost: a\r\n\r\n");
        read_until(fds[i], "\r\n\r\n2\r\n0\n\r\n");
    }
    ask("GET /feed HTTP/1.1\r\nHost: a\r\n\r\n", &answer);
    ck_assert_int_eq(answer.status, 503);
    close(fds[0]);
    metric_await(parked, 1);
    int third = client_open();
    client_send(third, "GET /feed HTTP/1.1\r\nHost: a\r\n\r\n");
    read_until(third, "\r\n\r\n2\r\n0\n\r\n");
    close(third);
    close(fds[1]);
    metric_await(parked, 0);
    server_stop();
}
END_TEST

START_TEST(a_feed_ends_cleanly_when_the_server_stops)
{
    server_start(NULL);
    int fd = client_open();
    client_send(fd, "GET /feed HTTP/1.1\r\nHost: a\r\n\r\n");
    read_until(fd, "\r\n\r\n2\r\n0\n\r\n");
    http_stop(server); /* waits for the drain */
    read_until(fd, "6\r\n0 bye\n\r\n0\r\n\r\n");
    ck_assert(client_is_closed(fd));
    close(fd);
}
END_TEST

START_TEST(a_feed_that_fails_is_cut)
{
    server_start(NULL);
    struct answer answer;
    atomic_store(&hand.event, 8);
    ask("GET /feed HTTP/1.1\r\nHost: a\r\n\r\n", &answer);
    ck_assert_int_eq(answer.status, 200);
    ck_assert(!answer.whole);
    ask("GET /flood HTTP/1.1\r\nHost: a\r\n\r\n", &answer);
    ck_assert(!answer.whole);
    hand_await(&hand.failed, 1);
    ask("GET /feed-nothing HTTP/1.1\r\nHost: a\r\n\r\n", &answer);
    ck_assert(!answer.whole);
    ask("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n", &answer);
    ck_assert_int_eq(answer.status, 200);
    server_stop();
}
END_TEST

START_TEST(only_so_many_wait_for_a_worker)
{
    server_start((const char *const[]){ "--workers=1", "--worker-queue=1", NULL });
    struct answer answer;
    char value[256];
    int first = client_open();
    client_send(first, "GET /hold HTTP/1.1\r\nHost: a\r\n\r\n");
    hand_await(&hand.holding, 1);
    int second = client_open();
    client_send(second, "GET /hold HTTP/1.1\r\nHost: a\r\n\r\n");
    metric_await(queued, 1);
    ask("GET /hold HTTP/1.1\r\nHost: a\r\n\r\n", &answer);
    ck_assert_int_eq(answer.status, 503);
    ck_assert_ptr_nonnull(field(&answer, "Retry-After", value));
    ck_assert_ptr_nonnull(strstr(answer.body, "urn:entrepot:problem:busy"));
    ask("POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc", &answer);
    ck_assert_int_eq(answer.status, 503);
    ask("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n", &answer);
    ck_assert_int_eq(answer.status, 200);
    hand_release();
    client_read(first, false, &answer);
    ck_assert_int_eq(answer.status, 200);
    client_read(second, false, &answer);
    ck_assert_int_eq(answer.status, 200);
    metric_await(busy, 0);
    close(first);
    close(second);
    server_stop();
}
END_TEST

START_TEST(who_waits_too_long_for_a_worker_is_told_when_to_come_again)
{
    server_start((const char *const[]){ "--workers=1", "--queue-timeout=100ms", NULL });
    static const char part[600000]; /* more than is kept of a body that nobody reads yet */
    struct answer answer;
    char value[256];
    int first = client_open();
    client_send(first, "GET /hold HTTP/1.1\r\nHost: a\r\n\r\n");
    hand_await(&hand.holding, 1);
    ask("GET /hold HTTP/1.1\r\nHost: a\r\n\r\n", &answer);
    ck_assert_int_eq(answer.status, 503);
    ck_assert_ptr_nonnull(field(&answer, "Retry-After", value));
    int uploads = client_open();
    client_send(uploads, "POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 40000000\r\n\r\n");
    client_send_bytes(uploads, part, sizeof part);
    client_read(uploads, false, &answer);
    ck_assert_int_eq(answer.status, 503);
    metric_await(queued, 0);
    ask("GET /big/10 HTTP/1.1\r\nHost: a\r\n\r\n", &answer); /* has workers of its own */
    ck_assert_int_eq(answer.status, 200);
    hand_release();
    client_read(first, false, &answer);
    ck_assert_int_eq(answer.status, 200);
    ask("GET /hold HTTP/1.1\r\nHost: a\r\n\r\n", &answer);
    ck_assert_int_eq(answer.status, 200);
    close(uploads);
    close(first);
    server_stop();
}
END_TEST

START_TEST(a_client_that_goes_away_leaves_its_place_in_the_queue)
{
    server_start((const char *const[]){ "--workers=1", "--worker-queue=1", NULL });
    int first = client_open();
    client_send(first, "GET /hold HTTP/1.1\r\nHost: a\r\n\r\n");
    hand_await(&hand.holding, 1);
    int second = client_open();
    client_send(second, "GET /hold HTTP/1.1\r\nHost: a\r\n\r\n");
    metric_await(queued, 1);
    close(second);
    metric_await(queued, 0);
    hand_release();
    close(first);
    server_stop();
}
END_TEST

START_TEST(a_connection_too_many_waits_for_its_turn)
{
    server_start((const char *const[]){ "--loops=1", "--max-connections=2", NULL });
    struct answer answer;
    int fds[2];
    for (int i = 0; i < 2; i++) {
        fds[i] = client_open();
        client_send(fds[i], "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
        client_read(fds[i], false, &answer);
        ck_assert_int_eq(answer.status, 200);
    }
    int waits = client_open();
    client_send(waits, "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
    close(fds[0]);
    client_read(waits, false, &answer);
    ck_assert_int_eq(answer.status, 200);
    close(fds[1]);
    close(waits);
    server_stop();
}
END_TEST

START_TEST(an_address_has_only_so_many_connections)
{
    server_start((const char *const[]){ "--loops=1", "--max-connections-per-ip=2", NULL });
    struct answer answer;
    int fds[2];
    for (int i = 0; i < 2; i++) {
        fds[i] = client_open();
        client_send(fds[i], "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
        client_read(fds[i], false, &answer);
        ck_assert_int_eq(answer.status, 200);
    }
    int third = client_open();
    ck_assert(client_is_closed(third));
    client_send(fds[0], "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
    client_read(fds[0], false, &answer);
    ck_assert_int_eq(answer.status, 200);
    close(third);
    close(fds[0]);
    close(fds[1]);
    server_stop();
}
END_TEST

static void *stop(void *nothing)
{
    http_stop(server);
    return nothing;
}

/* Begins a stop, and waits until nobody is let in any more. */
static pthread_t begin_stop(void)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    pthread_t thread;
    ck_assert_int_eq(pthread_create(&thread, NULL, stop, NULL), 0);
    for (bool open = true; open;) {
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        open = connect(fd, (struct sockaddr *)&address, sizeof address) == 0;
        close(fd);
    }
    return thread;
}

START_TEST(a_stop_lets_everybody_finish)
{
    server_start(NULL);
    static struct answer answer;
    char value[256];
    int idle = client_open();
    client_send(idle, "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
    client_read(idle, false, &answer);
    int waits = client_open();
    client_send(waits, "GET /wait HTTP/1.1\r\nHost: a\r\n\r\n");
    hand_await(&hand.parked, 1);
    int streams = client_open();
    client_send(streams, "GET /big/30000000 HTTP/1.1\r\nHost: a\r\n\r\n");
    int holds = client_open();
    client_send(holds, "GET /hold HTTP/1.1\r\nHost: a\r\n\r\n");
    hand_await(&hand.holding, 1);
    pthread_t thread = begin_stop();
    ck_assert(client_is_closed(idle));
    client_read(waits, false, &answer);
    ck_assert_str_eq(answer.body, "{\"event\":0}\n");
    client_read(streams, false, &answer);
    ck_assert(answer.whole);
    ck_assert_uint_eq(answer.size, 30000000);
    hand_release();
    client_read(holds, false, &answer);
    ck_assert_int_eq(answer.status, 200);
    ck_assert_pstr_eq(field(&answer, "Connection", value), "close");
    ck_assert(client_is_closed(holds));
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
    close(idle);
    close(waits);
    close(streams);
    close(holds);
}
END_TEST

START_TEST(a_stop_waits_only_so_long)
{
    server_start((const char *const[]){ "--drain-timeout=200ms", NULL });
    int fd = client_open();
    char data[100];
    client_send(fd, "GET /big/100000000000 HTTP/1.1\r\nHost: a\r\n\r\n");
    ck_assert_int_gt(recv(fd, data, sizeof data, 0), 0);
    pthread_t thread = begin_stop();
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
    ck_assert_int_eq(hand.failed, 1);
    close(fd);
}
END_TEST

START_TEST(a_stop_can_be_hurried)
{
    server_start(NULL);
    int streams = client_open();
    char data[100];
    client_send(streams, "GET /big/100000000000 HTTP/1.1\r\nHost: a\r\n\r\n");
    ck_assert_int_gt(recv(streams, data, sizeof data, 0), 0);
    int uploads = client_open();
    client_send(uploads, "POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc");
    int heads = client_open();
    client_send(heads, "GET /hello HTTP/1.1\r\n");
    int gone = client_open();
    client_send(gone, "GET /until-gone HTTP/1.1\r\nHost: a\r\n\r\n");
    hand_await(&hand.holding, 1);
    pthread_t thread = begin_stop();
    http_hurry(server);
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
    ck_assert_int_eq(hand.failed, 2);
    close(streams);
    close(uploads);
    close(heads);
    close(gone);
}
END_TEST

static const struct test_case cases[] = {
    TEST(those_who_wait_are_answered_when_something_happens),
    TEST(nobody_waits_longer_than_asked),
    TEST(a_client_that_goes_away_waits_no_more),
    TEST(only_so_many_may_wait),
    TEST(a_feed_tells_bit_by_bit_and_ends),
    TEST(a_feed_ends_when_its_client_goes_away),
    TEST(a_feed_ends_cleanly_when_the_server_stops),
    TEST(a_feed_that_fails_is_cut),
    TEST(only_so_many_wait_for_a_worker),
    TEST(who_waits_too_long_for_a_worker_is_told_when_to_come_again),
    TEST(a_client_that_goes_away_leaves_its_place_in_the_queue),
    TEST(a_connection_too_many_waits_for_its_turn),
    TEST(an_address_has_only_so_many_connections),
    TEST(a_stop_lets_everybody_finish),
    TEST(a_stop_waits_only_so_long),
    TEST(a_stop_can_be_hurried),
};
TEST_MAIN("http waits", cases)
