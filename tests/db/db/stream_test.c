#include "support.h"

#include <string.h>
#include <unistd.h>

static struct arena *arena;
static struct db *db;

static void setup(void)
{
    arena = arena_new(4096);
    db = db_open(harness_conninfo(), "stream_test");
    MUST(db_run(db, arena, "CREATE SCHEMA IF NOT EXISTS test"));
}

static void teardown(void)
{
    db_close(db);
    arena_free(arena);
}

static const char select_rows[] =
    "SELECT n, repeat('x', 100) FROM generate_series(1, $1::int4) AS n";

/* Streams are tested in each way a row may come. */
enum way { ROW_BY_ROW, BY_COPY };
static const enum way ways[] = { ROW_BY_ROW, BY_COPY };

static void begin(enum way way, const struct db_query *query)
{
    if (way == BY_COPY)
        MUST(db_stream_begin_select(db, arena, query));
    else
        MUST(db_stream_begin(db, arena, query));
}

static void begin_rows(enum way way, int32_t count)
{
    const struct db_param in[] = { db_int32(count) };
    const struct db_query query = { select_rows, in, COUNT(in) };
    const struct db_query plain = {
        .text =
            arena_print(arena, "SELECT n, repeat('x', 100) FROM generate_series(1, %d) AS n", count)
    };
    begin(way, way == BY_COPY ? &plain : &query);
}

static int64_t read_rows(int64_t most)
{
    for (int64_t rows = 0; rows < most; rows++) {
        const struct db_value *row;
        size_t columns;
        MUST(db_stream_next(db, arena, &row, &columns));
        if (!row)
            return rows;
        ck_assert_uint_eq(columns, 2);
        ck_assert_int_eq(row[0].size, 4);
        ck_assert_int_eq(row[1].size, 100);
        ck_assert_int_eq(row[1].data[99], 'x');
    }
    return most;
}

START_TEST(rows_come_one_by_one_to_the_end)
{
    begin_rows(ways[_i], 60000);
    ck_assert_int_eq(read_rows(1000000), 60000);
    ck_assert_int_eq(support_number(db, arena, "SELECT 7::int8"), 7);
    ck_assert_uint_lt(arena_held_bytes(arena), 64 * 1024);
}
END_TEST

START_TEST(a_stream_can_be_stopped_in_the_middle_and_the_connection_stays)
{
    int pid = db_backend_pid(db);
    begin_rows(ways[_i], 60000);
    ck_assert_int_eq(read_rows(1000), 1000);
    db_stream_stop(db);
    db_stream_stop(db); /* harmless */
    ck_assert_int_eq(support_number(db, arena, "SELECT 7::int8"), 7);
    ck_assert_int_eq(db_backend_pid(db), pid);
}
END_TEST

START_TEST(a_stream_stopped_in_a_transaction_leaves_it_to_be_rolled_back)
{
    MUST(db_begin(db, arena, true));
    begin_rows(ways[_i], 60000);
    ck_assert_int_eq(read_rows(10), 10);
    db_rollback(db);
    ck_assert(!db_in_transaction(db));
    ck_assert_int_eq(support_number(db, arena, "SELECT 7::int8"), 7);
}
END_TEST

START_TEST(a_stream_that_fails_late_gives_its_rows_and_then_the_problem)
{
    const struct db_query query = { .text = "SELECT n, repeat('x', 100 / (5000 - n)) "
                                            "FROM generate_series(1, 6000) AS n" };
    const struct db_value *row;
    size_t columns;
    struct problem *problem;
    int rows = -1;
    begin(ways[_i], &query);
    do {
        problem = db_stream_next(db, arena, &row, &columns);
        rows++;
    } while (!problem && row);
    ck_assert_int_eq(rows, 4999);
    ck_assert_ptr_nonnull(problem);
    ck_assert_str_eq(db_sqlstate(db), "22012");
    ck_assert_int_eq(support_number(db, arena, "SELECT 7::int8"), 7);
}
END_TEST

START_TEST(null_is_told_from_empty)
{
    const struct db_query query = { .text = "SELECT NULL::text, ''::text" };
    const struct db_value *row;
    size_t columns;
    begin(ways[_i], &query);
    MUST(db_stream_next(db, arena, &row, &columns));
    ck_assert_uint_eq(columns, 2);
    ck_assert_int_eq(row[0].size, -1);
    ck_assert_int_eq(row[1].size, 0);
    db_stream_stop(db);
}
END_TEST

START_TEST(no_rows_are_an_end)
{
    const struct db_query query = { .text = "SELECT 1 WHERE false" };
    const struct db_value *row;
    size_t columns;
    begin(ways[_i], &query);
    MUST(db_stream_next(db, arena, &row, &columns));
    ck_assert_ptr_null(row);
    ck_assert_int_eq(support_number(db, arena, "SELECT 7::int8"), 7);
}
END_TEST

START_TEST(a_select_that_takes_parameters_is_streamed_with_them)
{
    const struct db_param in[] = { db_int32(3) };
    const struct db_query query = { select_rows, in, COUNT(in) };
    MUST(db_stream_begin_select(db, arena, &query));
    ck_assert_int_eq(read_rows(10), 3);
}
END_TEST

START_TEST(all_of_a_table_is_copied_by_its_name)
{
    const struct db_query query = { .text = "never said", .table = "test.small (word, id)" };
    const struct db_value *row;
    size_t columns;
    MUST(db_run(db, arena,
                "DROP TABLE IF EXISTS test.small; CREATE TABLE test.small (id int4, word text);"
                "INSERT INTO test.small VALUES (7, 'seven')"));
    MUST(db_stream_begin_select(db, arena, &query));
    MUST(db_stream_next(db, arena, &row, &columns));
    ck_assert_uint_eq(columns, 2);
    ck_assert_int_eq(row[0].size, 5);
    ck_assert_mem_eq(row[0].data, "seven", 5);
    ck_assert_mem_eq(row[1].data, "\0\0\0\7", 4);
    MUST(db_stream_next(db, arena, &row, &columns));
    ck_assert_ptr_null(row);
}
END_TEST

START_TEST(a_select_that_is_refused_leaves_the_connection_usable)
{
    const struct db_query query = { .text = "SELECT nothing FROM nowhere" };
    MUST_FAIL(db_stream_begin_select(db, arena, &query), PROBLEM_STORE);
    ck_assert_str_eq(db_sqlstate(db), "42P01");
    db_stream_stop(db); /* harmless */
    ck_assert_int_eq(support_number(db, arena, "SELECT 7::int8"), 7);
}
END_TEST

START_TEST(a_connection_lost_in_the_middle_of_a_stream_is_a_problem)
{
    const struct db_value *row;
    size_t columns;
    struct problem *problem = NULL;
    begin_rows(ways[_i], 60000);
    ck_assert_int_eq(read_rows(10), 10);
    support_terminate(arena, db_backend_pid(db));
    do
        problem = db_stream_next(db, arena, &row, &columns);
    while (!problem && row);
    ck_assert_ptr_nonnull(problem);
    ck_assert_str_eq(problem->kind->slug, PROBLEM_STORE.slug);
    ck_assert_int_eq(support_number(db, arena, "SELECT 7::int8"), 7);
}
END_TEST

static const char copy_to_other[] = "COPY test.other FROM STDIN (FORMAT binary)";

static void make_tables(void)
{
    MUST(db_run(db, arena,
                "DROP TABLE IF EXISTS test.one; DROP TABLE IF EXISTS test.other;"
                "CREATE TABLE test.one (id int4 PRIMARY KEY, word text);"
                "CREATE TABLE test.other (id int4 PRIMARY KEY, word text);"
                "INSERT INTO test.one SELECT n, nullif(repeat('w', n % 50), '')"
                " FROM generate_series(1, 50000) AS n"));
}

START_TEST(what_copy_gives_copy_takes)
{
    CLEANUP(db_close_at) struct db *writer = db_open(harness_conninfo(), "writer");
    int64_t stored = -1;
    make_tables();
    MUST(db_copy_out(db, arena, "COPY test.one TO STDOUT (FORMAT binary)"));
    MUST(db_copy_in(writer, arena, copy_to_other));
    for (;;) {
        const char *data;
        size_t size;
        MUST(db_copy_read(db, arena, &data, &size));
        if (!size)
            break;
        MUST(db_copy_write(writer, arena, data, size));
    }
    MUST(db_copy_end(writer, arena, &stored));
    ck_assert_int_eq(stored, 50000);
    ck_assert_int_eq(support_number(db, arena,
                                    "SELECT count(*) FROM ((TABLE test.one EXCEPT "
                                    "TABLE test.other) UNION ALL (TABLE test.other "
                                    "EXCEPT TABLE test.one)) AS differing"),
                     0);
    ck_assert_uint_lt(arena_held_bytes(arena), 64 * 1024);
}
END_TEST

/* Header, one row per number and word, trailer: as the format asks. */
static size_t copy_bytes(char *out, const int32_t *ids, size_t count)
{
    char *at = out;
    memcpy(at, "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0", 19);
    at += 19;
    for (size_t i = 0; i < count; i++) {
        const char row[] = { 0, 2, 0, 0, 0, 4, 0, 0, 0, (char)ids[i], 0, 0, 0, 1, 'w' };
        memcpy(at, row, sizeof row);
        at += sizeof row;
    }
    memcpy(at, "\377\377", 2);
    return (size_t)(at + 2 - out);
}

START_TEST(a_copy_of_rows_that_conflict_stores_nothing)
{
    const int32_t ids[] = { 1, 2, 1 };
    char data[256];
    int64_t stored = -1;
    make_tables();
    MUST(db_copy_in(db, arena, copy_to_other));
    MUST(db_copy_write(db, arena, data, copy_bytes(data, ids, COUNT(ids))));
    MUST_FAIL(db_copy_end(db, arena, &stored), PROBLEM_CONFLICT);
    ck_assert_int_eq(stored, -1);
    ck_assert_int_eq(support_number(db, arena, "SELECT count(*) FROM test.other"), 0);
}
END_TEST

START_TEST(a_copy_can_be_given_up)
{
    const int32_t ids[] = { 1, 2, 3 };
    char data[256];
    make_tables();
    MUST(db_copy_in(db, arena, copy_to_other));
    MUST(db_copy_write(db, arena, data, copy_bytes(data, ids, COUNT(ids))));
    db_copy_abandon(db);
    db_copy_abandon(db); /* harmless */
    ck_assert_int_eq(support_number(db, arena, "SELECT count(*) FROM test.other"), 0);
    MUST(db_copy_in(db, arena, copy_to_other));
    db_stream_stop(db);
    ck_assert_int_eq(support_number(db, arena, "SELECT count(*) FROM test.other"), 0);
}
END_TEST

START_TEST(bytes_that_are_no_rows_are_refused)
{
    int64_t stored;
    make_tables();
    MUST(db_copy_in(db, arena, copy_to_other));
    MUST(db_copy_write(db, arena, "id,word\n1,one\n and more text", 27));
    MUST_FAIL(db_copy_end(db, arena, &stored), PROBLEM_STORE);
    ck_assert_str_eq(db_sqlstate(db), "22P04");
}
END_TEST

START_TEST(a_copy_out_can_be_stopped_in_the_middle)
{
    const char *data;
    size_t size;
    MUST(db_copy_out(db, arena,
                     "COPY (SELECT n, repeat('x', 100) FROM "
                     "generate_series(1, 60000) AS n) TO STDOUT (FORMAT binary)"));
    for (int i = 0; i < 100; i++)
        MUST(db_copy_read(db, arena, &data, &size));
    db_stream_stop(db);
    ck_assert_int_eq(support_number(db, arena, "SELECT 7::int8"), 7);
}
END_TEST

START_TEST(a_copy_that_is_refused_leaves_the_connection_usable)
{
    MUST_FAIL(db_copy_in(db, arena, "COPY test.nowhere FROM STDIN (FORMAT binary)"), PROBLEM_STORE);
    MUST_FAIL(db_copy_out(db, arena, "COPY test.nowhere TO STDOUT (FORMAT binary)"), PROBLEM_STORE);
    ck_assert_int_eq(support_number(db, arena, "SELECT 7::int8"), 7);
}
END_TEST

START_TEST(a_copy_into_a_lost_connection_fails_at_its_end_at_the_latest)
{
    static char zeros[256 * 1024];
    struct problem *problem = NULL;
    int64_t stored;
    make_tables();
    MUST(db_copy_in(db, arena, copy_to_other));
    support_terminate(arena, db_backend_pid(db));
    for (int i = 0; i < 64 && !problem; i++)
        problem = db_copy_write(db, arena, zeros, sizeof zeros);
    if (!problem)
        problem = db_copy_end(db, arena, &stored);
    ck_assert_ptr_nonnull(problem);
    ck_assert_str_eq(problem->kind->slug, PROBLEM_STORE.slug);
    ck_assert_int_eq(support_number(db, arena, "SELECT 7::int8"), 7);
}
END_TEST

START_TEST(a_description_names_columns_and_their_types)
{
    static const struct db_described expected[] = {
        { "id", "integer", 23 },
        { "price", "numeric(12,2)", 1700 },
        { "day", "date", 1082 },
        { "words", "text[]", 1009 },
        { "at", "timestamp(3) with time zone", 1184 },
        { "?column?", "text", 25 },
    };
    const struct db_described *columns;
    size_t count;
    MUST(db_describe(db, arena,
                     "SELECT 1 AS id, 2::numeric(12,2) AS price, '2026-01-01'::date AS day, "
                     "ARRAY['a'] AS words, now()::timestamptz(3) AS at, $1 || 'x'",
                     &columns, &count));
    ck_assert_uint_eq(count, COUNT(expected));
    for (size_t i = 0; i < count; i++) {
        ck_assert_str_eq(columns[i].name, expected[i].name);
        ck_assert_str_eq(columns[i].type, expected[i].type);
        ck_assert_uint_eq(columns[i].type_oid, expected[i].type_oid);
    }
}
END_TEST

START_TEST(a_description_runs_nothing)
{
    const struct db_described *columns;
    size_t count = 9;
    MUST(db_run(db, arena, "DROP SEQUENCE IF EXISTS test.ticks; CREATE SEQUENCE test.ticks"));
    MUST(db_describe(db, arena, "SELECT nextval('test.ticks'), 1/0", &columns, &count));
    ck_assert_uint_eq(count, 2);
    ck_assert_int_eq(support_number(db, arena, "SELECT nextval('test.ticks')"), 1);
    MUST(db_describe(db, arena, "DROP SEQUENCE test.ticks", &columns, &count));
    ck_assert_uint_eq(count, 0);
    ck_assert_int_eq(support_number(db, arena, "SELECT nextval('test.ticks')"), 2);
}
END_TEST

static const struct {
    const char *sql;
    const char *sqlstate;
} wrong[] = {
    { "SELECT 1; SELECT 2", "42601" },
    { "SELECT x", "42703" },
    { "SELECT 1 FROM", "42601" },
};

START_TEST(a_description_of_wrong_sql_is_a_problem)
{
    const struct db_described *columns;
    size_t count;
    MUST_FAIL(db_describe(db, arena, wrong[_i].sql, &columns, &count), PROBLEM_STORE);
    ck_assert_str_eq(db_sqlstate(db), wrong[_i].sqlstate);
}
END_TEST

static const struct test_case cases[] = {
    TEST_EACH(rows_come_one_by_one_to_the_end, ways),
    TEST_EACH(a_stream_can_be_stopped_in_the_middle_and_the_connection_stays, ways),
    TEST_EACH(a_stream_stopped_in_a_transaction_leaves_it_to_be_rolled_back, ways),
    TEST_EACH(a_stream_that_fails_late_gives_its_rows_and_then_the_problem, ways),
    TEST_EACH(null_is_told_from_empty, ways),
    TEST_EACH(a_connection_lost_in_the_middle_of_a_stream_is_a_problem, ways),
    TEST_EACH(no_rows_are_an_end, ways),
    TEST(a_select_that_takes_parameters_is_streamed_with_them),
    TEST(all_of_a_table_is_copied_by_its_name),
    TEST(a_select_that_is_refused_leaves_the_connection_usable),
    TEST(what_copy_gives_copy_takes),
    TEST(a_copy_of_rows_that_conflict_stores_nothing),
    TEST(a_copy_can_be_given_up),
    TEST(bytes_that_are_no_rows_are_refused),
    TEST(a_copy_out_can_be_stopped_in_the_middle),
    TEST(a_copy_that_is_refused_leaves_the_connection_usable),
    TEST(a_copy_into_a_lost_connection_fails_at_its_end_at_the_latest),
    TEST(a_description_names_columns_and_their_types),
    TEST(a_description_runs_nothing),
    TEST_EACH(a_description_of_wrong_sql_is_a_problem, wrong),
};
HARNESS_MAIN_WITH("stream", cases, setup, teardown)
