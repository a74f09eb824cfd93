#include "lane_ground.h"

START_TEST(statements_under_way_survive_one_loss_of_their_connection)
{
    open_lane(2, 60000);
    wait_for_connections(2);
    take_lock();
    for (int i = 0; i < 20; i++)
        send_number(waits, i, &answers[i]);
    wait_until_blocked(2);
    ck_assert_int_eq(terminate_lane(), 2);
    release_lock();
    wait_for_all();
    for (int i = 0; i < 20; i++)
        check_number(&answers[i], i);
    ck_assert_int_ge(lane_connected(ground.lane), 1);
}
END_TEST

START_TEST(statements_that_lose_two_connections_are_told_so_once)
{
    open_lane(1, 60000);
    wait_for_connections(1);
    take_lock();
    for (int i = 0; i < 20; i++)
        send_number(waits, i, &answers[i]);
    for (int round = 0; round < 2; round++) {
        wait_until_blocked(1);
        ck_assert_int_eq(terminate_lane(), 1);
        wait_until_blocked(0);
    }
    release_lock();
    wait_for_all();
    for (int i = 0; i < 20; i++)
        check_failed(&answers[i], &PROBLEM_STORE, "08006");
    struct answer after = { 0 };
    send_number("SELECT $1", 5, &after);
    wait_for_all();
    check_number(&after, 5);
}
END_TEST

START_TEST(connections_lost_while_idle_are_opened_again)
{
    open_lane(3, 60000);
    wait_for_connections(3);
    ck_assert_int_eq(terminate_lane(), 3);
    struct answer answer = { 0 };
    send_number("SELECT $1", 5, &answer);
    wait_for_all();
    check_number(&answer, 5);
    wait_for_connections(3);
}
END_TEST

START_TEST(a_statement_waits_for_a_database_that_comes_up)
{
    const char *conninfo = arena_print(ground.arena, "%s dbname=entrepot_test_%d_later",
                                       harness_conninfo(), (int)getppid());
    struct answer answer = { 0 };
    ground.lane = lane_open(conninfo, 2, 60000);
    lane_set_watch(ground.lane, watch, NULL);
    send_number("SELECT $1", 5, &answer);
    for (int i = 0; i < 20; i++)
        turn();
    ck_assert_int_eq(answer.times, 0);
    ck_assert_int_eq(lane_connected(ground.lane), 0);
    (void)harness_empty_database("later");
    wait_for_all();
    check_number(&answer, 5);
}
END_TEST

static const char *const nowhere[] = { "host=/nonexistent/directory", "not a conninfo",
                                       "host=127.0.0.1 port=1" };

START_TEST(a_statement_for_a_database_that_stays_away_fails)
{
    struct answer answer = { 0 };
    ground.lane = lane_open(nowhere[_i], 2, 30);
    lane_set_watch(ground.lane, watch, NULL);
    send_number("SELECT $1", 5, &answer);
    wait_for_all();
    check_failed(&answer, &PROBLEM_STORE, "08001");
}
END_TEST

START_TEST(a_statement_that_takes_too_long_is_stopped_and_the_next_is_not)
{
    struct answer slow = { 0 };
    struct answer fast = { 0 };
    open_lane(1, 200);
    wait_for_connections(1);
    take_lock();
    send_number(waits, 1, &slow);
    send_number("SELECT $1", 2, &fast);
    wait_for_all();
    check_failed(&slow, &PROBLEM_TIMEOUT, "57014");
    check_number(&fast, 2);
    release_lock();
}
END_TEST

START_TEST(what_is_quick_does_not_wait_behind_what_is_costly)
{
    const struct db_query costly = { .text = "SELECT 1::int8 FROM pg_advisory_lock_shared(7)",
                                     .costly = true };
    struct answer quick = { 0 };
    open_lane(2, 60000);
    wait_for_connections(2);
    MUST(db_run(ground.db, ground.arena, "SELECT pg_advisory_lock(7)"));
    for (int i = 0; i < 40; i++)
        lane_send(ground.lane, ground.arena, &costly, take, &answers[i]);
    turn();
    send_text("SELECT 5::int8", &quick);
    while (!quick.times)
        turn();
    check_number(&quick, 5);
    for (int i = 0; i < 40; i++)
        ck_assert_int_eq(answers[i].times, 0);
    MUST(db_run(ground.db, ground.arena, "SELECT pg_advisory_unlock(7)"));
    wait_for_all();
    for (int i = 0; i < 40; i++)
        check_number(&answers[i], 1);
}
END_TEST

START_TEST(a_forgotten_statement_is_answered_to_nobody)
{
    struct answer sent = { 0 };
    struct answer queued = { 0 };
    struct answer kept = { 0 };
    struct arena *of_client = arena_new(256);
    struct db_param *in = arena_new_of(of_client, struct db_param);
    *in = db_int64(1);
    const struct db_query query = { arena_text(of_client, waits), in, 1 };
    open_lane(1, 60000);
    wait_for_connections(1);
    take_lock();
    lane_send(ground.lane, of_client, &query, take, &sent);
    send_number("SELECT $1", 2, &kept);
    wait_until_blocked(1);
    lane_send(ground.lane, of_client, &query, take, &queued);
    lane_forget(ground.lane, &sent);
    lane_forget(ground.lane, &queued);
    arena_free(of_client);
    release_lock();
    wait_for_all();
    ck_assert_int_eq(sent.times, 0);
    ck_assert_int_eq(queued.times, 0);
    check_number(&kept, 2);
}
END_TEST

START_TEST(a_forgotten_statement_is_not_sent_again_after_a_loss)
{
    struct answer sent = { 0 };
    struct arena *of_client = arena_new(256);
    struct db_param *in = arena_new_of(of_client, struct db_param);
    *in = db_int64(1);
    const struct db_query query = { arena_text(of_client, waits), in, 1 };
    open_lane(1, 60000);
    wait_for_connections(1);
    take_lock();
    lane_send(ground.lane, of_client, &query, take, &sent);
    wait_until_blocked(1);
    lane_forget(ground.lane, &sent);
    arena_free(of_client);
    ck_assert_int_eq(terminate_lane(), 1);
    wait_for_all();
    wait_for_connections(1);
    ck_assert_int_eq(sent.times, 0);
    release_lock();
}
END_TEST

START_TEST(closing_answers_all_that_is_under_way)
{
    open_lane(1, 60000);
    wait_for_connections(1);
    take_lock();
    for (int i = 0; i < 10; i++)
        send_number(waits, i, &answers[i]);
    wait_until_blocked(1);
    for (int i = 10; i < 20; i++)
        send_number(waits, i, &answers[i]);
    lane_close(ground.lane);
    ground.lane = NULL;
    for (int i = 0; i < 20; i++)
        check_failed(&answers[i], &PROBLEM_STORE, "08006");
    release_lock();
}
END_TEST

static const int turns_before[] = { 0, 1, 2, 3, 4, 6 };

START_TEST(a_lane_is_closed_at_any_time)
{
    open_lane(4, 1000);
    for (int i = 0; i < turns_before[_i]; i++)
        turn();
    lane_close(ground.lane);
    ground.lane = NULL;
    lane_close(ground.lane);
}
END_TEST

static const struct test_case cases[] = {
    TEST(statements_under_way_survive_one_loss_of_their_connection),
    TEST(statements_that_lose_two_connections_are_told_so_once),
    TEST(connections_lost_while_idle_are_opened_again),
    TEST(a_statement_waits_for_a_database_that_comes_up),
    TEST_EACH(a_statement_for_a_database_that_stays_away_fails, nowhere),
    TEST(a_statement_that_takes_too_long_is_stopped_and_the_next_is_not),
    TEST(what_is_quick_does_not_wait_behind_what_is_costly),
    TEST(a_forgotten_statement_is_answered_to_nobody),
    TEST(a_forgotten_statement_is_not_sent_again_after_a_loss),
    TEST(closing_answers_all_that_is_under_way),
    TEST_EACH(a_lane_is_closed_at_any_time, turns_before),
};
HARNESS_MAIN_WITH("lane loss", cases, lane_ground_setup, lane_ground_teardown)
