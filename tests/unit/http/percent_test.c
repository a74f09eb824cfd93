#include "server/http/percent.h"
#include "tests/unit/test.h"

#include <string.h>

/* Values of options as they are sent, and what they mean. */
static const struct {
    const char *sent;
    const char *meant; /* NULL: refused */
} options[] = {
    { "", "" },
    { "a%20b", "a b" },
    { "%E2%82%ac", "\u20ac" },
    /* as URIs are written, a + is a + */
    { "a%20b+c", "a b+c" },
    { "2026-01-01T00:00:00+01:00", "2026-01-01T00:00:00+01:00" },
    { "2026-01-01T00:00:00%2B01:00", "2026-01-01T00:00:00+01:00" },
    { "contains(name,'a+b')", "contains(name,'a+b')" },
    { "name+eq+'a'", "name+eq+'a'" },
    { "a+\u00e9", "a+\u00e9" },
    /* as forms are written, it is a blank */
    { "a+b", "a b" },
    { "name+eq+%27a%2Bb+c%27", "name eq 'a+b c'" },
    { "name+desc%2Cid", "name desc,id" },
    { "*-._~+", "*-._~ " },
    { "a+b%20c", "a+b c" },
    /* wrong */
    { "%", NULL },
    { "a%2", NULL },
    { "%zz", NULL },
    { "a+%zz", NULL },
    { "%00", NULL },
    { "%ff", NULL },
    { "%C0%80", NULL },
};

START_TEST(a_value_is_decoded_as_its_writer_meant_it)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(256);
    char *text = NULL;
    struct problem *problem =
        percent_decode_option(arena, options[_i].sent, strlen(options[_i].sent), &text);
    ck_assert_msg(!problem == (options[_i].meant != NULL), "%s", options[_i].sent);
    ck_assert_pstr_eq(text, options[_i].meant);
    ck_assert(!problem || problem->kind == &PROBLEM_BAD_REQUEST);
}
END_TEST

START_TEST(a_plus_in_a_path_is_a_plus)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(256);
    char *text = NULL;
    ck_assert_ptr_null(percent_decode(arena, "path", "a+b", 3, &text));
    ck_assert_str_eq(text, "a+b");
}
END_TEST

static const struct test_case cases[] = {
    TEST_EACH(a_value_is_decoded_as_its_writer_meant_it, options),
    TEST(a_plus_in_a_path_is_a_plus),
};
TEST_MAIN("percent", cases)
