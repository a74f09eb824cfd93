#include "lane_ground.h"

#include <string.h>

START_TEST(each_of_many_statements_gets_its_own_answer)
{
    open_lane(3, 60000);
    for (int i = 0; i < MANY; i++)
        send_number(arena_print(ground.arena, "SELECT $1 + %d", i % 40), i, &answers[i]);
    ck_assert_uint_eq(lane_pending(ground.lane), MANY);
    wait_for_all();
    for (int i = 0; i < MANY; i++)
        check_number(&answers[i], i + i % 40);
    wait_for_connections(3); /* the last may still be opening: a busy machine answers with fewer */
}
END_TEST

START_TEST(what_is_sent_in_one_turn_travels_in_one_batch)
{
    open_lane(3, 60000);
    wait_for_connections(3);
    for (int i = 0; i < 10; i++)
        send_text("SELECT pg_backend_pid()", &answers[i]);
    wait_for_all();
    for (int i = 1; i < 10; i++)
        check_number(&answers[i], answers[0].number);
}
END_TEST

START_TEST(a_connection_that_is_silent_is_passed)
{
    struct answer slow = { 0 };
    struct answer quick = { 0 };
    open_lane(2, 60000);
    wait_for_connections(2);
    take_lock();
    send_number(waits, 7, &slow);
    wait_until_blocked(1);
    turn(); /* nothing comes in all of it */
    send_text("SELECT 5::int8", &quick);
    while (!quick.times)
        turn();
    check_number(&quick, 5);
    ck_assert_int_eq(slow.times, 0);
    release_lock();
    wait_for_all();
    check_number(&slow, 7);
}
END_TEST

START_TEST(an_error_in_the_middle_of_a_batch_fails_only_that_one)
{
    open_lane(1, 60000);
    wait_for_connections(1);
    for (int i = 0; i < 64; i++)
        send_number(i == 40 ? "SELECT 1 / ($1 - 40)" : "SELECT $1 * 2", i, &answers[i]);
    wait_for_all();
    for (int i = 0; i < 64; i++) {
        if (i == 40)
            check_failed(&answers[i], &PROBLEM_STORE, "22012");
        else
            check_number(&answers[i], i * 2);
    }
}
END_TEST

START_TEST(a_statement_that_cannot_be_prepared_fails_each_time_and_alone)
{
    open_lane(1, 60000);
    wait_for_connections(1);
    for (int i = 0; i < 30; i++)
        send_number(i % 3 ? "SELECT $1 + 5" : "SELECT $1 FROM test.nowhere", i, &answers[i]);
    wait_for_all();
    for (int i = 0; i < 30; i++) {
        if (i % 3)
            check_number(&answers[i], i + 5);
        else
            check_failed(&answers[i], &PROBLEM_STORE, "42P01");
    }
    struct answer repaired = { 0 };
    MUST(db_run(ground.db, ground.arena,
                "CREATE TABLE test.nowhere (id int8); "
                "INSERT INTO test.nowhere VALUES (1)"));
    send_number("SELECT $1 FROM test.nowhere", 9, &repaired);
    wait_for_all();
    check_number(&repaired, 9);
    MUST(db_run(ground.db, ground.arena, "DROP TABLE test.nowhere"));
}
END_TEST

START_TEST(an_answer_may_send_the_next_statement)
{
    struct answer second = { 0 };
    struct answer first = { .chained = &second };
    open_lane(1, 60000);
    send_number("SELECT $1", 1, &first);
    wait_for_all();
    check_number(&first, 1);
    check_number(&second, 77);
}
END_TEST

START_TEST(writes_are_refused)
{
    struct answer answer = { 0 };
    open_lane(1, 60000);
    send_text("CREATE TABLE test.never (id int8)", &answer);
    wait_for_all();
    check_failed(&answer, &PROBLEM_STORE, "25006");
}
END_TEST

START_TEST(a_copy_ends_its_connection_and_no_other_statement)
{
    struct answer copy = { 0 };
    struct answer other = { 0 };
    open_lane(1, 60000);
    send_text("COPY (SELECT 1) TO STDOUT", &copy);
    wait_for_all();
    ck_assert_int_eq(copy.times, 1);
    ck_assert_str_eq(copy.kind, PROBLEM_STORE.slug);
    send_number("SELECT $1", 3, &other);
    wait_for_all();
    check_number(&other, 3);
}
END_TEST

/* More different texts than a connection keeps prepared, twice, with failures in between. */
START_TEST(prepared_statements_are_bounded)
{
    open_lane(1, 60000);
    for (int round = 0; round < 2; round++) {
        memset(answers, 0, sizeof answers);
        for (int i = 0; i < MANY; i++) {
            send_number(i % 100 == 99 ? "SELECT 1 / ($1 - $1)"
                                      : arena_print(ground.arena, "SELECT $1 + %d", i),
                        round, &answers[i]);
            if (i % 64 == 0)
                wait_for_all();
        }
        wait_for_all();
        for (int i = 0; i < MANY; i++) {
            if (i % 100 == 99)
                check_failed(&answers[i], &PROBLEM_STORE, "22012");
            else
                check_number(&answers[i], round + i);
        }
    }
    struct answer prepared = { 0 };
    send_text("SELECT count(*) FROM pg_prepared_statements", &prepared);
    wait_for_all();
    ck_assert_int_eq(prepared.times, 1);
    ck_assert_int_gt(prepared.number, 100);
    ck_assert_int_le(prepared.number, 600);
}
END_TEST

START_TEST(more_different_texts_at_once_than_are_kept_work_too)
{
    open_lane(1, 60000);
    for (int i = 0; i < MANY; i++)
        send_number(arena_print(ground.arena, "SELECT $1 + %d", i), 1, &answers[i]);
    wait_for_all();
    for (int i = 0; i < MANY; i++)
        check_number(&answers[i], i + 1);
}
END_TEST

START_TEST(a_table_that_changed_is_read_as_it_is_now)
{
    struct answer before = { 0 };
    struct answer after = { 0 };
    open_lane(1, 60000);
    MUST(db_run(ground.db, ground.arena,
                "CREATE TABLE test.changing (v int4); "
                "INSERT INTO test.changing VALUES (8)"));
    send_text("SELECT v FROM test.changing", &before);
    wait_for_all();
    check_number(&before, 8);
    MUST(db_run(ground.db, ground.arena, "ALTER TABLE test.changing ALTER v TYPE int8"));
    send_text("SELECT v FROM test.changing", &after);
    wait_for_all();
    check_number(&after, 8);
    MUST(db_run(ground.db, ground.arena, "DROP TABLE test.changing"));
}
END_TEST

START_TEST(statements_dropped_behind_our_back_are_prepared_again)
{
    struct answer all = { 0 };
    open_lane(1, 60000);
    for (int round = 0; round < 2; round++) {
        memset(answers, 0, sizeof answers);
        for (int i = 0; i < 20; i++)
            send_number(arena_print(ground.arena, "SELECT $1 + %d", i % 5), i, &answers[i]);
        wait_for_all();
        for (int i = 0; i < 20; i++)
            check_number(&answers[i], i + i % 5);
        if (!round) {
            send_text("DEALLOCATE ALL", &all);
            wait_for_all();
        }
    }
}
END_TEST

START_TEST(every_type_of_parameter_travels)
{
    static const char *const texts[] = { "a", "b", NULL };
    static const int64_t numbers[] = { 1, 2, 3 };
    const struct db_param in[] = {
        db_bool(true),   db_int32(1),           db_int64(2),      db_double(3),
        db_text("four"), db_bytes("5", 1),      db_time(6),       db_json("[7]"),
        db_texts(texts), db_int64s(numbers, 3), db_null(DB_TEXT),
    };
    const struct db_query query = {
        "SELECT ($1 AND $2 = 1 AND $3 = 2 AND $4 = 3 AND $5 = 'four' AND $6 = '5'::bytea"
        " AND $7 = to_timestamp(0.000006) AND $8 = '[7]'::jsonb AND $9 = ARRAY['a', 'b']"
        " AND $10 = ARRAY[1, 2, 3]::int8[] AND $11 IS NULL)::int4",
        in, COUNT(in)
    };
    struct answer answer = { 0 };
    open_lane(1, 60000);
    lane_send(ground.lane, ground.arena, &query, take, &answer);
    wait_for_all();
    check_number(&answer, 1);
}
END_TEST

/* Larger than any socket buffer, both ways, and from several at once. */
START_TEST(large_values_go_there_and_back)
{
    enum { SIZE = 3000000 };
    char *large = arena_alloc(ground.arena, SIZE + 1);
    memset(large, 'x', SIZE);
    const struct db_param in[] = { db_text(large) };
    const struct db_query query = { "SELECT length($1)::int8, $1", in, 1 };
    open_lane(1, 60000);
    for (int i = 0; i < 8; i++)
        lane_send(ground.lane, ground.arena, &query, take, &answers[i]);
    wait_for_all();
    for (int i = 0; i < 8; i++)
        check_number(&answers[i], SIZE);
}
END_TEST

static const struct test_case cases[] = {
    TEST(each_of_many_statements_gets_its_own_answer),
    TEST(what_is_sent_in_one_turn_travels_in_one_batch),
    TEST(a_connection_that_is_silent_is_passed),
    TEST(an_error_in_the_middle_of_a_batch_fails_only_that_one),
    TEST(a_statement_that_cannot_be_prepared_fails_each_time_and_alone),
    TEST(an_answer_may_send_the_next_statement),
    TEST(writes_are_refused),
    TEST(a_copy_ends_its_connection_and_no_other_statement),
    TEST(prepared_statements_are_bounded),
    TEST(more_different_texts_at_once_than_are_kept_work_too),
    TEST(a_table_that_changed_is_read_as_it_is_now),
    TEST(statements_dropped_behind_our_back_are_prepared_again),
    TEST(every_type_of_parameter_travels),
    TEST(large_values_go_there_and_back),
};
HARNESS_MAIN_WITH("lane", cases, lane_ground_setup, lane_ground_teardown)
