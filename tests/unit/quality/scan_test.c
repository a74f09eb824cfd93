/* The one SELECT that rules become, without a database. */
#include "server/quality/quality.h"
#include "tests/unit/model/contracts.h"

static struct arena *arena;

static void make_arena(void)
{
    arena = arena_new(65536);
}

static void drop_arena(void)
{
    arena_free(arena);
}

/* members of the property c, and what the SELECT has for it */
static const struct {
    const char *property;
    const char *measure;
} cases_of_sql[] = {
    { "logicalType: string, required: true", "count(*) - count(t.\"c\")" },
    { "logicalType: integer, logicalTypeOptions: {minimum: 1, exclusiveMaximum: 5}",
      "count(*) FILTER (WHERE NOT (t.\"c\" >= '1'::int8 AND t.\"c\" < '5'::int8))" },
    { "logicalType: date, logicalTypeOptions: {maximum: '2026-01-01'}",
      "count(*) FILTER (WHERE NOT (true AND t.\"c\" <= '2026-01-01'::date))" },
    { "logicalType: string, logicalTypeOptions: {maxLength: 3}",
      "count(*) FILTER (WHERE char_length(t.\"c\") > 3)" },
    { "logicalType: string, quality: [{metric: nullValues, mustBe: 0}]",
      "count(*) - count(t.\"c\")" },
    { "logicalType: string, quality: [{metric: missingValues, mustBe: 0, arguments: "
      "{missingValues: [null, \"it's\", 'a\\b']}}]",
      "count(*) FILTER (WHERE (t.\"c\" IS NULL OR t.\"c\" IN ('it''s'::text,  E'a\\\\b'::text)))" },
    { "logicalType: integer, physicalType: int, quality: [{metric: invalidValues, mustBe: 0, "
      "arguments: {validValues: [1, 2]}}]",
      "count(*) FILTER (WHERE NOT (t.\"c\" IN ('1'::int4, '2'::int4)))" },
    { "logicalType: boolean, quality: [{metric: invalidValues, mustBe: 0, arguments: "
      "{validValues: [true]}}]",
      "count(*) FILTER (WHERE NOT (t.\"c\" IN ('true'::bool)))" },
    /* these are no part of it */
    { "logicalType: string, unique: true", NULL },
    { "logicalType: string, logicalTypeOptions: {pattern: a}", NULL },
    { "logicalType: string, quality: [{metric: duplicateValues, mustBe: 0}]", NULL },
    { "logicalType: string, quality: [{type: sql, query: SELECT 1, mustBe: 0}]", NULL },
    { "logicalType: string, relationships: [{to: other.c}]", NULL },
};

START_TEST(rules_that_count_rows_are_columns_of_one_select)
{
    struct contract contract = contract_of(
        arena, arena_print(arena, SCHEMA "      - {name: c, %s}\n", cases_of_sql[_i].property));
    const char *measure = cases_of_sql[_i].measure;
    const char *wanted =
        arena_print(arena, "SELECT count(*)%s%s\n  FROM (SELECT \"c\" FROM data.\"s_1\") AS t",
                    measure ? ",\n       " : "", measure ? measure : "");
    ck_assert_str_eq(quality_scan_sql(arena, &contract, "data.\"s_1\"", 0), wanted);
    contract_clear(&contract);
}
END_TEST

static const struct test_case cases[] = {
    TEST_EACH(rules_that_count_rows_are_columns_of_one_select, cases_of_sql),
};

int main(void)
{
    return test_run_with("scan", cases, COUNT(cases), make_arena, drop_arena);
}
