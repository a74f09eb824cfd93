#include "server/base/text.h"
#include "tests/unit/test.h"

#include <string.h>

static const struct {
    const char *bytes;
    size_t size;
    bool valid;
} utf8[] = {
    { "", 0, true },
    { "plain ASCII that is longer than eight bytes", 43, true },
    { "\0", 1, true },
    { "\xC3\xA9", 2, true },          /* é */
    { "\xE2\x82\xAC", 3, true },      /* € */
    { "\xF0\x9F\x87\xA6", 4, true },  /* a flag's half */
    { "\xF4\x8F\xBF\xBF", 4, true },  /* U+10FFFF */
    { "\xF4\x90\x80\x80", 4, false }, /* beyond */
    { "\xC0\x80", 2, false },         /* overlong NUL */
    { "\xE0\x9F\xBF", 3, false },     /* overlong */
    { "\xED\xA0\x80", 3, false },     /* surrogate */
    { "\x80", 1, false },             /* follower without a lead */
    { "abcdefgh\xC3", 9, false },     /* cut */
    { "\xE2\x82", 2, false },         /* cut */
    { "\xFF\xFE", 2, false },
};

START_TEST(utf8_is_told_from_other_bytes)
{
    ck_assert_int_eq(text_is_utf8(utf8[_i].bytes, utf8[_i].size), utf8[_i].valid);
}
END_TEST

static const struct {
    const char *text;
    bool name;
} names[] = {
    { "orders", true },
    { "a", true },
    { "o_1", true },
    { "", false },
    { "Orders", false },
    { "1orders", false },
    { "_id", false },
    { "a-b", false },
    { "a b", false },
    { "caf\xC3\xA9", false },
    { "a23456789012345678901234567890123456789012345678", true },
    { "a234567890123456789012345678901234567890123456789", false },
};

START_TEST(names_are_short_lower_case_and_plain)
{
    ck_assert_int_eq(text_is_name(names[_i].text), names[_i].name);
}
END_TEST

static const struct {
    const char *data;
    const char *encoded;
} base64url[] = {
    { "", "" },
    { "f", "Zg" },
    { "fo", "Zm8" },
    { "foo", "Zm9v" },
    { "foob", "Zm9vYg" },
    { "fooba", "Zm9vYmE" },
    { "\xFB\xFF\xFE", "-__-" },
};

START_TEST(base64url_goes_both_ways)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(256);
    size_t size = strlen(base64url[_i].data);
    ck_assert_str_eq(text_base64url(arena, base64url[_i].data, size), base64url[_i].encoded);
    unsigned char *data;
    size_t decoded;
    ck_assert(text_from_base64url(arena, base64url[_i].encoded, strlen(base64url[_i].encoded),
                                  &data, &decoded));
    ck_assert_uint_eq(decoded, size);
    ck_assert_mem_eq(data, base64url[_i].data, size);
}
END_TEST

/* a padding, another alphabet, a length no encoding has, bits beyond the end */
static const char *const not_base64url[] = { "Zg==",  "Zm9+", "Zm9/", "Z",
                                             "Zm9vY", "Zh",   "Zm9",  "Z g" };

START_TEST(base64url_is_read_strictly)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(256);
    unsigned char *data;
    size_t size;
    ck_assert(
        !text_from_base64url(arena, not_base64url[_i], strlen(not_base64url[_i]), &data, &size));
}
END_TEST

static const struct {
    const char *text;
    bool number;
    int64_t value;
} numbers[] = {
    { "0", true, 0 },
    { "-7", true, -7 },
    { "9223372036854775807", true, INT64_MAX },
    { "-9223372036854775808", true, INT64_MIN },
    { "9223372036854775808", false, 0 },
    { "", false, 0 },
    { "-", false, 0 },
    { "+1", false, 0 },
    { " 1", false, 0 },
    { "1 ", false, 0 },
    { "1.0", false, 0 },
    { "0x10", false, 0 },
};

START_TEST(whole_numbers_are_read_strictly)
{
    int64_t value = 0;
    ck_assert_int_eq(text_to_int64(numbers[_i].text, &value), numbers[_i].number);
    ck_assert_int_eq(value, numbers[_i].value);
}
END_TEST

START_TEST(text_is_split_percent_encoded_and_compared)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(256);
    char **words = text_split(arena, " a, b,,c ", ", ");
    ck_assert_str_eq(words[0], "a");
    ck_assert_str_eq(words[2], "c");
    ck_assert_ptr_null(words[3]);
    ck_assert_ptr_null(text_split(arena, "", ",")[0]);
    ck_assert_str_eq(text_percent_encode(arena, "a b&\xC3\xA9~"), "a%20b%26%c3%a9~");
    ck_assert(text_equal_caseless("Content-TYPE", "content-type"));
    ck_assert(!text_equal_caseless("a", "ab"));
    ck_assert(text_starts("odata.maxpagesize", "odata."));
    ck_assert(text_equal_secret("abc", "abc", 3));
    ck_assert(!text_equal_secret("abc", "abd", 3));
    ck_assert(text_equal_secret("a secret of 17 by", "a secret of 17 by", 17));
    ck_assert(!text_equal_secret("a secret of 17 by", "A secret of 17 by", 17));
    ck_assert(!text_equal_secret("a secret of 17 by", "a secret of 17 bY", 17));
}
END_TEST

static const struct test_case cases[] = {
    TEST_EACH(utf8_is_told_from_other_bytes, utf8),
    TEST_EACH(names_are_short_lower_case_and_plain, names),
    TEST_EACH(base64url_goes_both_ways, base64url),
    TEST_EACH(base64url_is_read_strictly, not_base64url),
    TEST_EACH(whole_numbers_are_read_strictly, numbers),
    TEST(text_is_split_percent_encoded_and_compared),
};
TEST_MAIN("text", cases)
