#include "server/db/lane.h"
#include "support.h"

#include <endian.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

static struct arena *arena;
static struct db *db;
static struct lane *lane;
static int loop;

/* What came of one statement. */
struct answer {
    int times;
    char kind[32]; /* slug of the problem */
    char sqlstate[6];
    int64_t number; /* the first value, an int8 or int4 */
    size_t rows;
    struct answer *chained; /* sent from inside done */
};

static void setup(void)
{
    arena = arena_new(4096);
    db = db_open(harness_conninfo(), "lane_test");
    loop = epoll_create1(EPOLL_CLOEXEC);
    MUST(db_run(db, arena, "CREATE SCHEMA IF NOT EXISTS test"));
}

static void teardown(void)
{
    lane_close(lane);
    db_close(db);
    (void)close(loop);
    arena_free(arena);
}

static void watch(void *context, int fd, unsigned events)
{
    struct epoll_event event = { .events = events, .data.fd = fd };
    (void)context;
    if (!events)
        (void)epoll_ctl(loop, EPOLL_CTL_DEL, fd, NULL); /* libpq may have closed it */
    else if (epoll_ctl(loop, EPOLL_CTL_MOD, fd, &event))
        ck_assert_int_eq(epoll_ctl(loop, EPOLL_CTL_ADD, fd, &event), 0);
}

static void open_lane(int connections, int64_t timeout_ms)
{
    lane = lane_open(harness_conninfo(), connections, timeout_ms);
    lane_set_watch(lane, watch, NULL);
}

static void turn(void)
{
    struct epoll_event events[16];
    lane_flush(lane);
    int count = epoll_wait(loop, events, COUNT(events), 20);
    for (int i = 0; i < count; i++)
        lane_ready(lane, events[i].data.fd, events[i].events);
    lane_tick(lane);
}

static void send_text(const char *text, struct answer *answer);

static void take(void *context, struct problem *problem, const char *sqlstate,
                 const struct lane_rows *rows)
{
    struct answer *answer = context;
    answer->times++;
    ck_assert_int_eq(!problem, rows != NULL);
    (void)snprintf(answer->kind, sizeof answer->kind, "%s", problem ? problem->kind->slug : "");
    (void)snprintf(answer->sqlstate, sizeof answer->sqlstate, "%s", sqlstate);
    if (rows && lane_row_count(rows)) {
        struct db_value value = lane_value(rows, 0, 0);
        uint64_t wide = 0;
        uint32_t narrow = 0;
        answer->rows = lane_row_count(rows);
        if (value.size == 8)
            memcpy(&wide, value.data, sizeof wide);
        else if (value.size == 4)
            memcpy(&narrow, value.data, sizeof narrow);
        answer->number = value.size == 8 ? (int64_t)be64toh(wide) : (int64_t)be32toh(narrow);
    }
    if (answer->chained)
        send_text("SELECT 77::int8", answer->chained);
}

static void send_text(const char *text, struct answer *answer)
{
    const struct db_query query = { .text = text };
    lane_send(lane, arena, &query, take, answer);
}

static void send_number(const char *text, int64_t number, struct answer *answer)
{
    struct db_param *in = arena_new_of(arena, struct db_param);
    *in = db_int64(number);
    const struct db_query query = { text, in, 1 };
    lane_send(lane, arena, &query, take, answer);
}

static void wait_for_all(void)
{
    while (lane_pending(lane))
        turn();
}

static void wait_for_connections(int count)
{
    while (lane_connected(lane) != count)
        turn();
}

static void check_number(const struct answer *answer, int64_t number)
{
    ck_assert_int_eq(answer->times, 1);
    ck_assert_str_eq(answer->kind, "");
    ck_assert_str_eq(answer->sqlstate, "");
    ck_assert_int_eq(answer->number, number);
}

static void check_failed(const struct answer *answer, const struct problem_kind *kind,
                         const char *sqlstate)
{
    ck_assert_int_eq(answer->times, 1);
    ck_assert_str_eq(answer->kind, kind->slug);
    ck_assert_str_eq(answer->sqlstate, sqlstate);
}

enum { MANY = 2000 };
static struct answer answers[MANY];

START_TEST(each_of_many_statements_gets_its_own_answer)
{
    open_lane(3, 60000);
    for (int i = 0; i < MANY; i++)
        send_number(arena_print(arena, "SELECT $1 + %d", i % 40), i, &answers[i]);
    ck_assert_uint_eq(lane_pending(lane), MANY);
    wait_for_all();
    for (int i = 0; i < MANY; i++)
        check_number(&answers[i], i + i % 40);
    wait_for_connections(3); /* the last may still be opening: a busy machine answers with fewer */
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
    MUST(db_run(db, arena,
                "CREATE TABLE test.nowhere (id int8); "
                "INSERT INTO test.nowhere VALUES (1)"));
    send_number("SELECT $1 FROM test.nowhere", 9, &repaired);
    wait_for_all();
    check_number(&repaired, 9);
    MUST(db_run(db, arena, "DROP TABLE test.nowhere"));
}
END_TEST

/* All the lane's processes are ended; how many. */
static int64_t terminate_lane(void)
{
    return support_number(db, arena,
                          "SELECT count(pg_terminate_backend(pid, 10000)) FROM pg_stat_activity "
                          "WHERE application_name = 'entrepot read lane'"
                          " AND datname = current_database()");
}

static const char waits[] = "SELECT $1 FROM pg_advisory_xact_lock_shared(4711)";

/* Statements that wait until release_lock, so that they are surely under way. */
static void take_lock(void)
{
    MUST(db_run(db, arena, "SELECT pg_advisory_lock(4711)"));
}

static void release_lock(void)
{
    MUST(db_run(db, arena, "SELECT pg_advisory_unlock(4711)"));
}

static void wait_until_blocked(int64_t count)
{
    while (support_number(db, arena,
                          "SELECT count(*) FROM pg_locks WHERE NOT granted AND "
                          "locktype = 'advisory' AND objid = 4711")
           != count)
        turn();
}

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
    ck_assert_int_ge(lane_connected(lane), 1);
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
    const char *conninfo =
        arena_print(arena, "%s dbname=entrepot_test_%d_later", harness_conninfo(), (int)getppid());
    struct answer answer = { 0 };
    lane = lane_open(conninfo, 2, 60000);
    lane_set_watch(lane, watch, NULL);
    send_number("SELECT $1", 5, &answer);
    for (int i = 0; i < 20; i++)
        turn();
    ck_assert_int_eq(answer.times, 0);
    ck_assert_int_eq(lane_connected(lane), 0);
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
    lane = lane_open(nowhere[_i], 2, 30);
    lane_set_watch(lane, watch, NULL);
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
    MUST(db_run(db, arena, "SELECT pg_advisory_lock(7)"));
    for (int i = 0; i < 40; i++)
        lane_send(lane, arena, &costly, take, &answers[i]);
    turn();
    send_text("SELECT 5::int8", &quick);
    while (!quick.times)
        turn();
    check_number(&quick, 5);
    for (int i = 0; i < 40; i++)
        ck_assert_int_eq(answers[i].times, 0);
    MUST(db_run(db, arena, "SELECT pg_advisory_unlock(7)"));
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
    lane_send(lane, of_client, &query, take, &sent);
    send_number("SELECT $1", 2, &kept);
    wait_until_blocked(1);
    lane_send(lane, of_client, &query, take, &queued);
    lane_forget(lane, &sent);
    lane_forget(lane, &queued);
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
    lane_send(lane, of_client, &query, take, &sent);
    wait_until_blocked(1);
    lane_forget(lane, &sent);
    arena_free(of_client);
    ck_assert_int_eq(terminate_lane(), 1);
    wait_for_all();
    wait_for_connections(1);
    ck_assert_int_eq(sent.times, 0);
    release_lock();
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
    lane_close(lane);
    lane = NULL;
    for (int i = 0; i < 20; i++)
        check_failed(&answers[i], &PROBLEM_STORE, "08006");
    release_lock();
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
                                      : arena_print(arena, "SELECT $1 + %d", i),
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
        send_number(arena_print(arena, "SELECT $1 + %d", i), 1, &answers[i]);
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
    MUST(db_run(db, arena,
                "CREATE TABLE test.changing (v int4); "
                "INSERT INTO test.changing VALUES (8)"));
    send_text("SELECT v FROM test.changing", &before);
    wait_for_all();
    check_number(&before, 8);
    MUST(db_run(db, arena, "ALTER TABLE test.changing ALTER v TYPE int8"));
    send_text("SELECT v FROM test.changing", &after);
    wait_for_all();
    check_number(&after, 8);
    MUST(db_run(db, arena, "DROP TABLE test.changing"));
}
END_TEST

START_TEST(statements_dropped_behind_our_back_are_prepared_again)
{
    struct answer all = { 0 };
    open_lane(1, 60000);
    for (int round = 0; round < 2; round++) {
        memset(answers, 0, sizeof answers);
        for (int i = 0; i < 20; i++)
            send_number(arena_print(arena, "SELECT $1 + %d", i % 5), i, &answers[i]);
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
    lane_send(lane, arena, &query, take, &answer);
    wait_for_all();
    check_number(&answer, 1);
}
END_TEST

/* Larger than any socket buffer, both ways, and from several at once. */
START_TEST(large_values_go_there_and_back)
{
    enum { SIZE = 3000000 };
    char *large = arena_alloc(arena, SIZE + 1);
    memset(large, 'x', SIZE);
    const struct db_param in[] = { db_text(large) };
    const struct db_query query = { "SELECT length($1)::int8, $1", in, 1 };
    open_lane(1, 60000);
    for (int i = 0; i < 8; i++)
        lane_send(lane, arena, &query, take, &answers[i]);
    wait_for_all();
    for (int i = 0; i < 8; i++)
        check_number(&answers[i], SIZE);
}
END_TEST

static const int turns_before[] = { 0, 1, 2, 3, 4, 6 };

START_TEST(a_lane_is_closed_at_any_time)
{
    open_lane(4, 1000);
    for (int i = 0; i < turns_before[_i]; i++)
        turn();
    lane_close(lane);
    lane = NULL;
    lane_close(lane);
}
END_TEST

static const struct test_case cases[] = {
    TEST(each_of_many_statements_gets_its_own_answer),
    TEST(an_error_in_the_middle_of_a_batch_fails_only_that_one),
    TEST(a_statement_that_cannot_be_prepared_fails_each_time_and_alone),
    TEST(statements_under_way_survive_one_loss_of_their_connection),
    TEST(statements_that_lose_two_connections_are_told_so_once),
    TEST(connections_lost_while_idle_are_opened_again),
    TEST(a_statement_waits_for_a_database_that_comes_up),
    TEST_EACH(a_statement_for_a_database_that_stays_away_fails, nowhere),
    TEST(a_statement_that_takes_too_long_is_stopped_and_the_next_is_not),
    TEST(what_is_quick_does_not_wait_behind_what_is_costly),
    TEST(a_forgotten_statement_is_answered_to_nobody),
    TEST(a_forgotten_statement_is_not_sent_again_after_a_loss),
    TEST(an_answer_may_send_the_next_statement),
    TEST(closing_answers_all_that_is_under_way),
    TEST(writes_are_refused),
    TEST(a_copy_ends_its_connection_and_no_other_statement),
    TEST(prepared_statements_are_bounded),
    TEST(more_different_texts_at_once_than_are_kept_work_too),
    TEST(a_table_that_changed_is_read_as_it_is_now),
    TEST(statements_dropped_behind_our_back_are_prepared_again),
    TEST(every_type_of_parameter_travels),
    TEST(large_values_go_there_and_back),
    TEST_EACH(a_lane_is_closed_at_any_time, turns_before),
};
HARNESS_MAIN_WITH("lane", cases, setup, teardown)
