#include "facts.h"

#include <string.h>

static struct facts facts;

static void setup(void)
{
    facts = facts_open("check");
}

static void teardown(void)
{
    facts_close(&facts);
}

/* Every library metric: what it counts in the ten rows of which the columns are
 * code: aa bb aa NULL '' N/A cc aa NULL dd. */
static const struct {
    const char *rule; /* but for operator and unit */
    bool of_object;
    int64_t failing; /* -1: not of rows */
    double value;
} metrics[] = {
    { "metric: nullValues", false, 2, 2 },
    { "metric: missingValues, arguments: {missingValues: [null, '', N/A]}", false, 4, 4 },
    { "metric: missingValues, arguments: {missingValues: ['', N/A]}", false, 2, 2 },
    { "metric: missingValues, arguments: {missingValues: [null]}", false, 2, 2 },
    { "metric: invalidValues, arguments: {validValues: [aa, bb]}", false, 4, 4 },
    { "metric: invalidValues, arguments: {pattern: '^[a-z]{2}$'}", false, 2, 2 },
    { "metric: invalidValues, arguments: {validValues: [aa, bb, cc, ''], pattern: '^[a-z]'}", false,
      3, 3 },
    { "metric: duplicateValues", false, 2, 2 },
    { "metric: duplicateValues, arguments: {properties: [code, amount]}", true, 0, 0 },
    { "metric: duplicateValues, arguments: {properties: [amount]}", true, 2, 2 },
    { "metric: rowCount", true, -1, 10 },
};

/* Does v keep the operator at a threshold? Written down once more, in the order of the enum. */
static bool keeps(int op, double v, double low, double high)
{
    const bool answers[] = { v == low,
                             v != low,
                             v > low,
                             v >= low,
                             v < low,
                             v <= low,
                             v >= low && v <= high,
                             !(v >= low && v <= high) };
    return answers[op];
}

static const char *rule_text(const char *rule, int op, double low, double high, bool percent)
{
    struct arena *arena = facts.place.arena;
    bool range = op >= QUALITY_MUST_BE_BETWEEN;
    const char *bound =
        range ? arena_print(arena, "[%g, %g]", low, high) : arena_print(arena, "%g", low);
    return arena_print(arena, "{name: '%d %g', %s, %s: %s, unit: %s, severity: %s}", op, low, rule,
                       quality_operator_name((enum quality_operator)op), bound,
                       percent ? "percent" : "rows", op % 2 ? "error" : "warning");
}

static void check_metric(size_t place, bool percent, bool with_rows)
{
    struct arena *arena = facts.place.arena;
    bool of_object = metrics[place].of_object;
    double value = with_rows ? metrics[place].value : 0;
    if (percent)
        value *= 10;
    const char *list = "";
    for (int op = 0; op < 8; op++)
        for (int step = -1; step <= 1; step++)
            list = arena_print(
                arena, "%s%s%s", list, *list ? ", " : "",
                rule_text(metrics[place].rule, op, value + step, value + step + 0.5, percent));
    list = arena_print(arena, of_object ? "    quality: [%s]\n" : ", quality: [%s]", list);
    facts_prepare(&facts, of_object ? "" : list, "", of_object ? list : "", "", with_rows);
    struct quality_report report = facts_check(&facts);
    for (int op = 0; op < 8; op++)
        for (int step = -1; step <= 1; step++) {
            double low = value + step;
            const struct quality_result *result =
                facts_result(&report, arena_print(arena, "%d %g", op, low));
            enum quality_outcome outcome = keeps(op, value, low, low + 0.5) ? QUALITY_PASS
                                           : op % 2                         ? QUALITY_FAIL
                                                                            : QUALITY_WARN;
            ck_assert_msg(result->value == value, "%s: %g", result->rule->name, result->value);
            ck_assert_msg(result->outcome == outcome, "%s", result->rule->name);
            ck_assert_int_eq(result->blocks, outcome == QUALITY_FAIL);
            ck_assert_int_eq(result->total, with_rows ? 10 : 0);
            if (metrics[place].failing >= 0)
                ck_assert_int_eq(result->failing, with_rows ? metrics[place].failing : 0);
        }
}

START_TEST(every_metric_is_compared_by_every_operator_in_rows)
{
    check_metric((size_t)_i, false, true);
    check_metric((size_t)_i, false, false);
}
END_TEST

START_TEST(percents_are_of_all_rows_and_none_of_no_rows)
{
    if (metrics[_i].failing < 0)
        return; /* of rowCount percent is refused when the contract is read */
    check_metric((size_t)_i, true, true);
    check_metric((size_t)_i, true, false);
}
END_TEST

/* rules of the schema: how many rows break them */
static const struct {
    const char *code;
    const char *amount;
    const char *rule;
    int64_t failing;
} schemas[] = {
    { ", required: true", "", "code.required", 2 },
    { ", unique: true", "", "code.unique", 2 },
    { ", logicalTypeOptions: {minLength: 1}", "", "code.length", 1 },
    { ", logicalTypeOptions: {maxLength: 2}", "", "code.length", 1 },
    { ", logicalTypeOptions: {minLength: 1, maxLength: 2}", "", "code.length", 2 },
    { ", logicalTypeOptions: {pattern: '^[a-z]'}", "", "code.pattern", 2 },
    { "", ", required: true", "amount.required", 1 },
    { "", ", logicalTypeOptions: {minimum: 0}", "amount.range", 1 },
    { "", ", logicalTypeOptions: {exclusiveMinimum: 0}", "amount.range", 2 },
    { "", ", logicalTypeOptions: {maximum: 20}", "amount.range", 1 },
    { "", ", logicalTypeOptions: {exclusiveMaximum: 20}", "amount.range", 3 },
    { "", ", logicalTypeOptions: {minimum: 7.005, maximum: 10.5}", "amount.range", 6 },
};

START_TEST(rules_of_the_schema_count_the_rows_that_break_them)
{
    facts_prepare(&facts, schemas[_i].code, schemas[_i].amount, "", "", true);
    struct quality_report report = facts_check(&facts);
    const struct quality_result *result = facts_result(&report, schemas[_i].rule);
    ck_assert_int_eq(result->failing, schemas[_i].failing);
    ck_assert_int_eq(result->outcome, QUALITY_FAIL);
    ck_assert(quality_blocks(&report));
    ck_assert_uint_gt(result->row_count, 0);
    struct problem *problem = quality_problem(facts.place.arena, "facts", &report);
    ck_assert_ptr_nonnull(problem);
    ck_assert_ptr_eq(problem->kind, &PROBLEM_CONTRACT);
    ck_assert_str_eq(problem->faults->path, schemas[_i].rule);
    facts_prepare(&facts, schemas[_i].code, schemas[_i].amount, "", "", false);
    report = facts_check(&facts);
    ck_assert(!quality_blocks(&report));
    ck_assert_ptr_null(quality_problem(facts.place.arena, "facts", &report));
}
END_TEST

START_TEST(keys_unique_columns_and_not_null_stay_in_the_table)
{
    facts_prepare(&facts, "", "", "", "", true);
    struct quality_report report = facts_check(&facts);
    ck_assert_int_eq(facts_result(&report, "primaryKey")->outcome, QUALITY_PASS);
    ck_assert_str_eq(product_ask(&facts.place, "SELECT string_agg(indexdef, ',') FROM pg_indexes"
                                               " WHERE tablename = 's_9000'"),
                     "CREATE UNIQUE INDEX s_9000_pkey ON data.s_9000 USING btree (id)");
    report = facts_check(&facts); /* once more: the index is found */
    ck_assert_int_eq(facts_result(&report, "primaryKey")->outcome, QUALITY_PASS);
    facts_prepare(&facts, "", "", "", "", true);
    MUST(db_run(facts.place.owner, facts.place.arena,
                "INSERT INTO data.s_9000 SELECT 3 FROM generate_series(1, 200)"));
    report = facts_check(&facts);
    const struct quality_result *key = facts_result(&report, "primaryKey");
    ck_assert_int_eq(key->failing, 200);
    ck_assert_str_eq(key->rows[0], "{\"id\": 3, \"_rows\": 201}");
    facts_prepare(&facts, "", "", "", "", true);
    MUST(db_run(facts.place.owner, facts.place.arena, "INSERT INTO data.s_9000 SELECT NULL"));
    report = facts_check(&facts);
    ck_assert_int_eq(facts_result(&report, "primaryKey")->outcome, QUALITY_ERROR);
    ck_assert_int_eq(facts_result(&report, "id.required")->failing, 1);
}
END_TEST

START_TEST(policies_decide_what_a_failed_rule_does)
{
    static const char unique[] = ", unique: true";
    static const char range[] = ", logicalTypeOptions: {minimum: 0}";
    facts_prepare(&facts, "", range, "", "", true);
    facts.request.policy = QUALITY_POLICY_WARN;
    struct quality_report report = facts_check(&facts);
    ck_assert_int_eq(facts_result(&report, "amount.range")->outcome, QUALITY_WARN);
    ck_assert(!quality_blocks(&report));
    facts_prepare(&facts, unique, range, "", "", true);
    facts.request.policy = QUALITY_POLICY_OFF;
    report = facts_check(&facts);
    ck_assert(
        quality_blocks(&report)); /* a table is not served with a column that must be unique */
    for (size_t i = 0; i < report.count; i++)
        ck_assert(report.list[i].rule->is_physical);
}
END_TEST

START_TEST(rows_that_failed_are_kept_with_their_key)
{
    facts_prepare(&facts,
                  ", quality: [{id: p, metric: invalidValues, mustBe: 0, arguments: {pattern: "
                  "'^[a-z]+$', validValues: [aa, bb, cc, N/A]}}, {id: n, metric: nullValues, "
                  "mustBe: 0}]",
                  "", "", "", true);
    struct quality_report report = facts_check(&facts);
    const struct quality_result *result = facts_result(&report, "p");
    ck_assert_int_eq(result->failing, 3); /* '', N/A and dd */
    ck_assert_uint_eq(result->row_count, 3);
    ck_assert_str_eq(result->rows[1], "{\"id\": 6, \"code\": \"N/A\"}");
    ck_assert_str_eq(facts_result(&report, "n")->rows[0], "{\"id\": 4, \"code\": null}");
    MUST(db_run(facts.place.owner, facts.place.arena,
                "ALTER TABLE data.s_9000 DROP CONSTRAINT s_9000_pkey;"
                "INSERT INTO data.s_9000 SELECT n FROM generate_series(100, 999) n"));
    report = facts_check(&facts);
    ck_assert_int_eq(facts_result(&report, "n")->failing, 902);
    ck_assert_uint_eq(facts_result(&report, "n")->row_count, QUALITY_SAMPLE_ROWS);
}
END_TEST

static const struct test_case cases[] = {
    TEST_EACH(every_metric_is_compared_by_every_operator_in_rows, metrics),
    TEST_EACH(percents_are_of_all_rows_and_none_of_no_rows, metrics),
    TEST_EACH(rules_of_the_schema_count_the_rows_that_break_them, schemas),
    TEST(keys_unique_columns_and_not_null_stay_in_the_table),
    TEST(policies_decide_what_a_failed_rule_does),
    TEST(rows_that_failed_are_kept_with_their_key),
};
HARNESS_MAIN_WITH("check", cases, setup, teardown)
