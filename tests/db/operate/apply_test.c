#include "product.h"

#include <string.h>

static struct product_place place;

static void setup(void)
{
    place = product_place_open("apply");
}

static void teardown(void)
{
    product_place_close(&place);
}

static const struct product_texts usual;

static const char *replaced(const char *text, const char *from, const char *to)
{
    const char *at = strstr(text, from);
    ck_assert_ptr_nonnull(at);
    return arena_print(place.arena, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
}

START_TEST(a_folder_is_applied_once_and_then_changes_nothing)
{
    struct apply_plan plan;
    MUST(product_apply(&place, &usual, &plan));
    ck_assert_uint_eq(plan.count, 5);
    ck_assert_str_eq(plan.lines[0], "+ product shop 1.0.0");
    ck_assert_str_eq(plan.lines[2], "+ input dataset orders (contract orders 1.0.0)");
    ck_assert_str_eq(plan.lines[4], "+ pipeline by_day 1.0.0");
    const char *revision = product_ask(&place, "SELECT number::text FROM meta.revision");
    MUST(product_apply(&place, &usual, &plan));
    ck_assert_uint_eq(plan.count, 0);
    ck_assert_str_eq(product_ask(&place, "SELECT number::text FROM meta.revision"), revision);
}
END_TEST

/* changes of the output's contract, and what is said of them; NULL: they are fine */
static const struct {
    const char *from;
    const char *to;
    const char *version;
    const char *reason;
} changes[] = {
    { "      - {name: total, logicalType: number}\n",
      "      - {name: total, logicalType: number, description: of the day}\n", "1.0.0",
      "applied with other content" },
    { "      - {name: total, logicalType: number}\n", "", "1.1.0", "total" },
    { "name: orders, logicalType: integer", "name: orders, logicalType: string", "1.1.0",
      "orders" },
    { "name: orders, logicalType: integer, required: true", "name: orders, logicalType: integer",
      "1.1.0", "orders" },
    { "      - {name: total, logicalType: number}\n",
      "      - {name: total, logicalType: number, description: of the day}\n", "1.1.0", NULL },
};

START_TEST(a_change_that_breaks_readers_is_refused_with_its_reason_and_nothing_is_applied)
{
    struct apply_plan plan;
    MUST(product_apply(&place, &usual, &plan));
    const char *before = product_ask(&place, "SELECT number::text FROM meta.revision");
    const char *days = replaced(product_days, changes[_i].from, changes[_i].to);
    days = replaced(days, "version: 1.0.0",
                    arena_print(place.arena, "version: %s", changes[_i].version));
    const struct product_texts texts = { .days = days };
    struct problem *problem = product_apply(&place, &texts, &plan);
    if (!changes[_i].reason) {
        MUST(problem);
        ck_assert_uint_eq(plan.count, 1);
        return;
    }
    ck_assert_ptr_nonnull(problem);
    const char *lines = problem_lines(place.arena, problem);
    ck_assert_msg(strstr(lines, changes[_i].reason) != NULL, "%s", lines);
    ck_assert_str_eq(product_ask(&place, "SELECT number::text FROM meta.revision"), before);
}
END_TEST

static const struct {
    const char *sql;
    const char *reason;
} pipelines[] = {
    { "SELECT day, count(*) AS orders FROM orders GROUP BY day", "total" },
    { "SELECT day, count(*) AS orders, sum(amount) AS total, 1 AS more FROM orders GROUP BY day",
      "more" },
    { "SELECT day, count(*) AS orders, sum(missing) AS total FROM orders GROUP BY day", "missing" },
    { "SELECT amount AS day, 1 AS orders, 2 AS total FROM orders", "cannot cast" },
    { "SELECT day, 1 AS orders, 2 AS total FROM meta.secret", "schema" },
    { "SELECT day, 1 AS orders, 2 AS total FROM orders; SELECT 1", "second statement" },
};

START_TEST(a_pipeline_that_does_not_fit_is_refused_before_anything_is_stored)
{
    struct apply_plan plan;
    const struct product_texts texts = { .pipeline = pipelines[_i].sql };
    struct problem *problem = product_apply(&place, &texts, &plan);
    ck_assert_ptr_nonnull(problem);
    const char *lines = problem_lines(place.arena, problem);
    ck_assert_msg(strstr(lines, pipelines[_i].reason) != NULL, "%s", lines);
    ck_assert_str_eq(product_ask(&place, "SELECT count(*)::text FROM meta.catalog"), "0");
}
END_TEST

START_TEST(a_column_that_a_later_contract_adds_is_there)
{
    struct apply_plan plan;
    MUST(product_apply(&place, &usual, &plan));
    const char *orders = arena_print(place.arena, "%s      - {name: note, logicalType: string}\n",
                                     replaced(product_orders, "version: 1.0.0", "version: 1.1.0"));
    const struct product_texts texts = { .orders = orders };
    MUST(product_apply(&place, &texts, &plan));
    ck_assert_str_eq(plan.lines[0], "~ input dataset orders (contract orders 1.1.0)");
    product_deliver(&place, "VALUES (1, date '2026-01-01', 5.00, 'n')");
    ck_assert_str_eq(product_run(&place), "published");
}
END_TEST

static const struct test_case cases[] = {
    TEST(a_folder_is_applied_once_and_then_changes_nothing),
    TEST_EACH(a_change_that_breaks_readers_is_refused_with_its_reason_and_nothing_is_applied,
              changes),
    TEST_EACH(a_pipeline_that_does_not_fit_is_refused_before_anything_is_stored, pipelines),
    TEST(a_column_that_a_later_contract_adds_is_there),
};
HARNESS_MAIN_WITH("apply", cases, setup, teardown)
