#include "server/base/digest.h"
#include "tests/unit/query/fixture.h"

static const char key[] = "0123456789abcdef0123456789abcdef";

static const char *token_of(struct arena *arena, const struct query *query,
                            const char *const *values, size_t count)
{
    struct query_place place = { values, count };
    return query_token_make(arena, key, sizeof key, 41, 900, query, &place);
}

static struct problem *open_token(struct arena *arena, const char *token, const struct query *query,
                                  struct query_place *out_place)
{
    int64_t snapshot = 0, remaining = 0;
    struct problem *problem =
        query_token_open(arena, key, sizeof key, token, query, &snapshot, &remaining, out_place);
    if (!problem) {
        ck_assert_int_eq(snapshot, 41);
        ck_assert_int_eq(remaining, 900);
    }
    return problem;
}

START_TEST(a_token_gives_back_what_it_was_made_of)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    struct query *query = fixture_query(arena, "orderby=name,amount desc");
    const char *token = token_of(arena, query, (const char *const[]){ "été, 'x'", NULL, "7" }, 3);
    ck_assert_uint_eq(strspn(token, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                    "0123456789-_"),
                      strlen(token));
    struct query_place place = { 0 };
    ck_assert_ptr_null(open_token(arena, token, query, &place));
    ck_assert_uint_eq(place.count, 3);
    ck_assert_str_eq(place.values[0], "été, 'x'");
    ck_assert_ptr_null(place.values[1]);
    ck_assert_str_eq(place.values[2], "7");
}
END_TEST

START_TEST(an_empty_text_is_not_null)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    struct query *query = fixture_query(arena, "orderby=name");
    struct query_place place = { 0 };
    const char *token = token_of(arena, query, (const char *const[]){ "", "7" }, 2);
    ck_assert_ptr_null(open_token(arena, token, query, &place));
    ck_assert_str_eq(place.values[0], "");
}
END_TEST

START_TEST(no_top_is_minus_one)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    struct query *query = fixture_query(arena, "");
    struct query_place place = { (const char *const[]){ "7" }, 1 };
    int64_t snapshot, remaining;
    const char *token = query_token_make(arena, key, sizeof key, INT64_MAX, -1, query, &place);
    ck_assert_ptr_null(
        query_token_open(arena, key, sizeof key, token, query, &snapshot, &remaining, &place));
    ck_assert(snapshot == INT64_MAX && remaining == -1);
}
END_TEST

/* What may change between pages, and what may not. */
static const struct {
    const char *options;
    bool same;
} others[] = {
    { "filter=id gt 5&orderby=name&top=10", true },
    { "filter=id gt 5&orderby=name&skip=3&count=true&skiptoken=x&format=csv", true },
    { "$OrderBy=NAME asc&$Filter=5 LT ID", true },
    { "filter=id gt 6&orderby=name", false },
    { "filter=id gt 5&orderby=name desc", false },
    { "filter=id gt 5&orderby=code", false },
    { "filter=id gt 5&orderby=name&select=id", false },
    { "orderby=name", false },
    { "filter=id gt 5", false },
};

START_TEST(a_token_belongs_to_its_query)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    struct query *query = fixture_query(arena, "filter=id gt 5&orderby=name");
    const char *token = token_of(arena, query, (const char *const[]){ "x", "7" }, 2);
    struct query_place place;
    struct problem *problem =
        open_token(arena, token, fixture_query(arena, others[_i].options), &place);
    ck_assert_msg(!problem == others[_i].same, "%s", others[_i].options);
    if (problem)
        ck_assert_ptr_nonnull(strstr(problem->detail, "another query"));
}
END_TEST

START_TEST(a_forged_token_is_refused)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    struct query *query = fixture_query(arena, "");
    char *token = arena_text(arena, token_of(arena, query, (const char *const[]){ "7" }, 1));
    size_t length = strlen(token);
    struct query_place place;
    for (size_t i = 0; i < length; i++) { /* every digit changed */
        char was = token[i];
        token[i] = was == 'A' ? 'B' : 'A';
        ck_assert_ptr_nonnull(open_token(arena, token, query, &place));
        token[i] = was;
    }
    for (size_t i = 0; i < length; i++) { /* cut anywhere */
        char *cut = arena_copy(arena, token, i);
        ck_assert_ptr_nonnull(open_token(arena, cut, query, &place));
    }
    ck_assert_ptr_nonnull(open_token(arena, arena_print(arena, "%sAAAA", token), query, &place));
    ck_assert_ptr_nonnull(open_token(arena, arena_print(arena, "%s=", token), query, &place));
    ck_assert_ptr_null(open_token(arena, token, query, &place));
    int64_t snapshot, remaining;
    struct problem *problem =
        query_token_open(arena, "other key", 9, token, query, &snapshot, &remaining, &place);
    ck_assert_ptr_nonnull(problem);
    ck_assert_int_eq(problem->kind->status, 400);
    ck_assert_str_eq(problem_text(problem, "option"), "skiptoken");
}
END_TEST

static const char *const junk[] = {
    "",     "x", "!!!",
    "AAAA", "é", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
};

START_TEST(junk_is_no_token)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    struct query_place place;
    struct problem *problem = open_token(arena, junk[_i], fixture_query(arena, ""), &place);
    ck_assert_ptr_nonnull(problem);
    ck_assert_str_eq(problem_text(problem, "option"), "skiptoken");
}
END_TEST

/* A body the server might have signed, but that does not add up: sizes beyond the end. */
START_TEST(a_signed_body_is_still_read_with_care)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    struct query *query = fixture_query(arena, "");
    const char *token = token_of(arena, query, (const char *const[]){ "7" }, 1);
    unsigned char *data;
    size_t size;
    ck_assert(text_from_base64url(arena, token, strlen(token), &data, &size));
    size -= 16;
    static const struct {
        size_t at;
        unsigned char byte;
    } changes[] = { { 34, 2 }, { 34, 0 }, { 38, 9 }, { 38, 0 }, { 35, 1 } };
    for (size_t i = 0; i < COUNT(changes); i++) {
        CLEANUP(buffer_clear) struct buffer text = { 0 };
        unsigned char sum[DIGEST_BYTES];
        struct query_place place;
        buffer_add_text(&text, "entrepot skiptoken\n");
        buffer_add(&text, data, size);
        text.data[19 + changes[i].at] = (char)changes[i].byte;
        digest_hmac(key, sizeof key, text.data, text.size, sum);
        buffer_add(&text, sum, 16);
        const char *forged = text_base64url(arena, text.data + 19, text.size - 19);
        struct problem *problem = open_token(arena, forged, query, &place);
        ck_assert_ptr_nonnull(problem);
        ck_assert_ptr_nonnull(strstr(problem->detail, "does not fit"));
    }
}
END_TEST

static const struct test_case cases[] = {
    TEST(a_token_gives_back_what_it_was_made_of),
    TEST(an_empty_text_is_not_null),
    TEST(no_top_is_minus_one),
    TEST_EACH(a_token_belongs_to_its_query, others),
    TEST(a_forged_token_is_refused),
    TEST_EACH(junk_is_no_token, junk),
    TEST(a_signed_body_is_still_read_with_care),
};
TEST_MAIN("token", cases)
