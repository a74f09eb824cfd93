/* Rules that look further than one row: SQL of authors, other datasets, earlier snapshots, time. */
#include "facts.h"

#include "server/base/clock.h"

#include <stdatomic.h>
#include <string.h>

static struct facts facts;

static void setup(void)
{
    facts = facts_open("refer");
}

static void teardown(void)
{
    facts_close(&facts);
}

/* the rule, and what it gives over the ten rows */
static const struct {
    const char *rule;
    enum quality_outcome outcome;
    double value;        /* NAN: none */
    const char *message; /* a part of it */
} queries[] = {
    { "query: 'SELECT count(*) FROM ${object} WHERE ${property} IS NOT NULL', mustBe: 8",
      QUALITY_PASS, 8, NULL },
    { "query: 'SELECT count(*) FROM {object} WHERE {column} IS NULL', mustBeLessThan: 2",
      QUALITY_FAIL, 2, "sql is 2; mustBeLessThan 2" },
    { "query: 'SELECT max(\"{property}\") = ''dd'' FROM \"{table}\"', mustBe: true", QUALITY_PASS,
      1, NULL },
    { "query: 'SELECT bool_and(amount > 0) FROM facts', mustBe: true", QUALITY_FAIL, 0,
      "mustBe true" },
    { "query: 'SELECT avg(amount) FROM facts; -- the end', mustBeBetween: [19, 19.5]", QUALITY_PASS,
      19, NULL },
    { "query: 'SELECT sum(amount) / 0 FROM facts', mustBe: 0", QUALITY_ERROR, 0,
      "division by zero" },
    { "query: 'SELECT count(*) FROM facts WHERE code::int > 1', mustBe: 0", QUALITY_ERROR, 0,
      "the query failed (SQLSTATE 22P02)" },
    { "query: 'SELECT 1 WHERE false', mustBe: 0", QUALITY_ERROR, 0, "no row" },
    { "query: 'SELECT id FROM facts', mustBe: 0", QUALITY_ERROR, 0, "more than one row" },
    { "query: 'SELECT max(id) FROM facts WHERE false', mustBe: 0", QUALITY_ERROR, 0, "NULL" },
    { "query: 'SELECT 1, 2', mustBe: 0", QUALITY_ERROR, 0, "one column" },
    { "query: 'SELECT max(code) FROM facts', mustBe: 0", QUALITY_ERROR, 0,
      "a number or a boolean, not text" },
    { "query: 'SELECT ''NaN''::float8', mustBe: 0", QUALITY_ERROR, 0, "not finite" },
    { "query: 'SELECT count(*) FROM other', mustBe: 0", QUALITY_ERROR, 0, "other" },
    { "query: 'SELECT count(*) FROM meta.secret', mustBe: 0", QUALITY_ERROR, 0, "schema" },
    { "query: 'DELETE FROM facts', mustBe: 0", QUALITY_ERROR, 0, "" },
    { "query: 'SELECT no_such FROM facts', mustBe: 0", QUALITY_ERROR, 0, "no_such" },
};

START_TEST(a_query_of_the_author_gives_one_number_or_truth)
{
    struct arena *arena = facts.place.arena;
    facts_prepare(&facts,
                  arena_print(arena, ", quality: [{id: q, type: sql, %s}]", queries[_i].rule), "",
                  "", "", true);
    struct quality_report report = facts_check(&facts);
    const struct quality_result *result = facts_result(&report, "q");
    ck_assert_msg(result->outcome == queries[_i].outcome, "%s: %s",
                  quality_outcome_name(result->outcome), result->message);
    bool measured = queries[_i].outcome != QUALITY_ERROR;
    ck_assert_int_eq(result->has_value, measured);
    if (measured)
        ck_assert(result->value == queries[_i].value);
    if (queries[_i].message)
        ck_assert_msg(strstr(result->message, queries[_i].message) != NULL, "%s", result->message);
    ck_assert_int_eq(result->blocks, queries[_i].outcome >= QUALITY_FAIL);
}
END_TEST

START_TEST(a_query_that_takes_too_long_is_an_error_of_its_rule)
{
    facts_prepare(&facts, "", "",
                  "    quality:\n      - {id: slow, type: sql, mustBe: 0, query: 'SELECT count(*) "
                  "FROM facts, generate_series(1, 1000000000)'}\n"
                  "      - {id: rows, metric: rowCount, mustBe: 10}\n",
                  "", true);
    facts.request.timeout_ms = 300;
    struct quality_report report = facts_check(&facts);
    ck_assert_int_eq(facts_result(&report, "slow")->outcome, QUALITY_ERROR);
    ck_assert_int_eq(facts_result(&report, "rows")->outcome, QUALITY_PASS);
    ck_assert(quality_blocks(&report));
}
END_TEST

START_TEST(what_nothing_measures_is_never_said_to_pass)
{
    facts_prepare(
        &facts, "", "",
        "    quality:\n      - {id: soda, type: custom, engine: soda, implementation: x}\n"
        "      - {id: people, type: text, description: Is complete}\n"
        "      - {id: none, description: Also text}\n"
        "    relationships:\n      - {from: facts.code, to: "
        "'https://example.org/lines.yaml#/schema/lines/properties/code'}\n",
        "", true);
    struct quality_report report = facts_check(&facts);
    ck_assert(!quality_blocks(&report));
    static const char *const rules[] = {
        "soda", "people", "none",
        "code -> https://example.org/lines.yaml#/schema/lines/properties/code"
    };
    for (size_t i = 0; i < COUNT(rules); i++) {
        ck_assert_int_eq(facts_result(&report, rules[i])->outcome, QUALITY_NOT_EVALUATED);
        ck_assert_ptr_nonnull(facts_result(&report, rules[i])->message);
    }
}
END_TEST

static const char to_orders[] =
    "    relationships:\n      - {from: facts.id, to: orders.id}\n"
    "      - {from: [facts.id, facts.day], to: [orders.id, orders.day]}\n";

static void reload(void)
{
    catalogue_release(facts.catalogue);
    MUST(catalogue_load(facts.place.owner, facts.place.arena, &facts.catalogue));
}

START_TEST(rows_that_refer_to_nothing_are_counted)
{
    facts_prepare(&facts, "", "", to_orders, "", true);
    struct quality_report report = facts_check(&facts);
    ck_assert_int_eq(facts_result(&report, "id -> orders.id")->failing, 10); /* nothing is there */
    product_deliver(&facts.place, "SELECT n, date '2026-01-01' + n - 1, 1 FROM "
                                  "generate_series(1, 8) AS n");
    reload();
    facts_prepare(&facts, "", "", to_orders, "", true);
    report = facts_check(&facts);
    const struct quality_result *result = facts_result(&report, "id -> orders.id");
    ck_assert_int_eq(result->failing, 2);
    ck_assert_int_eq(result->outcome, QUALITY_FAIL);
    ck_assert_str_eq(result->rows[0], "{\"id\": 9}");
    /* NULL refers to nothing, and need not */
    ck_assert_int_eq(facts_result(&report, "id, day -> orders.id, orders.day")->failing, 2);
    const struct quality_peer peer = {
        catalogue_datum(facts.catalogue, CONTRACT_OF_INPUT, "orders")->id,
        "SELECT id, day FROM input.i_1 WHERE id > 5"
    };
    facts.request.peers = &peer;
    facts.request.peer_count = 1;
    report = facts_check(&facts);
    ck_assert_int_eq(facts_result(&report, "id -> orders.id")->failing,
                     7); /* as the run knows it */
}
END_TEST

START_TEST(a_dataset_may_refer_to_itself_and_warn_only)
{
    facts_prepare(
        &facts, "", "",
        "    relationships:\n      - {from: facts.amount, to: facts.id, customProperties: "
        "[{property: entrepot.severity, value: warning}]}\n",
        "", true);
    struct quality_report report = facts_check(&facts);
    const struct quality_result *result = facts_result(&report, "amount -> facts.id");
    ck_assert_int_eq(result->failing, 7); /* all amounts but 7, 8 and NULL */
    ck_assert_int_eq(result->outcome, QUALITY_WARN);
    ck_assert(!quality_blocks(&report));
}
END_TEST

static const struct {
    const char *level;
    enum quality_outcome outcome;
} latencies[] = {
    { "value: 1, unit: d", QUALITY_PASS },   { "value: 24, unit: hours", QUALITY_PASS },
    { "value: 23, unit: h", QUALITY_WARN },  { "value: 1439, unit: min", QUALITY_WARN },
    { "value: 0.1, unit: w", QUALITY_WARN }, { "value: 1, unit: month", QUALITY_PASS },
};

START_TEST(latency_is_the_age_of_the_newest_value_and_warns)
{
    const char *root = arena_print(facts.place.arena,
                                   "slaProperties:\n  - {property: latency, %s, element: day}\n",
                                   latencies[_i].level);
    facts_prepare(&facts, "", "", "", root, true);
    struct quality_report report = facts_check(&facts);
    const struct quality_result *result = facts_result(&report, "day.latency");
    ck_assert(result->value == 86400);
    ck_assert_int_eq(result->outcome, latencies[_i].outcome);
    facts_prepare(&facts, "", "", "", root, false);
    report = facts_check(&facts);
    ck_assert_int_eq(facts_result(&report, "day.latency")->outcome, QUALITY_NOT_EVALUATED);
}
END_TEST

START_TEST(volume_is_compared_with_the_median_of_the_snapshots_before)
{
    static const char root[] =
        "customProperties: [{property: entrepot.volume, value: {snapshots: 3, "
        "mustBeBetween: [50, 200]}}]\n";
    facts_prepare(&facts, "", "", "", root, true);
    struct quality_report report = facts_check(&facts);
    ck_assert_int_eq(facts_result(&report, "volume")->outcome, QUALITY_NOT_EVALUATED);
    for (int64_t i = 0; i < 4; i++) { /* 1, 2, 3 and 4 days */
        product_deliver(
            &facts.place,
            arena_print(facts.place.arena,
                        "SELECT n, date '2026-01-01' + n, 1 FROM generate_series(0, %d) n",
                        (int)i));
        ck_assert_str_eq(product_run(&facts.place), "published");
    }
    reload();
    facts_prepare(&facts, "", "", "", root, true);
    report = facts_check(&facts);
    const struct quality_result *result = facts_result(&report, "volume");
    ck_assert(result->value > 333 && result->value < 334); /* 10 rows, and the median of 2, 3, 4 */
    ck_assert_int_eq(result->outcome, QUALITY_FAIL);
}
END_TEST

static struct problem *is_stopped(void *context, struct arena *arena)
{
    int *asked = context;
    return ++*asked > 1 ? problem_new(arena, &PROBLEM_CONFLICT, "the run was cancelled") : NULL;
}

static void cancel(void *context, struct db *working)
{
    (void)context;
    if (working)
        db_cancel(working);
}

START_TEST(a_check_that_is_stopped_says_so)
{
    int asked = 0;
    facts_prepare(
        &facts, "", "",
        "    quality: [{id: q, type: sql, mustBe: 0, query: 'SELECT count(*) FROM facts'}]\n", "",
        true);
    facts.request.watch = (struct quality_watch){ &asked, cancel, is_stopped };
    struct quality_report report;
    struct problem *problem =
        quality_check(facts.place.owner, facts.place.arena, &facts.request, &report);
    ck_assert_ptr_nonnull(problem);
    ck_assert_str_eq(problem->detail, "the run was cancelled");
    ck_assert(!db_in_transaction(facts.place.owner));
}
END_TEST

START_TEST(results_and_rows_of_a_run_are_kept_and_replaced)
{
    facts_prepare(&facts,
                  ", quality: [{id: q, metric: nullValues, mustBe: 0, dimension: accuracy}]", "",
                  "", "", true);
    product_deliver(&facts.place, "VALUES (1, date '2026-01-01', 5.00)");
    ck_assert_str_eq(product_run(&facts.place), "published");
    struct quality_report report = facts_check(&facts);
    for (int i = 0; i < 2; i++)
        MUST(quality_store(facts.place.owner, facts.place.arena, 1, facts.datum.id, &report));
    ck_assert_str_eq(
        product_ask(&facts.place,
                    "SELECT concat_ws(' ', rule, metric, columns, severity, dimension, outcome,"
                    " blocks, value, operator, threshold, unit, failing_rows, total_rows, message)"
                    " FROM meta.quality_result WHERE rule = 'q'"),
        "q nullValues {code} error accuracy fail t 2 mustBe 0 rows 2 10 nullValues is 2 rows; "
        "mustBe "
        "0");
    ck_assert_str_eq(
        product_ask(&facts.place, "SELECT string_agg(row::text, ' ') FROM meta.quality_row"),
        "{\"id\": 4, \"code\": null} {\"id\": 9, \"code\": null}");
}
END_TEST

/* Texts that other engines of regular expressions take otherwise. */
static const char *const patterns[] = {
    "^\\\\d{2}$", "^[a-z]+$", "a$",           "^(?!x)",    "(?<=a)b",
    "^\\\\w+$",   "^.$",      "(a)(b)?\\\\1", "\\\\u00e9", "^[^]$",
};
static const char *const texts[] = {
    "12", "\u0661\u0662", "a", "a\n", "ab", "x", "\u00e9", "aa", "aba", "", "e\u0301", "\U0001F600",
};

START_TEST(a_pattern_means_the_same_for_tables_as_for_deliveries)
{
    struct arena *arena = facts.place.arena;
    facts_prepare(&facts,
                  arena_print(arena, ", logicalTypeOptions: {pattern: \"%s\"}", patterns[_i]), "",
                  "", "", false);
    int64_t unlike = 0;
    for (size_t i = 0; i < COUNT(texts); i++) {
        unlike +=
            !pattern_matches(facts.contract.columns.list[1].pattern, texts[i], strlen(texts[i]));
        MUST(db_run(facts.place.owner, arena,
                    arena_print(arena, "INSERT INTO data.s_9000 VALUES (%zu, %s)", i,
                                db_literal(arena, texts[i]))));
    }
    struct quality_report report = facts_check(&facts);
    ck_assert_int_eq(facts_result(&report, "code.pattern")->failing, unlike);
    ck_assert_int_eq((int64_t)facts_result(&report, "code.pattern")->row_count, unlike);
}
END_TEST

START_TEST(texts_that_are_there_often_are_matched_once)
{
    facts_prepare(&facts,
                  ", quality: [{id: p, metric: invalidValues, mustBe: 0, arguments: {pattern: "
                  "'^[a-z]+$', validValues: [aa, bb, cc, N/A]}}]",
                  "", "", "", true);
    MUST(db_run(facts.place.owner, facts.place.arena,
                "INSERT INTO data.s_9000 SELECT t.id + n * 100, t.code, t.amount, t.day"
                " FROM data.s_9000 AS t, generate_series(1, 99) AS n; ANALYZE data.s_9000"));
    ck_assert_str_eq(product_ask(&facts.place,
                                 "SELECT n_distinct::text FROM pg_stats WHERE tablename"
                                 " = 's_9000' AND attname = 'code'"),
                     "6");
    struct quality_report report = facts_check(&facts);
    ck_assert_int_eq(facts_result(&report, "p")->failing, 300);
    ck_assert_uint_eq(facts_result(&report, "p")->row_count, QUALITY_SAMPLE_ROWS);
}
END_TEST

static const struct test_case cases[] = {
    TEST_EACH(a_query_of_the_author_gives_one_number_or_truth, queries),
    TEST(a_query_that_takes_too_long_is_an_error_of_its_rule),
    TEST(what_nothing_measures_is_never_said_to_pass),
    TEST(rows_that_refer_to_nothing_are_counted),
    TEST(a_dataset_may_refer_to_itself_and_warn_only),
    TEST_EACH(latency_is_the_age_of_the_newest_value_and_warns, latencies),
    TEST(volume_is_compared_with_the_median_of_the_snapshots_before),
    TEST(a_check_that_is_stopped_says_so),
    TEST(results_and_rows_of_a_run_are_kept_and_replaced),
    TEST_EACH(a_pattern_means_the_same_for_tables_as_for_deliveries, patterns),
    TEST(texts_that_are_there_often_are_matched_once),
};
HARNESS_MAIN_WITH("refer", cases, setup, teardown)
