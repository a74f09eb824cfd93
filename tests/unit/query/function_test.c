/* Functions, arithmetic, casts and case: the SQL they become. What they mean is for tests/db. */
#include "server/query/regex.h"
#include "tests/unit/query/fixture.h"

/* A filter and the condition it becomes. */
static const struct {
    const char *filter;
    const char *condition;
} filters[] = {
    /* arithmetic: integers are 64 bits wide, literals become what the other operand is */
    { "id add 1 eq 2", "(\"id\" + $1::int8) = $2::int8 -- 1 | 2" },
    { "qty add qty eq 2", "(\"qty\"::int8 + \"qty\"::int8) = $1::int8 -- 2" },
    { "qty add 1.5 eq 2", "(\"qty\"::int8 + $1::numeric) = $2::numeric -- '1.5' | '2'" },
    { "amount sub 1 eq 2", "(\"amount\" - $1::numeric) = $2::numeric -- '1' | '2'" },
    { "price mul 2 eq 2", "(\"price\" * $1::float8) = $2::float8 -- 2d | 2d" },
    { "amount mul price eq 2", "(\"amount\" * \"price\") = $1::float8 -- 2d" },
    { "id div 2 eq 1", "(\"id\" / $1::int8) = $2::int8 -- 2 | 1" },
    { "id mod 2 eq 1", "(\"id\" % $1::int8) = $2::int8 -- 2 | 1" },
    { "- id eq 1", "(- \"id\") = $1::int8 -- 1" },
    { "-(id) eq -1", "(- \"id\") = $1::int8 -- -1" },
    { "id add 2 mul 3 sub 1 gt 0",
      "((\"id\" + ($1::int8 * $2::int8)) - $3::int8) > $4::int8 -- 2 | 3 | 1 | 0" },
    { "(id add 2) mul 3 gt 0", "((\"id\" + $1::int8) * $2::int8) > $3::int8 -- 2 | 3 | 0" },
    { "1 gt id add 2", "(\"id\" + $1::int8) < $2::int8 -- 2 | 1" },
    { "(id sub 1) in (1,2)", "(\"id\" - $1::int8) = ANY($2::int8[]) -- 1 | [1,2]" },
    { "not (qty add 1 gt 2)", "((\"qty\"::int8 + $1::int8) > $2::int8) IS NOT TRUE -- 1 | 2" },
    { "id add null eq 2", "false" },
    { "id add null eq null", "true" },
    { "sold_at add duration'P1D' gt sold_at", "(\"sold_at\" + $1::interval) > \"sold_at\" -- "
                                              "'86400 seconds'" },
    { "sold_at add 'P1D' gt sold_at", "(\"sold_at\" + $1::interval) > \"sold_at\" -- "
                                      "'86400 seconds'" },
    { "due sub '2026-01-01' eq 'P1D'", "((\"due\" - $1::date) * interval '1 day') = $2::interval "
                                       "-- '2026-01-01' | '86400 seconds'" },
    { "due sub due eq duration'P1D'",
      "((\"due\" - \"due\") * interval '1 day') = $1::interval -- '86400 seconds'" },
    { "due sub due eq 'P1D'",
      "((\"due\" - \"due\") * interval '1 day') = $1::interval -- '86400 seconds'" },
    /* text */
    { "contains(name,'a')", "(strpos(\"name\", $1::text) > 0) -- 'a'" },
    { "not contains(name,'a')", "NOT (strpos(\"name\", $1::text) > 0) -- 'a'" },
    { "contains(name,'a') eq false", "(strpos(\"name\", $1::text) > 0) = $2::bool -- 'a' | false" },
    { "contains(name,null)", "NULL::bool" },
    { "startswith(code,'a') and open", "starts_with(\"code\", $1::text) AND \"open\" -- 'a'" },
    { "endswith('abc',code)", "starts_with(reverse($1::text), reverse(\"code\")) -- 'abc'" },
    { "length(name) gt 3", "length(\"name\")::int8 > $1::int8 -- 3" },
    { "tolower(trim(name)) in ('a')",
      "lower(btrim(\"name\", E' \\t\\n\\x0b\\f\\r\\u0085\\u00a0\\u1680\\u2000\\u2001\\u2002\\u2003"
      "\\u2004\\u2005\\u2006\\u2007\\u2008\\u2009\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000')) = "
      "ANY($1::text[]) -- ['a']" },
    { "concat(name,concat('-',code)) ne 'a'",
      "(\"name\" || ($1::text || \"code\")) IS DISTINCT FROM $2::text -- '-' | 'a'" },
    { "substring(name,1) eq 'a'", "substr(\"name\", least(greatest($1::int8, 0), 1000000000)::int4 "
                                  "+ 1) = $2::text -- 1 | 'a'" },
    { "matchesPattern(name,'^a.\\d$')",
      "(\"name\" ~ $1::text) -- '^a[^\\n\\r\\u2028\\u2029][0-9]$'" },
    /* time */
    { "year(due) eq 2026", "trunc(extract(year FROM \"due\"))::int8 = $1::int8 -- 2026" },
    { "hour(sold_at) eq 3",
      "trunc(extract(hour FROM \"sold_at\" AT TIME ZONE 'UTC'))::int8 = $1::int8 -- 3" },
    { "date(sold_at) eq 2026-01-01",
      "(\"sold_at\" AT TIME ZONE 'UTC')::date = $1::date -- '2026-01-01'" },
    { "mindatetime() lt sold_at", "\"sold_at\" > $1::timestamptz -- @-62135596800000000" },
    { "maxdatetime() ge sold_at", "\"sold_at\" <= $1::timestamptz -- @253402300799999999" },
    /* numbers */
    { "round(amount) eq 1", "round(\"amount\") = $1::numeric -- '1'" },
    { "floor(price) eq 1", "floor(\"price\") = $1::float8 -- 1d" },
    { "ceiling(qty) eq 1", "\"qty\"::int8 = $1::int8 -- 1" },
    /* casts */
    { "cast(id,Edm.String) eq '1'", "(\"id\")::text = $1::text -- '1'" },
    { "cast(name,Edm.String) eq '1'", "\"name\" = $1::text -- '1'" },
    { "cast('2026-01-01',Edm.Date) eq due", "\"due\" = $1::date -- '2026-01-01'" },
    { "cast('x',Edm.Date) eq due", "\"due\" IS NULL" },
    { "cast('5',Edm.Decimal) eq amount", "\"amount\" = $1::numeric -- '5'" },
    { "cast(null,Edm.Date) eq due", "\"due\" IS NULL" },
    /* case */
    { "case(qty gt 1:'a',true:name) eq 'a'",
      "(CASE WHEN \"qty\" > $1::int8 THEN $2::text WHEN true THEN \"name\" END) = $3::text"
      " -- 1 | 'a' | 'a'" },
    { "case(open:1,paid:2.5) eq 1",
      "(CASE WHEN \"open\" THEN $1::numeric WHEN \"paid\" THEN $2::numeric END) = $3::numeric"
      " -- '1' | '2.5' | '1'" },
    { "case(open:qty,true:0) ne 1",
      "(CASE WHEN \"open\" THEN \"qty\"::int8 WHEN true THEN $1::int8 END) IS DISTINCT FROM "
      "$2::int8 -- 0 | 1" },
    { "case(open:1,true:0) ne 1",
      "(CASE WHEN \"open\" THEN $1::int8 WHEN true THEN $2::int8 END) <> $3::int8 -- 1 | 0 | 1" },
    { "case(open:true,paid:null)", "(CASE WHEN \"open\" THEN $1::bool WHEN \"paid\" THEN NULL END)"
                                   " -- true" },
    { "case(open:null) eq 1", "false" },
};

START_TEST(a_call_becomes_sql)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    struct db_query sql;
    struct query *query =
        fixture_query(arena, arena_print(arena, "select=id&filter=%s", filters[_i].filter));
    ck_assert_ptr_null(query_sql(arena, query, "t", -1, NULL, false, false, &sql));
    ck_assert_str_eq(fixture_sql_text(arena, &sql),
                     arena_print(arena, "SELECT \"id\" FROM t WHERE %s", filters[_i].condition));
}
END_TEST

START_TEST(rows_can_be_ordered_by_what_is_computed)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    struct db_query sql;
    struct query *query = fixture_query(arena, "select=id&orderby=length(code) desc,qty add 1");
    struct query_place place = { (const char *const[]){ "3", NULL, "7" }, 3 };
    ck_assert_ptr_null(query_sql(arena, query, "t", 9, &place, true, true, &sql));
    ck_assert_str_eq(
        fixture_sql_text(arena, &sql),
        "SELECT \"id\", length(\"code\")::int8, (\"qty\"::int8 + $1::int8), \"id\" FROM t WHERE "
        "length(\"code\")::int8 <= $2::int8 AND (length(\"code\")::int8 < $2::int8 OR "
        "length(\"code\")::int8 = $2::int8 AND ((\"qty\"::int8 + $4::int8) IS NOT NULL OR "
        "(\"qty\"::int8 + $5::int8) IS NULL AND (\"id\" > $3::int8))) ORDER BY "
        "length(\"code\")::int8 DESC, (\"qty\"::int8 + $6::int8) NULLS FIRST, \"id\" LIMIT 9"
        " -- 1 | 3 | 7 | 1 | 1 | 1");
    ck_assert_int_eq(query_order_columns(query)->list[0].type, COLUMN_INT64);
    ck_assert(query_order_columns(query)->list[0].required);
    ck_assert(!query_order_columns(query)->list[1].required);
}
END_TEST

START_TEST(now_is_an_instant_of_the_etag_but_not_of_the_token)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    static const char key[] = "key";
    struct query *query = fixture_query(arena, "filter=sold_at lt now()");
    const char *canonical = query_canonical(arena, query);
    ck_assert_ptr_nonnull(strstr(canonical, "lt timestamp'2"));
    struct query_place place = { (const char *const[]){ "7" }, 1 };
    const char *token = query_token_make(arena, key, 3, 1, -1, query, &place);
    struct query *later = fixture_query(arena, "filter=sold_at lt now()");
    int64_t snapshot, remaining;
    ck_assert_ptr_null(
        query_token_open(arena, key, 3, token, later, &snapshot, &remaining, &place));
}
END_TEST

/* Patterns and what they are for Postgres; NULL: refused. */
static const struct {
    const char *pattern;
    const char *translated;
} patterns[] = {
    { "", "" },
    { "^A.*e$", "^A[^\\n\\r\\u2028\\u2029]*e$" },
    { "a|b", "a|b" },
    { "(a)(?:b)(?=c)(?!d)", "(a)(?:b)(?=c)(?!d)" },
    { "(?<=a)(?<!b)c", "(?<=a)(?<!b)c" },
    { "(?<year>\\d{4})", "([0-9]{4})" },
    { "\\d\\D\\w\\W", "[0-9][^0-9][A-Za-z0-9_][^A-Za-z0-9_]" },
    { "\\bfoo\\B", "\\yfoo\\Y" },
    { "[\\d\\-x]", "[0-9\\-x]" },
    { "[^a-z]", "[^a-z]" },
    { "[a[:x]", "[a\\[:x]" },
    { "[\\]]", "[\\]]" },
    { "[]", "(?!)" },
    { "[^]", "(?:.)" },
    { "\\x41\\u00e9", "\\u0041\\u00e9" },
    { "\\.\\/\\\\", "\\.\\/\\\\" },
    { "a{2}b{2,}c{2,3}", "a{2}b{2,}c{2,3}" },
    { "a{b}", "a\\{b\\}" },
    { "a+?b*?c??", "a+?b*?c??" },
    { "été", "été" },
    { "(", NULL },
    { "a)", NULL },
    { "[a", NULL },
    { "*a", NULL },
    { "a++", NULL },
    { "(a)\\1", NULL },
    { "\\p{L}", NULL },
    { "\\Aa", NULL },
    { "\\Qa\\E", NULL },
    { "(?i)a", NULL },
    { "(?>a)", NULL },
    { "(*FAIL)", NULL },
    { "a{256}", NULL },
    { "a{1,999}", NULL },
    { "[\\D]", NULL },
    { "\\ud83d", NULL },
    { "\\", NULL },
};

START_TEST(a_pattern_is_translated_or_refused)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    const char *reason = NULL;
    ck_assert_pstr_eq(regex_translate(arena, patterns[_i].pattern, &reason),
                      patterns[_i].translated);
    ck_assert((reason != NULL) == (patterns[_i].translated == NULL));
}
END_TEST

static const struct test_case cases[] = {
    TEST_EACH(a_call_becomes_sql, filters),
    TEST(rows_can_be_ordered_by_what_is_computed),
    TEST(now_is_an_instant_of_the_etag_but_not_of_the_token),
    TEST_EACH(a_pattern_is_translated_or_refused, patterns),
};
TEST_MAIN("function", cases)
