/* Rows without ORDER BY come in the order of their table, whatever Postgres would rather do. */
#include "server/formats/wire.h"
#include "server/rows/table_order.h"
#include "tests/db/db/support.h"

#include <string.h>

#define ROWS 5000

static struct arena *arena;
static struct db *db;

static void setup(void)
{
    arena = arena_new(4096);
    db = db_open(harness_conninfo(), "table_order_test");
    /* wide rows in an order that is not that of their key; Postgres knows all of them */
    MUST(db_run(db, arena,
                "CREATE SCHEMA IF NOT EXISTS test; DROP TABLE IF EXISTS test.shuffled;"
                "CREATE TABLE test.shuffled (id int8 PRIMARY KEY, word text NOT NULL);"
                "INSERT INTO test.shuffled SELECT n * 37 % 5003, repeat('w', 500)"
                " FROM generate_series(1, 5000) AS n"));
    MUST(db_run(db, arena, "VACUUM ANALYZE test.shuffled"));
}

static void teardown(void)
{
    db_close(db);
    arena_free(arena);
}

/* The numbers a query gives, in its order. */
static size_t read_ids(const char *sql, int64_t out_ids[ROWS])
{
    const struct db_query query = { .text = sql };
    size_t count = 0;
    MUST(db_stream_begin(db, arena, &query));
    for (;; count++) {
        const struct db_value *row;
        size_t columns;
        MUST(db_stream_next(db, arena, &row, &columns));
        if (!row)
            return count;
        ck_assert_uint_lt(count, ROWS);
        out_ids[count] = (int64_t)wire_get64(row[0].data);
    }
}

static const struct {
    const char *query;
    const char *temptation; /* settings that make another plan the best one */
} cases[] = {
    { "SELECT id FROM test.shuffled", "SET enable_seqscan = off" },
    { "SELECT id FROM test.shuffled WHERE id > 100", "SET random_page_cost = 0" },
    { "SELECT id, word FROM test.shuffled WHERE id < 200", "SET random_page_cost = 0" },
    { "SELECT id, word FROM test.shuffled WHERE id BETWEEN 7 AND 4000", "SET enable_sort = off" },
    { "SELECT id FROM test.shuffled WHERE word <> 'x'",
      "SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0;"
      "SET min_parallel_table_scan_size = 0" },
    { "SELECT id FROM (SELECT * FROM test.shuffled WHERE id > 4000 UNION ALL "
      "SELECT * FROM test.shuffled WHERE id < 1000) AS s WHERE length(word) > 5",
      "SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET random_page_cost = 0;"
      "SET min_parallel_table_scan_size = 0; SET min_parallel_index_scan_size = 0" },
};

START_TEST(rows_come_in_the_order_of_their_table)
{
    static int64_t expected[ROWS];
    static int64_t ids[ROWS];
    MUST(db_run(db, arena,
                "SET enable_indexscan = off; SET enable_indexonlyscan = off;"
                "SET enable_bitmapscan = off; SET max_parallel_workers_per_gather = 0"));
    size_t count = read_ids(cases[_i].query, expected);
    ck_assert_uint_gt(count, 0);
    MUST(db_run(db, arena, "RESET ALL"));
    MUST(db_run(db, arena, cases[_i].temptation));
    MUST(table_order_begin(db, arena));
    ck_assert(db_in_transaction(db));
    ck_assert_uint_eq(read_ids(cases[_i].query, ids), count);
    db_rollback(db);
    ck_assert_int_eq(memcmp(ids, expected, count * sizeof *ids), 0);
    ck_assert_int_eq(
        support_number(db, arena, "SELECT (current_setting('enable_indexscan') = 'on')::int::int8"),
        1);
}
END_TEST

START_TEST(without_it_they_would_not)
{
    static int64_t ids[ROWS];
    ck_assert_uint_eq(read_ids("SELECT id FROM test.shuffled", ids), ROWS);
    for (size_t i = 1; i < ROWS; i++)
        ck_assert_int_lt(ids[i - 1], ids[i]);
}
END_TEST

START_TEST(nothing_can_be_changed_in_it)
{
    MUST(table_order_begin(db, arena));
    MUST_FAIL(db_run(db, arena, "DELETE FROM test.shuffled"), PROBLEM_STORE);
    ck_assert_str_eq(db_sqlstate(db), "25006");
    db_rollback(db);
}
END_TEST

START_TEST(what_is_sorted_may_be_read_by_several)
{
    static int64_t ids[ROWS];
    MUST(db_run(db, arena,
                "SET max_parallel_workers_per_gather = 0; SET parallel_setup_cost = 0;"
                "SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0"));
    MUST(table_order_begin_sorted(db, arena));
    ck_assert_int_eq(
        support_number(db, arena,
                       "SELECT current_setting('max_parallel_workers_per_gather')::int8"),
        2);
    ck_assert_uint_eq(read_ids("SELECT id FROM test.shuffled WHERE word <> 'x' ORDER BY id", ids),
                      ROWS);
    for (size_t i = 1; i < ROWS; i++)
        ck_assert_int_lt(ids[i - 1], ids[i]);
    db_rollback(db);
    MUST(db_run(db, arena, "RESET ALL"));
}
END_TEST

static const struct test_case tests[] = {
    TEST_EACH(rows_come_in_the_order_of_their_table, cases),
    TEST(without_it_they_would_not),
    TEST(nothing_can_be_changed_in_it),
    TEST(what_is_sorted_may_be_read_by_several),
};
HARNESS_MAIN_WITH("table order", tests, setup, teardown)
