/* Filters and the conditions they become, with the null rules of OData. */
#include "tests/unit/query/fixture.h"

/* A filter and the condition it becomes. */
static const struct {
    const char *filter;
    const char *condition;
} filters[] = {
    { "id eq 42", "\"id\" = $1::int8 -- 42" },
    { "42 eq id", "\"id\" = $1::int8 -- 42" },
    { "42 lt id", "\"id\" > $1::int8 -- 42" },
    { "ID EQ 42", "\"id\" = $1::int8 -- 42" },
    { "id ne 42", "\"id\" <> $1::int8 -- 42" },
    { "name eq 'a'", "\"name\" = $1::text -- 'a'" },
    { "name eq 'O''Neil'", "\"name\" = $1::text -- 'O'Neil'" },
    { "name eq ''", "\"name\" = $1::text -- ''" },
    { "name ne 'a'", "\"name\" IS DISTINCT FROM $1::text -- 'a'" },
    { "code ne 'a'", "\"code\" <> $1::text -- 'a'" },
    { "name gt 'a'", "\"name\" > $1::text -- 'a'" },
    /* null */
    { "name eq null", "\"name\" IS NULL" },
    { "null eq name", "\"name\" IS NULL" },
    { "name ne null", "\"name\" IS NOT NULL" },
    { "name gt null", "false" },
    { "name lt null", "false" },
    { "name ge null", "\"name\" IS NULL" },
    { "name le null", "\"name\" IS NULL" },
    { "null eq null", "true" },
    { "null ne null", "false" },
    { "null gt null", "false" },
    { "1 eq null", "false" },
    { "tags eq null", "\"tags\" IS NULL" },
    { "null", "NULL::bool" },
    { "not null", "NULL::bool" },
    /* two columns */
    { "name eq code", "\"name\" = \"code\"" },
    { "name eq name", "\"name\" IS NOT DISTINCT FROM \"name\"" },
    { "code eq code", "\"code\" = \"code\"" },
    { "name ne code", "\"name\" IS DISTINCT FROM \"code\"" },
    { "qty ge amount", "(\"qty\" >= \"amount\" OR \"qty\" IS NULL AND \"amount\" IS NULL)" },
    { "qty gt amount", "\"qty\" > \"amount\"" },
    /* not is pushed down, and never turns unknown into true */
    { "not (id eq 42)", "\"id\" <> $1::int8 -- 42" },
    { "not (id gt 42)", "\"id\" <= $1::int8 -- 42" },
    { "not (name eq 'a')", "\"name\" IS DISTINCT FROM $1::text -- 'a'" },
    { "not (name ne 'a')", "\"name\" = $1::text -- 'a'" },
    { "not (name gt 'a')", "(\"name\" > $1::text) IS NOT TRUE -- 'a'" },
    { "not (name gt null)", "NOT (false)" },
    { "not (qty ge amount)",
      "((\"qty\" >= \"amount\" OR \"qty\" IS NULL AND \"amount\" IS NULL)) IS NOT TRUE" },
    { "not (name eq 'a' and id eq 1)",
      "(\"name\" IS DISTINCT FROM $1::text OR \"id\" <> $2::int8) -- 'a' | 1" },
    { "not (name eq 'a' or id eq 1)",
      "\"name\" IS DISTINCT FROM $1::text AND \"id\" <> $2::int8 -- 'a' | 1" },
    { "not (not (id eq 1))", "\"id\" = $1::int8 -- 1" },
    { "not paid", "NOT \"paid\"" },
    { "paid", "\"paid\"" },
    { "paid eq true", "\"paid\" = $1::bool -- true" },
    { "not (paid and id eq 1)", "(NOT \"paid\" OR \"id\" <> $1::int8) -- 1" },
    { "true", "true" },
    { "not true", "false" },
    /* truth as a value is exact */
    { "(name gt 'a') eq (id gt 1)",
      "((\"name\" > $1::text) IS TRUE) = (\"id\" > $2::int8) -- 'a' | 1" },
    { "(not (name gt 'a')) eq true",
      "(NOT ((\"name\" > $1::text) IS TRUE)) = $2::bool -- 'a' | true" },
    { "(paid and open) eq null", "(\"paid\" AND \"open\") IS NULL" },
    { "(name in ('a')) eq open", "((\"name\" = ANY($1::text[])) IS TRUE) = \"open\" -- ['a']" },
    /* and, or */
    { "id eq 1 and count eq 2 and open",
      "\"id\" = $1::int8 AND \"count\" = $2::int8 AND \"open\" -- 1 | 2" },
    { "id eq 1 or count eq 2 and open",
      "(\"id\" = $1::int8 OR \"count\" = $2::int8 AND \"open\") -- 1 | 2" },
    { "(id eq 1 or count eq 2) and open",
      "(\"id\" = $1::int8 OR \"count\" = $2::int8) AND \"open\" -- 1 | 2" },
    { "id eq 1 or (count eq 2 or (qty eq 3))",
      "(\"id\" = $1::int8 OR \"count\" = $2::int8 OR \"qty\" = $3::int8) -- 1 | 2 | 3" },
    /* in */
    { "id in (1,2, 3 )", "\"id\" = ANY($1::int8[]) -- [1,2,3]" },
    { "id in (1)", "\"id\" = ANY($1::int8[]) -- [1]" },
    { "id in ()", "false" },
    { "not (id in (1,2))", "NOT (\"id\" = ANY($1::int8[])) -- [1,2]" },
    { "not (name in ('a'))", "(\"name\" = ANY($1::text[])) IS NOT TRUE -- ['a']" },
    { "name in ('a',null)", "(\"name\" = ANY($1::text[]) OR \"name\" IS NULL) -- ['a']" },
    { "not (name in ('a',null))", "NOT (\"name\" = ANY($1::text[]) OR \"name\" IS NULL) -- ['a']" },
    { "name in (null)", "(\"name\" IS NULL)" },
    { "code in (null)", "false" },
    { "code in ('a',null)", "\"code\" = ANY($1::text[]) -- ['a']" },
    { "id in (1,1.5,99999999999999999999,INF)", "\"id\" = ANY($1::int8[]) -- [1]" },
    { "id in (1.5)", "false" },
    { "amount in (1,1.50)", "\"amount\" = ANY($1::text[]::numeric[]) -- ['1','1.5']" },
    { "price in (1,NaN,-INF)", "\"price\" = ANY($1::text[]::float8[]) -- ['1','-Infinity']" },
    { "due in (2026-01-02,'2026-01-03')",
      "\"due\" = ANY($1::text[]::date[]) -- ['2026-01-02','2026-01-03']" },
    { "sold_at in (2026-01-02T03:04:05+01:00)",
      "\"sold_at\" = ANY($1::text[]::timestamptz[]) -- ['2026-01-02T02:04:05Z']" },
    { "raw in (binary'AP8')", "\"raw\" = ANY($1::text[]::bytea[]) -- ['\\x00ff']" },
    { "null in (1,null)", "true" },
    { "null in (1)", "false" },
    { "id eq 1 and name in ('a','b')",
      "\"id\" = $1::int8 AND \"name\" = ANY($2::text[]) -- 1 | ['a','b']" },
    /* numbers: the literal becomes what the column is */
    { "qty eq 42.0", "\"qty\" = $1::int8 -- 42" },
    { "qty eq 1e2", "\"qty\" = $1::int8 -- 100" },
    { "qty eq 1.5", "false" },
    { "qty ne 1.5", "true" },
    { "qty gt 1.5", "\"qty\" > $1::int8 -- 1" },
    { "qty ge 1.5", "\"qty\" > $1::int8 -- 1" },
    { "qty lt 1.5", "\"qty\" <= $1::int8 -- 1" },
    { "qty le -1.5", "\"qty\" <= $1::int8 -- -2" },
    { "qty gt -0.5", "\"qty\" > $1::int8 -- -1" },
    { "qty lt 9223372036854775808", "\"qty\" < $1::numeric -- '9223372036854775808'" },
    { "id eq -9223372036854775808", "\"id\" = $1::int8 -- -9223372036854775808" },
    { "id gt -9223372036854775808.5", "\"id\" > $1::numeric -- '-9223372036854775808.5'" },
    { "amount eq 5", "\"amount\" = $1::numeric -- '5'" },
    { "amount eq +005.500", "\"amount\" = $1::numeric -- '5.5'" },
    { "amount gt 0.000001e3", "\"amount\" > $1::numeric -- '0.001'" },
    { "amount lt INF", "\"amount\" < $1::float8 -- infd" },
    { "id lt INF", "\"id\" < $1::float8 -- infd" },
    /* doubles: NaN equals nothing and has no order */
    { "price eq 5", "\"price\" = $1::float8 -- 5d" },
    { "price lt 0.5", "\"price\" < $1::float8 -- 0.5d" },
    { "price gt 0.5", "\"price\" > $1::float8 AND \"price\" <> 'NaN'::float8 -- 0.5d" },
    { "not (weight gt 0.5)",
      "NOT (\"weight\" > $1::float8 AND \"weight\" <> 'NaN'::float8) -- 0.5d" },
    { "not (price lt 0.5)", "(\"price\" < $1::float8) IS NOT TRUE -- 0.5d" },
    { "price eq NaN", "false" },
    { "price ne NaN", "true" },
    { "price gt NaN", "false" },
    { "price eq -INF", "\"price\" = $1::float8 -- -infd" },
    { "weight eq weight", "\"weight\" = \"weight\" AND \"weight\" IS DISTINCT FROM 'NaN'::float8" },
    { "weight ne weight", "(\"weight\" <> \"weight\" OR \"weight\" = 'NaN'::float8)" },
    { "price ne weight", "(\"price\" IS DISTINCT FROM \"weight\" OR \"price\" IS NOT DISTINCT "
                         "FROM 'NaN'::float8)" },
    { "id lt weight", "\"id\" < \"weight\" AND \"weight\" <> 'NaN'::float8" },
    /* the other types */
    { "due eq 2026-02-28", "\"due\" = $1::date -- '2026-02-28'" },
    { "due eq '2026-02-28'", "\"due\" = $1::date -- '2026-02-28'" },
    { "'2026-02-28' le due", "\"due\" >= $1::date -- '2026-02-28'" },
    { "at eq 07:59:59.5", "\"at\" = $1::time -- '07:59:59.5'" },
    { "at eq 07:59", "\"at\" = $1::time -- '07:59:00'" },
    { "sold_at ge 1970-01-01T00:00:01Z", "\"sold_at\" >= $1::timestamptz -- @1000000" },
    { "sold_at ge 1970-01-01T01:00:00.0000010+01:00", "\"sold_at\" >= $1::timestamptz -- @1" },
    { "sold_at ge '1970-01-01T00:00Z'", "\"sold_at\" >= $1::timestamptz -- @0" },
    { "ref eq 0AE2F1B8-2AE2-4B7A-8F0E-1234567890AB",
      "\"ref\" = $1::uuid -- '0ae2f1b8-2ae2-4b7a-8f0e-1234567890ab'" },
    { "ref eq '0ae2f1b8-2ae2-4b7a-8f0e-1234567890ab'",
      "\"ref\" = $1::uuid -- '0ae2f1b8-2ae2-4b7a-8f0e-1234567890ab'" },
    { "raw eq binary'T0RhdGE='", "\"raw\" = $1::bytea -- 5 bytes" },
    { "raw eq 'T0RhdGE'", "\"raw\" = $1::bytea -- 5 bytes" },
    { "raw eq binary''", "\"raw\" = $1::bytea -- 0 bytes" },
    /* literals alone */
    { "1 eq 1.0", "$1::int8 = $2::int8 -- 1 | 1" },
    { "'2026-01-01' eq 2026-01-01", "$1::date = $2::date -- '2026-01-01' | '2026-01-01'" },
    { "@p eq id&@p=7", "\"id\" = $1::int8 -- 7" },
    { "name eq @none", "\"name\" IS NULL" },
    { "id in (@p,2)&@p=1", "\"id\" = ANY($1::int8[]) -- [1,2]" },
    { "name eq '; DROP TABLE x; --'", "\"name\" = $1::text -- '; DROP TABLE x; --'" },
};

START_TEST(a_filter_becomes_a_condition)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    struct db_query sql;
    struct query *query =
        fixture_query(arena, arena_print(arena, "select=id&filter=%s", filters[_i].filter));
    ck_assert_ptr_null(query_sql(arena, query, "t", -1, NULL, false, false, &sql));
    const char *text = fixture_sql_text(arena, &sql);
    ck_assert_str_eq(text,
                     arena_print(arena, "SELECT \"id\" FROM t WHERE %s", filters[_i].condition));
    ck_assert_ptr_null(query_count_sql(arena, query, "t", &sql));
    ck_assert_str_eq(fixture_sql_text(arena, &sql),
                     arena_print(arena, "SELECT count(*) FROM t WHERE %s", filters[_i].condition));
}
END_TEST

static const struct test_case cases[] = {
    TEST_EACH(a_filter_becomes_a_condition, filters),
};
TEST_MAIN("filter", cases)
