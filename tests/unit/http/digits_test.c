#include "server/http/digits.h"
#include "tests/unit/test.h"

static const struct {
    int64_t us;
    const char *text;
} spans[] = {
    { 0, "0.000" },    { 1, "0.001" },          { 45, "0.045" },
    { 1234, "1.234" }, { 1000000, "1000.000" }, { INT64_MAX, "9223372036854775.807" },
    { -5, "0.000" },
};

START_TEST(microseconds_are_written_as_milliseconds)
{
    char text[32];
    *digits_add_ms(text, spans[_i].us) = '\0';
    ck_assert_str_eq(text, spans[_i].text);
}
END_TEST

START_TEST(numbers_are_written_whole)
{
    char text[32];
    *digits_add(text, 0) = '\0';
    ck_assert_str_eq(text, "0");
    *digits_add(text, UINT64_MAX) = '\0';
    ck_assert_str_eq(text, "18446744073709551615");
}
END_TEST

static const struct test_case cases[] = {
    TEST_EACH(microseconds_are_written_as_milliseconds, spans),
    TEST(numbers_are_written_whole),
};
TEST_MAIN("digits", cases)
