#include "tests/unit/query/fixture.h"

/* A key of two columns, and one column beside it. */
static const struct column pair_list[] = {
    { .name = "region", .type = COLUMN_TEXT, .required = true, .key_position = 2 },
    { .name = "number", .type = COLUMN_INT32, .required = true, .key_position = 1 },
    { .name = "note", .type = COLUMN_TEXT },
};
static const struct columns pair = { pair_list, COUNT(pair_list) };
static const struct columns keyless = { pair_list + 2, 1 };

static struct problem *read_key(struct arena *arena, const struct columns *columns,
                                const char *options_text, const char *key, struct query **out_query)
{
    struct query_option options[10];
    size_t count = fixture_options(arena, arena_text(arena, options_text), options, COUNT(options));
    TRY(fixture_parse_with(arena, columns, options_text, &query_default_limits, out_query));
    return query_key(arena, key, options, count, &query_default_limits, *out_query);
}

static const struct {
    const struct columns *columns;
    const char *options;
    const char *key;
    const char *sql;
} keys[] = {
    { &fixture_columns, "select=id", "42", "WHERE \"id\" = $1::int8 -- 42" },
    { &fixture_columns, "select=id", "id=42", "WHERE \"id\" = $1::int8 -- 42" },
    { &fixture_columns, "select=id", "-1", "WHERE \"id\" = $1::int8 -- -1" },
    { &fixture_columns, "select=id&@k=7", "@k", "WHERE \"id\" = $1::int8 -- 7" },
    { &pair, "select=note", "number=1,region='o''x'", NULL },
    { &pair, "select=note", "region='a=1,b',number=1", NULL },
};

START_TEST(a_key_fixes_one_row)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    struct query *query;
    struct db_query sql;
    ck_assert_ptr_null(read_key(arena, keys[_i].columns, keys[_i].options, keys[_i].key, &query));
    ck_assert(query_is_one_row(query));
    ck_assert_ptr_null(query_sql(arena, query, "t", -1, NULL, false, false, &sql));
    if (keys[_i].sql)
        ck_assert_ptr_nonnull(strstr(fixture_sql_text(arena, &sql), keys[_i].sql));
}
END_TEST

static const struct {
    const struct columns *columns;
    const char *key;
} wrong[] = {
    { &fixture_columns, "" },
    { &fixture_columns, "'x'" },
    { &fixture_columns, "42 or true" },
    { &fixture_columns, "42) or (true" },
    { &fixture_columns, "42," },
    { &fixture_columns, "1,2" },
    { &fixture_columns, "id" },
    { &fixture_columns, "id=" },
    { &fixture_columns, "id=id" },
    { &fixture_columns, "id=1,id=1" },
    { &fixture_columns, "qty=1" },
    { &fixture_columns, "nope=1" },
    { &fixture_columns, "id=1 and true" },
    { &fixture_columns, "length('x')" },
    { &fixture_columns, "'" },
    { &pair, "1" },
    { &pair, "number=1" },
    { &pair, "number=1,region=2" },
    { &pair, "number=1,region='a',note='b'" },
    { &keyless, "1" },
    { &keyless, "note='x'" },
};

START_TEST(what_is_no_key_is_refused)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    struct query *query;
    struct problem *problem = read_key(arena, wrong[_i].columns, "", wrong[_i].key, &query);
    ck_assert_ptr_nonnull(problem);
    ck_assert_ptr_eq(problem->kind, &PROBLEM_BAD_QUERY);
    ck_assert_str_eq(problem_text(problem, "option"), "key");
}
END_TEST

START_TEST(no_row_has_the_key_null)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    struct query *query;
    struct db_query sql;
    ck_assert_ptr_null(read_key(arena, &fixture_columns, "", "null", &query));
    ck_assert_ptr_null(query_sql(arena, query, "t", -1, NULL, false, false, &sql));
    ck_assert_ptr_null(strstr(sql.text, "OR"));
}
END_TEST

static const struct test_case cases[] = {
    TEST_EACH(a_key_fixes_one_row, keys),
    TEST_EACH(what_is_no_key_is_refused, wrong),
    TEST(no_row_has_the_key_null),
};
TEST_MAIN("key", cases)
