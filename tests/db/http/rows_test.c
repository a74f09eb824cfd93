#include "tests/db/harness.h"
#include "tests/http_core/fixture.h"

#include "server/db/db.h"

#include <string.h>

static void start(const char *const *options)
{
    server_conninfo = harness_conninfo();
    server_start(options);
}

START_TEST(rows_become_answers)
{
    start(NULL);
    struct answer answer;
    char value[256];
    ask("GET /rows/1000 HTTP/1.1\r\nHost: a\r\n\r\n", &answer);
    ck_assert_int_eq(answer.status, 200);
    ck_assert_str_eq(answer.body, "{\"sum\":500500}\n");
    ck_assert_ptr_nonnull(strstr(field(&answer, "Server-Timing", value), "db;dur="));
    ask("GET /rows/0 HTTP/1.1\r\nHost: a\r\n\r\n", &answer);
    ck_assert_str_eq(answer.body, "{\"sum\":0}\n");
    server_stop();
}
END_TEST

START_TEST(many_ask_at_once)
{
    start(NULL);
    struct answer answer;
    char expected[64];
    char request[64];
    int fds[20];
    for (int i = 0; i < 20; i++)
        fds[i] = client_open();
    for (int round = 0; round < 10; round++) {
        for (int i = 0; i < 20; i++) {
            (void)snprintf(request, sizeof request, "GET /rows/%d HTTP/1.1\r\nHost: a\r\n\r\n", i);
            client_send(fds[i], i % 5 ? request : "GET /rows-fail HTTP/1.1\r\nHost: a\r\n\r\n");
        }
        for (int i = 0; i < 20; i++) {
            client_read(fds[i], false, &answer);
            (void)snprintf(expected, sizeof expected, "{\"sum\":%d}\n", i * (i + 1) / 2);
            if (i % 5)
                ck_assert_str_eq(answer.body, expected);
            else
                ck_assert_int_ge(answer.status, 400);
        }
    }
    for (int i = 0; i < 20; i++)
        close(fds[i]);
    server_stop();
}
END_TEST

START_TEST(a_failed_statement_says_why)
{
    start(NULL);
    struct answer answer;
    char value[256];
    ask("GET /rows-fail HTTP/1.1\r\nHost: a\r\n\r\n", &answer);
    ck_assert_int_ge(answer.status, 400);
    ck_assert_pstr_eq(field(&answer, "Content-Type", value), "application/problem+json");
    ck_assert_pstr_eq(field(&answer, "Retry-After", value), "22012"); /* division by zero */
    server_stop();
}
END_TEST

START_TEST(a_statement_that_takes_too_long_is_given_up)
{
    start((const char *const[]){ "--read-timeout=100ms", NULL });
    struct answer answer;
    ask("GET /rows-sleep HTTP/1.1\r\nHost: a\r\n\r\n", &answer);
    ck_assert_int_eq(answer.status, 408);
    ask("GET /rows/3 HTTP/1.1\r\nHost: a\r\n\r\n", &answer);
    ck_assert_int_eq(answer.status, 200);
    server_stop();
}
END_TEST

START_TEST(an_answer_may_take_several_steps)
{
    start(NULL);
    struct answer answer;
    int fd = client_open();
    client_send(fd, "GET /rows-and-all HTTP/1.1\r\nHost: a\r\n\r\n");
    hand_await(&hand.parked, 1);
    http_signal(server);
    hand_await(&hand.parked, 2);
    atomic_store(&hand.event, 1);
    http_signal(server);
    client_read(fd, false, &answer);
    ck_assert_int_eq(answer.status, 200);
    ck_assert_str_eq(answer.body, "hello\n");
    close(fd);
    server_stop();
}
END_TEST

START_TEST(the_statement_of_a_client_that_goes_away_is_cancelled)
{
    start((const char *const[]){ "--workers=1", NULL });
    struct answer answer;
    for (int i = 1; i <= 3; i++) {
        int fd = client_open();
        client_send(fd, "GET /work-sleep HTTP/1.1\r\nHost: a\r\n\r\n");
        hand_await(&hand.holding, i);
        close(fd);
        hand_await(&hand.failed, i);
    }
    ask("GET /untidy HTTP/1.1\r\nHost: a\r\n\r\n", &answer);
    ck_assert_int_eq(answer.status, 200);
    server_stop();
}
END_TEST

START_TEST(connections_of_workers_have_a_time_and_take_no_help)
{
    start((const char *const[]){ "--heavy-timeout=7s", NULL });
    struct answer answer;
    ask("GET /work-settings HTTP/1.1\r\nHost: a\r\n\r\n", &answer);
    ck_assert_int_eq(answer.status, 200);
    ask("GET /stream-settings HTTP/1.1\r\nHost: a\r\n\r\n", &answer);
    ck_assert_int_eq(answer.status, 200);
    server_stop();
}
END_TEST

START_TEST(a_transaction_left_open_is_rolled_back)
{
    start((const char *const[]){ "--workers=1", NULL });
    struct answer answer;
    for (int i = 0; i < 3; i++) {
        ask("GET /untidy HTTP/1.1\r\nHost: a\r\n\r\n", &answer);
        ck_assert_int_eq(answer.status, 200);
    }
    server_stop();
}
END_TEST

START_TEST(a_hurried_stop_cancels_statements)
{
    start((const char *const[]){ "--read-timeout=1h", NULL });
    int works = client_open();
    int reads = client_open();
    int gone = client_open();
    client_send(works, "GET /work-sleep HTTP/1.1\r\nHost: a\r\n\r\n");
    client_send(reads, "GET /rows-sleep HTTP/1.1\r\nHost: a\r\n\r\n");
    client_send(gone, "GET /rows-sleep HTTP/1.1\r\nHost: a\r\n\r\n");
    hand_await(&hand.holding, 1);
    close(gone);
    server_stop();
    ck_assert_int_eq(hand.failed, 1);
    close(works);
    close(reads);
}
END_TEST

START_TEST(without_a_database_there_is_a_503)
{
    server_conninfo = "host=/nowhere dbname=x connect_timeout=2";
    server_start((const char *const[]){ "--read-timeout=100ms", NULL });
    struct answer answer;
    ask("GET /rows/1 HTTP/1.1\r\nHost: a\r\n\r\n", &answer);
    ck_assert_int_eq(answer.status, 503);
    ck_assert_ptr_nonnull(strstr(answer.body, "store-unavailable"));
    ask("GET /work-sleep HTTP/1.1\r\nHost: a\r\n\r\n", &answer);
    ck_assert_int_eq(answer.status, 503);
    ask("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n", &answer);
    ck_assert_int_eq(answer.status, 200);
    server_stop();
}
END_TEST

static const struct test_case cases[] = {
    TEST(rows_become_answers),
    TEST(many_ask_at_once),
    TEST(a_failed_statement_says_why),
    TEST(a_statement_that_takes_too_long_is_given_up),
    TEST(an_answer_may_take_several_steps),
    TEST(the_statement_of_a_client_that_goes_away_is_cancelled),
    TEST(connections_of_workers_have_a_time_and_take_no_help),
    TEST(a_transaction_left_open_is_rolled_back),
    TEST(a_hurried_stop_cancels_statements),
    TEST(without_a_database_there_is_a_503),
};
HARNESS_MAIN("http rows", cases)
