#include "server/model/column.h"
#include "tests/unit/test.h"

#include <pthread.h>
#include <string.h>

static struct pattern *pattern_of(struct arena *arena, const char *source)
{
    const char *reason = NULL;
    size_t offset = 0;
    struct pattern *pattern = pattern_new(arena, source, &reason, &offset);
    ck_assert_msg(pattern, "%s: %s", source, reason);
    return pattern;
}

static const struct {
    const char *source;
    const char *text;
    bool found;
} matches[] = {
    { "^[A-Z]{2}$", "FR", true },
    { "^[A-Z]{2}$", "FRA", false },
    { "^[A-Z]{2}$", "FR\n", false }, /* $ is the end, not the end of a line */
    { "b", "abc", true },            /* found anywhere, as JSON Schema says */
    { "^.$", "\xc3\xa9", true },     /* characters, not bytes */
    { "^\\u00e9$", "\xc3\xa9", true },
    { "^\\d$", "\xd9\xa1", false }, /* ARABIC-INDIC DIGIT ONE */
    { "^\\d+$", "0123", true },
    { "", "", true },
    { "a[]", "a", false },
    { "^(a|b)*$", "abababababab", true },
    { "^a", "\xff", false }, /* no UTF-8 */
    { ".", "\xc3", false },
};

START_TEST(a_pattern_is_found_as_ecma_would)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(1024);
    struct pattern *pattern = pattern_of(arena, matches[_i].source);
    ck_assert_str_eq(pattern_source(pattern), matches[_i].source);
    ck_assert_int_eq(pattern_matches(pattern, matches[_i].text, strlen(matches[_i].text)),
                     matches[_i].found);
    pattern_free(pattern);
}
END_TEST

static const struct {
    const char *source;
    size_t offset;
} wrong[] = {
    { "a(b", 3 }, { "[z-a]", 3 }, { "*", 0 }, { "a\\C", 3 }, { "\xff", 0 },
};

START_TEST(a_wrong_pattern_is_refused_with_reason_and_place)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(1024);
    const char *reason = NULL;
    size_t offset = 99;
    ck_assert_ptr_null(pattern_new(arena, wrong[_i].source, &reason, &offset));
    ck_assert_uint_gt(strlen(reason), 5);
    ck_assert_uint_eq(offset, wrong[_i].offset);
}
END_TEST

START_TEST(a_match_that_takes_too_much_work_is_not_found)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(1024);
    struct pattern *pattern = pattern_of(arena, "^(([a-z])+.)+[A-Z]([a-z])+$");
    char text[5000];
    memset(text, 'a', sizeof text);
    ck_assert(!pattern_matches(pattern, text, sizeof text));
    pattern_free(pattern);
}
END_TEST

START_TEST(long_text_matches_beyond_the_stack_of_compiled_code)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(1024);
    struct pattern *pattern = pattern_of(arena, "^(?:a|(b))*$");
    char text[4000];
    memset(text, 'b', sizeof text);
    ck_assert(pattern_matches(pattern, text, sizeof text));
    pattern_free(pattern);
}
END_TEST

static void *match_often(void *argument)
{
    const struct pattern *pattern = argument;
    for (int i = 0; i < 2000; i++)
        if (!pattern_matches(pattern, "abcdef", 6) || pattern_matches(pattern, "abcde", 5))
            return argument;
    return NULL;
}

START_TEST(several_threads_match_with_one_pattern)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(1024);
    struct pattern *pattern = pattern_of(arena, "^(..){3}$");
    pthread_t threads[4];
    for (size_t i = 0; i < COUNT(threads); i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, match_often, pattern), 0);
    for (size_t i = 0; i < COUNT(threads); i++) {
        void *wrong_answer;
        ck_assert_int_eq(pthread_join(threads[i], &wrong_answer), 0);
        ck_assert_ptr_null(wrong_answer);
    }
    pattern_free(pattern);
}
END_TEST

static const struct test_case cases[] = {
    TEST_EACH(a_pattern_is_found_as_ecma_would, matches),
    TEST_EACH(a_wrong_pattern_is_refused_with_reason_and_place, wrong),
    TEST(a_match_that_takes_too_much_work_is_not_found),
    TEST(long_text_matches_beyond_the_stack_of_compiled_code),
    TEST(several_threads_match_with_one_pattern),
};
TEST_MAIN("pattern", cases)
