#include "tests/unit/query/fixture.h"

/* Options and the statement they become; place: values of a place parted by |, ~ is null. */
static const struct {
    const char *options;
    int64_t limit;
    const char *place;
    bool with_place;
    bool ordered;
    const char *sql;
} statements[] = {
    { "select=id,name", -1, NULL, false, false, "SELECT \"id\", \"name\" FROM t" },
    { "select=name,id,name", -1, NULL, false, false, "SELECT \"name\", \"id\" FROM t" },
    { "select=id", -1, NULL, false, true, "SELECT \"id\" FROM t ORDER BY \"id\"" },
    { "select=id", 100, NULL, false, false, "SELECT \"id\" FROM t LIMIT 100" },
    { "select=id&top=7", -1, NULL, false, false, "SELECT \"id\" FROM t ORDER BY \"id\" LIMIT 7" },
    { "select=id&top=7", 5, NULL, false, false, "SELECT \"id\" FROM t ORDER BY \"id\" LIMIT 5" },
    { "select=id&top=7", 11, NULL, false, false, "SELECT \"id\" FROM t ORDER BY \"id\" LIMIT 7" },
    { "select=id&top=0", -1, NULL, false, false, "SELECT \"id\" FROM t ORDER BY \"id\" LIMIT 0" },
    { "select=id&skip=3", -1, NULL, false, false,
      "SELECT \"id\" FROM t ORDER BY \"id\" OFFSET $1::int8 -- 3" },
    { "select=id&orderby=name", -1, NULL, false, false,
      "SELECT \"id\" FROM t ORDER BY \"name\" NULLS FIRST, \"id\"" },
    { "select=id&orderby=name desc", -1, NULL, false, false,
      "SELECT \"id\" FROM t ORDER BY \"name\" DESC NULLS LAST, \"id\"" },
    { "select=id&orderby=code desc,name asc,code", -1, NULL, false, false,
      "SELECT \"id\" FROM t ORDER BY \"code\" DESC, \"name\" NULLS FIRST, \"id\"" },
    { "select=id&orderby=id desc,name", -1, NULL, false, false,
      "SELECT \"id\" FROM t ORDER BY \"id\" DESC" },
    { "select=id&orderby=1,null", -1, NULL, false, false, "SELECT \"id\" FROM t" },
    { "select=id&orderby=qty ge 5 desc", -1, NULL, false, false,
      "SELECT \"id\" FROM t ORDER BY ((\"qty\" >= $1::int8) IS TRUE) DESC, \"id\" -- 5" },
    { "select=id&filter=id eq 1", -1, NULL, false, true,
      "SELECT \"id\" FROM t WHERE \"id\" = $1::int8 -- 1" },
    /* places */
    { "select=name&orderby=code", 3, NULL, true, true,
      "SELECT \"name\", \"code\", \"id\" FROM t ORDER BY \"code\", \"id\" LIMIT 3" },
    { "select=name", 3, "41", true, true,
      "SELECT \"name\", \"id\" FROM t WHERE \"id\" > $1::int8 ORDER BY \"id\" LIMIT 3 -- 41" },
    { "select=name&skip=9", 3, "41", true, true,
      "SELECT \"name\", \"id\" FROM t WHERE \"id\" > $1::int8 ORDER BY \"id\" LIMIT 3 -- 41" },
    { "select=id&orderby=id desc", 3, "41", false, true,
      "SELECT \"id\" FROM t WHERE \"id\" < $1::int8 ORDER BY \"id\" DESC LIMIT 3 -- 41" },
    { "select=id&orderby=code", 3, "x|41", false, true,
      "SELECT \"id\" FROM t WHERE (\"code\", \"id\") > ($1::text, $2::int8) "
      "ORDER BY \"code\", \"id\" LIMIT 3 -- 'x' | 41" },
    { "select=id&orderby=code&filter=open or paid", 3, "x|41", false, true,
      "SELECT \"id\" FROM t WHERE (\"open\" OR \"paid\") AND (\"code\", \"id\") > "
      "($1::text, $2::int8) ORDER BY \"code\", \"id\" LIMIT 3 -- 'x' | 41" },
    { "select=id&orderby=code desc,id desc", 3, "x|41", false, true,
      "SELECT \"id\" FROM t WHERE (\"code\", \"id\") < ($1::text, $2::int8) "
      "ORDER BY \"code\" DESC, \"id\" DESC LIMIT 3 -- 'x' | 41" },
    { "select=id&orderby=code desc", 3, "x|41", false, true,
      "SELECT \"id\" FROM t WHERE \"code\" <= $1::text AND (\"code\" < $1::text OR "
      "\"code\" = $1::text AND (\"id\" > $2::int8)) "
      "ORDER BY \"code\" DESC, \"id\" LIMIT 3 -- 'x' | 41" },
    { "select=id&orderby=name", 3, "x|41", false, true,
      "SELECT \"id\" FROM t WHERE \"name\" >= $1::text AND (\"name\" > $1::text OR "
      "\"name\" = $1::text AND (\"id\" > $2::int8)) "
      "ORDER BY \"name\" NULLS FIRST, \"id\" LIMIT 3 -- 'x' | 41" },
    { "select=id&orderby=name", 3, "~|41", false, true,
      "SELECT \"id\" FROM t WHERE (\"name\" IS NOT NULL OR "
      "\"name\" IS NULL AND (\"id\" > $1::int8)) "
      "ORDER BY \"name\" NULLS FIRST, \"id\" LIMIT 3 -- 41" },
    { "select=id&orderby=name desc", 3, "x|41", false, true,
      "SELECT \"id\" FROM t WHERE (\"name\" < $1::text OR \"name\" IS NULL OR "
      "\"name\" = $1::text AND (\"id\" > $2::int8)) "
      "ORDER BY \"name\" DESC NULLS LAST, \"id\" LIMIT 3 -- 'x' | 41" },
    { "select=id&orderby=name desc", 3, "~|41", false, true,
      "SELECT \"id\" FROM t WHERE (false OR \"name\" IS NULL AND (\"id\" > $1::int8)) "
      "ORDER BY \"name\" DESC NULLS LAST, \"id\" LIMIT 3 -- 41" },
    { "select=id&orderby=sold_at,amount desc", 3, "2026-01-01T00:00:00Z|1.50|41", false, true,
      "SELECT \"id\" FROM t WHERE \"sold_at\" >= $1::timestamptz AND (\"sold_at\" > "
      "$1::timestamptz OR \"sold_at\" = $1::timestamptz AND (\"amount\" < $2::numeric OR "
      "\"amount\" IS NULL OR \"amount\" = $2::numeric AND (\"id\" > $3::int8))) "
      "ORDER BY \"sold_at\" NULLS FIRST, \"amount\" DESC NULLS LAST, \"id\" LIMIT 3"
      " -- '2026-01-01T00:00:00Z' | '1.50' | 41" },
};

static struct query_place place_of(struct arena *arena, const char *text)
{
    char **values = text_split(arena, text, "|");
    size_t count = 0;
    for (; values[count]; count++)
        continue;
    for (size_t i = 0; i < count; i++)
        if (strcmp(values[i], "~") == 0)
            values[i] = NULL;
    return (struct query_place){ (const char *const *)values, count };
}

START_TEST(options_become_a_statement)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    struct db_query sql;
    struct query *query = fixture_query(arena, statements[_i].options);
    struct query_place place = place_of(arena, statements[_i].place ? statements[_i].place : "");
    ck_assert_ptr_null(query_sql(arena, query, "t", statements[_i].limit,
                                 statements[_i].place ? &place : NULL, statements[_i].with_place,
                                 statements[_i].ordered, &sql));
    ck_assert_str_eq(fixture_sql_text(arena, &sql), statements[_i].sql);
}
END_TEST

static const struct column keyless_list[] = {
    { .name = "a\"b", .type = COLUMN_TEXT },
    { .name = "n", .type = COLUMN_INT32, .required = true },
};
static const struct columns keyless = { keyless_list, COUNT(keyless_list) };

START_TEST(without_a_key_a_place_is_the_number_of_the_row)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    struct query *query = NULL;
    struct db_query sql;
    ck_assert_ptr_null(fixture_parse_with(arena, &keyless, "orderby=n desc&skip=5",
                                          &query_default_limits, &query));
    ck_assert_uint_eq(query_order_columns(query)->count, 1);
    ck_assert_str_eq(query_order_columns(query)->list[0].name, "row_number");
    ck_assert_ptr_null(query_sql(arena, query, "t", 10, NULL, true, true, &sql));
    ck_assert_str_eq(fixture_sql_text(arena, &sql),
                     "SELECT \"a\"\"b\", \"n\", row_number() OVER ( ORDER BY \"n\" DESC, "
                     "\"a\"\"b\" NULLS FIRST) FROM t ORDER BY \"n\" DESC, \"a\"\"b\" NULLS FIRST"
                     " LIMIT 10 OFFSET $1::int8 -- 5");
    struct query_place place = { (const char *const[]){ "15" }, 1 };
    ck_assert_ptr_null(query_sql(arena, query, "t", 10, &place, false, true, &sql));
    ck_assert_str_eq(fixture_sql_text(arena, &sql),
                     "SELECT \"a\"\"b\", \"n\" FROM t ORDER BY \"n\" DESC, \"a\"\"b\" NULLS FIRST"
                     " LIMIT 10 OFFSET $1::int8 -- 15");
    place.values = (const char *const[]){ "-1" };
    ck_assert_ptr_nonnull(query_sql(arena, query, "t", 10, &place, false, true, &sql));
}
END_TEST

/* Places that do not fit the order orderby=name,id. */
static const struct {
    const char *values[3];
    size_t count;
} misfits[] = {
    { { "x" }, 1 },
    { { "x", "41", "5" }, 3 },
    { { "x", NULL }, 2 },
    { { "x", "abc" }, 2 },
    { { "x", "99999999999999999999" }, 2 },
};

START_TEST(a_place_of_another_order_is_refused)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    struct db_query sql;
    struct query *query = fixture_query(arena, "orderby=name");
    struct query_place place = { misfits[_i].values, misfits[_i].count };
    struct problem *problem = query_sql(arena, query, "t", -1, &place, false, true, &sql);
    ck_assert_ptr_nonnull(problem);
    ck_assert_str_eq(problem_text(problem, "option"), "skiptoken");
}
END_TEST

/* Filters that fix the key, and such that only look like it. */
static const struct {
    const char *options;
    bool one_row;
} keys[] = {
    { "filter=id eq 1", true },
    { "filter=1 eq id", true },
    { "filter=id eq 1.0", true },
    { "filter=open and (id eq 1 and paid)", true },
    { "filter=id eq @p&@p=1", true },
    { "filter=id eq null", false },
    { "filter=id eq 1 or open", false },
    { "filter=not (id eq 1)", false },
    { "filter=id ne 1", false },
    { "filter=id eq id", false },
    { "filter=id in (1)", false },
    { "filter=code eq 'a'", false },
    { "top=1", false },
};

START_TEST(a_filter_that_fixes_the_key_gives_one_row)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    ck_assert_int_eq(query_is_one_row(fixture_query(arena, keys[_i].options)), keys[_i].one_row);
}
END_TEST

START_TEST(a_key_of_two_columns_is_fixed_by_both)
{
    static const struct column list[] = {
        { .name = "b", .type = COLUMN_TEXT, .required = true, .key_position = 2 },
        { .name = "a", .type = COLUMN_INT64, .required = true, .key_position = 1 },
    };
    static const struct columns columns = { list, COUNT(list) };
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    struct query *query = NULL;
    struct db_query sql;
    ck_assert_ptr_null(fixture_parse_with(arena, &columns, "filter=a eq 1 and b eq 'x'",
                                          &query_default_limits, &query));
    ck_assert(query_is_one_row(query));
    ck_assert_ptr_null(
        fixture_parse_with(arena, &columns, "filter=a eq 1", &query_default_limits, &query));
    ck_assert(!query_is_one_row(query));
    ck_assert_ptr_null(query_sql(arena, query, "t", -1, NULL, false, true, &sql));
    ck_assert_str_eq(
        fixture_sql_text(arena, &sql),
        "SELECT \"b\", \"a\" FROM t WHERE \"a\" = $1::int8 ORDER BY \"a\", \"b\" -- 1");
}
END_TEST

/* Options, rules parted by |, and the condition of both. */
static const struct {
    const char *options;
    const char *rules;
    const char *condition;
} restrictions[] = {
    { "", "", "" },
    { "", "secret eq 1", " WHERE \"secret\" = $1::int8 -- 1" },
    { "filter=id eq 1", "", " WHERE \"id\" = $1::int8 -- 1" },
    { "filter=id eq 1 or id eq 2", "secret eq 1|secret eq 2 or id eq 3",
      " WHERE (\"secret\" = $1::int8 OR (\"secret\" = $2::int8 OR \"id\" = $3::int8)) AND "
      "(\"id\" = $4::int8 OR \"id\" = $5::int8) -- 1 | 2 | 3 | 1 | 2" },
    { "@p=5", "secret eq @p", " WHERE \"secret\" IS NULL" },
};

START_TEST(rules_restrict_a_query)
{
    static const struct column all[] = {
        { .name = "id", .type = COLUMN_INT64, .required = true, .key_position = 1 },
        { .name = "secret", .type = COLUMN_INT64 },
    };
    static const struct columns visible = { all, 1 };
    static const struct columns every = { all, 2 };
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    struct query *query = NULL;
    struct db_query sql;
    char **rules = text_split(arena, restrictions[_i].rules, "|");
    ck_assert_ptr_null(fixture_parse_with(arena, &visible, restrictions[_i].options,
                                          &query_default_limits, &query));
    const char *before = query_canonical(arena, query);
    ck_assert_ptr_null(
        query_restrict(arena, &every, (const char *const *)rules, &query_default_limits, query));
    ck_assert_int_eq(strcmp(before, query_canonical(arena, query)) != 0, rules[0] != NULL);
    ck_assert_uint_eq(query_columns(query)->count, 1);
    ck_assert_ptr_null(query_sql(arena, query, "t", -1, NULL, false, false, &sql));
    ck_assert_str_eq(fixture_sql_text(arena, &sql),
                     arena_print(arena, "SELECT \"id\" FROM t%s", restrictions[_i].condition));
}
END_TEST

START_TEST(a_wrong_rule_is_refused)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    static const char *const wrong[] = { "nope eq 1", "id eq", "id eq 1)", "id", "frob(id)" };
    for (size_t i = 0; i < COUNT(wrong); i++) {
        struct query *query = fixture_query(arena, "");
        struct problem *problem =
            query_restrict(arena, &fixture_columns, (const char *const[]){ wrong[i], NULL },
                           &query_default_limits, query);
        ck_assert_ptr_nonnull(problem);
        ck_assert_str_eq(problem_text(problem, "option"), "rule");
    }
}
END_TEST

static const struct test_case cases[] = {
    TEST_EACH(rules_restrict_a_query, restrictions),
    TEST(a_wrong_rule_is_refused),
    TEST_EACH(options_become_a_statement, statements),
    TEST(without_a_key_a_place_is_the_number_of_the_row),
    TEST_EACH(a_place_of_another_order_is_refused, misfits),
    TEST_EACH(a_filter_that_fixes_the_key_gives_one_row, keys),
    TEST(a_key_of_two_columns_is_fixed_by_both),
};
TEST_MAIN("sql", cases)
