/* Buffers and digests: bytes written piece by piece, and their sums. */
#include "server/base/buffer.h"
#include "server/base/digest.h"
#include "tests/unit/test.h"

#include <string.h>

START_TEST(a_buffer_keeps_what_is_added_and_forgets_what_is_consumed)
{
    CLEANUP(buffer_clear) struct buffer buffer = { 0 };
    for (int i = 0; i < 1000; i++)
        buffer_print(&buffer, "%04d", i);
    ck_assert_uint_eq(buffer.size, 4000);
    buffer_consume(&buffer, 3996);
    ck_assert_str_eq(buffer_text(&buffer), "0999");
    buffer_reset(&buffer);
    buffer_add_text(&buffer, "ab");
    buffer_add_char(&buffer, 'c');
    buffer_add(&buffer, NULL, 0);
    ck_assert_str_eq(buffer_text(&buffer), "abc");
}
END_TEST

static const struct {
    const char *text;
    const char *json;
} strings[] = {
    { "", "\"\"" },
    { "plain", "\"plain\"" },
    { "a\"b\\c", "\"a\\\"b\\\\c\"" },
    { "\b\f\n\r\t", "\"\\b\\f\\n\\r\\t\"" },
    { "\x01\x1f", "\"\\u0001\\u001f\"" },
    { "caf\xC3\xA9", "\"caf\xC3\xA9\"" },
};

START_TEST(text_becomes_a_json_string)
{
    CLEANUP(buffer_clear) struct buffer buffer = { 0 };
    buffer_add_json_string(&buffer, strings[_i].text, strlen(strings[_i].text));
    ck_assert_str_eq(buffer_text(&buffer), strings[_i].json);
}
END_TEST

START_TEST(sums_are_those_of_the_standards)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(512);
    static const char abc[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    ck_assert_str_eq(digest_sha256_hex(arena, "abc", 3), abc);
    CLEANUP(digest_close_at) struct digest *digest = digest_open();
    unsigned char sum[DIGEST_BYTES];
    digest_add(digest, "a", 1);
    digest_add(digest, "bc", 2);
    digest_end(digest, sum);
    ck_assert_str_eq(arena_hex(arena, sum, sizeof sum), abc);
    /* RFC 4231, test case 2 */
    digest_hmac("Jefe", 4, "what do ya want for nothing?", 28, sum);
    ck_assert_str_eq(arena_hex(arena, sum, sizeof sum),
                     "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    unsigned char other[DIGEST_BYTES];
    digest_random(sum, sizeof sum);
    digest_random(other, sizeof other);
    ck_assert(memcmp(sum, other, sizeof sum) != 0);
}
END_TEST

static const struct test_case cases[] = {
    TEST(a_buffer_keeps_what_is_added_and_forgets_what_is_consumed),
    TEST_EACH(text_becomes_a_json_string, strings),
    TEST(sums_are_those_of_the_standards),
};
TEST_MAIN("bytes", cases)
