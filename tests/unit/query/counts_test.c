#include "server/query/counts.h"
#include "tests/unit/query/fixture.h"

/* Two queries of one snapshot, and whether they find the same number of rows whatever they are. */
static const struct {
    const char *one;
    const char *two;
    bool same;
} pairs[] = {
    { "filter=id gt 5", "filter=5 lt id&select=name&orderby=qty&top=5&skip=2&count=true", true },
    { "filter=id gt 5", "filter=id gt 6", false },
    { "", "filter=open", false },
    { "apply=filter(open)", "", false },
    { "apply=groupby((code))", "apply=groupby((code))&select=code", true },
};

START_TEST(a_count_depends_on_what_is_found)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    struct count_key one, two;
    ck_assert(counts_key(arena, fixture_query(arena, pairs[_i].one), 7, &one));
    ck_assert(counts_key(arena, fixture_query(arena, pairs[_i].two), 7, &two));
    ck_assert_int_eq(memcmp(&one, &two, sizeof one) == 0, pairs[_i].same);
}
END_TEST

START_TEST(a_count_is_of_one_snapshot_and_of_what_may_be_seen)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    struct query *query = fixture_query(arena, "filter=open");
    struct count_key one, two;
    ck_assert(counts_key(arena, query, 7, &one));
    ck_assert(counts_key(arena, query, 8, &two));
    ck_assert_int_ne(memcmp(&one, &two, sizeof one), 0);
    ck_assert_ptr_null(query_restrict(arena, &fixture_columns,
                                      (const char *const[]){ "paid", NULL }, &query_default_limits,
                                      query));
    ck_assert(counts_key(arena, query, 7, &two));
    ck_assert_int_ne(memcmp(&one, &two, sizeof one), 0);
}
END_TEST

START_TEST(what_moves_with_time_is_not_kept)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    struct count_key key;
    ck_assert(!counts_key(arena, fixture_query(arena, "filter=sold_at lt now()"), 7, &key));
    ck_assert(!counts_key(arena, fixture_query(arena, "apply=filter(sold_at lt now())"), 7, &key));
    ck_assert(counts_key(arena, fixture_query(arena, "orderby=sold_at sub duration'P1D' lt now()"),
                         7, &key));
}
END_TEST

/* Whether the time of the request decides something of the answer. */
static const struct {
    const char *options;
    bool moves;
} moving[] = {
    { "filter=id gt 5&orderby=name", false },   { "filter=sold_at lt now()", true },
    { "filter=date(now()) gt due", true },      { "orderby=sold_at lt now()", true },
    { "apply=filter(sold_at lt now())", true }, { "apply=compute(now() as seen)", true },
};

START_TEST(what_moves_with_time_is_told)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    struct query *query = fixture_query(arena, moving[_i].options);
    ck_assert_int_eq(query_moves(arena, query), moving[_i].moves);
    if (moving[_i].moves)
        return;
    ck_assert_ptr_null(query_restrict(arena, &fixture_columns,
                                      (const char *const[]){ "sold_at lt now()", NULL },
                                      &query_default_limits, query));
    ck_assert(query_moves(arena, query));
}
END_TEST

START_TEST(counts_are_kept_until_others_take_their_place)
{
    struct counts *counts = counts_new();
    struct count_key key = { { 1, 2, 3 } };
    struct count_key other = { { 1, 2, 4 } };
    int64_t rows = -1;
    ck_assert(!counts_find(counts, &key, &rows));
    counts_keep(counts, &key, 41);
    ck_assert(counts_find(counts, &key, &rows));
    ck_assert_int_eq(rows, 41);
    ck_assert(!counts_find(counts, &other, &rows));
    counts_keep(counts, &other, 5);
    ck_assert(!counts_find(counts, &key, &rows));
    ck_assert(counts_find(counts, &other, &rows));
    ck_assert_int_eq(rows, 5);
    counts_free(counts);
    counts_free(NULL);
}
END_TEST

static const struct test_case cases[] = {
    TEST_EACH(a_count_depends_on_what_is_found, pairs),
    TEST(a_count_is_of_one_snapshot_and_of_what_may_be_seen),
    TEST(what_moves_with_time_is_not_kept),
    TEST_EACH(what_moves_with_time_is_told, moving),
    TEST(counts_are_kept_until_others_take_their_place),
};
TEST_MAIN("counts", cases)
