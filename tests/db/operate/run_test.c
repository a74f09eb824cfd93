#include "product.h"

#include "server/base/clock.h"
#include "server/operate/retention.h"

#include <string.h>

static struct product_place place;

static void setup(void)
{
    struct apply_plan plan;
    static const struct product_texts usual;
    place = product_place_open("run");
    MUST(product_apply(&place, &usual, &plan));
}

static void teardown(void)
{
    product_place_close(&place);
}

static const char current_sql[] =
    "SELECT coalesce(current_number, 0)::text FROM meta.datum WHERE layer = 'output'";
static const char tables_sql[] =
    "SELECT count(*)::text FROM pg_catalog.pg_tables WHERE schemaname = 'data'";
static const char error_sql[] =
    "SELECT coalesce(error->>'detail', '') FROM meta.run ORDER BY id DESC LIMIT 1";

static int64_t collect(void)
{
    int64_t dropped;
    MUST(retention_collect(place.owner, place.arena, clock_now(), clock_now(), &dropped));
    return dropped;
}

static void put_pipeline(const char *sql)
{
    struct apply_plan plan;
    const struct product_texts texts = { .pipeline = sql };
    MUST(product_apply(&place, &texts, &plan));
}

START_TEST(a_run_publishes_what_the_sql_makes_of_the_delivery)
{
    product_deliver(&place, "VALUES (1, date '2026-01-01', 5.00), (2, date '2026-01-01', 2.50),"
                            " (3, date '2026-01-02', NULL)");
    ck_assert_str_eq(product_run(&place), "published");
    ck_assert_str_eq(product_ask(&place, current_sql), "1");
    ck_assert_str_eq(
        product_ask(&place, "SELECT string_agg(concat_ws(' ', day, orders, total), ',' ORDER BY"
                            " day) FROM data.s_1"),
        "2026-01-01 2 7.50,2026-01-02 1");
    ck_assert_str_eq(product_ask(&place, "SELECT rows::text FROM meta.snapshot"), "2");
}
END_TEST

START_TEST(the_same_inputs_are_not_computed_twice_and_new_ones_are)
{
    product_deliver(&place, "VALUES (1, date '2026-01-01', 5.00)");
    ck_assert_str_eq(product_run(&place), "published");
    ck_assert_str_eq(product_run(&place), "reused");
    ck_assert_str_eq(product_ask(&place, current_sql), "1");
    product_deliver(&place, "VALUES (2, date '2026-02-02', 6.00)");
    ck_assert_str_eq(product_run(&place), "published");
    ck_assert_str_eq(product_ask(&place, current_sql), "2");
    /* the input is of mode replace: only the last delivery counts */
    ck_assert_str_eq(product_ask(&place, "SELECT min(day)::text FROM data.s_2"), "2026-02-02");
}
END_TEST

/* SQL that is fine until it runs, what becomes of it, and what is said */
static const struct {
    const char *sql;
    const char *reason;
} failing[] = {
    { "SELECT day, 1 AS orders, 1 / (id - 3) AS total FROM orders", "division by zero" },
    { "SELECT day, NULL::int AS orders, 1 AS total FROM orders", "orders.required" },
    { "SELECT date '2026-01-01' AS day, id AS orders, 1 AS total FROM orders", "primaryKey" },
    { "SELECT day, 1 AS orders, ('x' || id)::numeric AS total FROM orders", "invalid input" },
};

START_TEST(a_failing_run_leaves_the_last_good_snapshot_and_no_table)
{
    product_deliver(&place, "VALUES (1, date '2026-01-01', 5.00)");
    ck_assert_str_eq(product_run(&place), "published");
    product_deliver(&place, "VALUES (1, date '2026-01-01', 5.00), (2, date '2026-01-02', 5.00),"
                            " (3, date '2026-01-03', 5.00)");
    put_pipeline(failing[_i].sql);
    ck_assert_str_eq(product_run(&place), "failed");
    const char *error = product_ask(&place, error_sql);
    ck_assert_msg(strstr(error, failing[_i].reason) != NULL, "%s", error);
    ck_assert_str_eq(product_ask(&place, current_sql), "1");
    (void)collect(); /* what waited for a retry */
    ck_assert_str_eq(product_ask(&place, tables_sql), "1");
}
END_TEST

START_TEST(a_run_without_any_delivery_is_refused)
{
    ck_assert_str_eq(product_run(&place), "failed");
    ck_assert_ptr_nonnull(strstr(product_ask(&place, error_sql), "nothing has been delivered"));
}
END_TEST

START_TEST(a_run_whose_output_was_published_meanwhile_is_superseded)
{
    product_deliver(&place, "VALUES (1, date '2026-01-01', 5.00)");
    ck_assert_str_eq(product_run(&place), "published");
    product_deliver(&place, "VALUES (2, date '2026-01-02', 5.00)");
    /* the catalogue the run will pin is older than the pointer: another server published */
    bool changed;
    MUST(catalogue_refresh(place.catalogue, place.owner, place.arena, &changed));
    MUST(db_run(place.owner, place.arena,
                "UPDATE meta.datum SET current_number = 9, last_number = 9"
                " WHERE layer = 'output'"));
    ck_assert_str_eq(product_run(&place), "superseded");
    (void)collect();
    ck_assert_str_eq(product_ask(&place, tables_sql), "1");
}
END_TEST

static void retire(void)
{
    bool changed;
    int64_t retired;
    MUST(catalogue_refresh(place.catalogue, place.owner, place.arena, &changed));
    CLEANUP(catalogue_release_at) const struct catalogue *now = catalogue_acquire(place.catalogue);
    MUST(retention_retire(place.owner, place.arena, now, place.config, &retired));
}

START_TEST(retired_snapshots_are_dropped_but_never_under_a_reader)
{
    for (int day = 1; day <= 12; day++) {
        product_deliver(&place,
                        arena_print(place.arena, "VALUES (1, date '2026-01-%02d', 5.00)", day));
        ck_assert_str_eq(product_run(&place), "published");
    }
    retire();
    ck_assert_str_eq(product_ask(&place, "SELECT string_agg(number::text, ',' ORDER BY number)"
                                         "  FROM meta.snapshot WHERE state = 'retired'"),
                     "1,2");
    CLEANUP(db_close_at) struct db *reader = db_open(place.roles.reader_conninfo, "reader");
    MUST(db_begin(reader, place.arena, true));
    MUST(db_run(reader, place.arena, "SELECT * FROM data.s_1"));
    ck_assert_int_eq(collect(), 1);
    db_rollback(reader);
    ck_assert_int_eq(collect(), 1);
    ck_assert_str_eq(product_ask(&place, tables_sql), "10");
    ck_assert_int_eq(collect(), 0);
}
END_TEST

static const struct test_case cases[] = {
    TEST(a_run_publishes_what_the_sql_makes_of_the_delivery),
    TEST(the_same_inputs_are_not_computed_twice_and_new_ones_are),
    TEST_EACH(a_failing_run_leaves_the_last_good_snapshot_and_no_table, failing),
    TEST(a_run_without_any_delivery_is_refused),
    TEST(a_run_whose_output_was_published_meanwhile_is_superseded),
    TEST(retired_snapshots_are_dropped_but_never_under_a_reader),
};
HARNESS_MAIN_WITH("run", cases, setup, teardown)
