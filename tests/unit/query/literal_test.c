#include "server/query/literal.h"
#include "server/query/number.h"
#include "tests/unit/test.h"

#include <string.h>

/* Literals of a type, and the value as text; NULL: refused. */
static const struct {
    enum value_type type;
    const char *text;
    const char *value;
} literals[] = {
    { VALUE_INTEGER, "42", "42" },
    { VALUE_INTEGER, "+42", "42" },
    { VALUE_INTEGER, "-0", "0" },
    { VALUE_INTEGER, "007", "7" },
    { VALUE_INTEGER, "00000000000000000000000000007", "7" },
    { VALUE_INTEGER, "9223372036854775807", "9223372036854775807" },
    { VALUE_INTEGER, "-9223372036854775808", "-9223372036854775808" },
    { VALUE_INTEGER, "9223372036854775808", "9223372036854775808" },
    { VALUE_INTEGER, "+-4", NULL },
    { VALUE_INTEGER, "4a", NULL },
    { VALUE_INTEGER, "", NULL },
    { VALUE_DECIMAL, "1.50", "1.5" },
    { VALUE_DECIMAL, "-1.50", "-1.5" },
    { VALUE_DECIMAL, "0.0", "0" },
    { VALUE_DECIMAL, "-0.0", "0" },
    { VALUE_DECIMAL, "00.10", "0.1" },
    { VALUE_DECIMAL, "100.0", "100" },
    { VALUE_DECIMAL, "1e3", "1000" },
    { VALUE_DECIMAL, "1.5e1", "15" },
    { VALUE_DECIMAL, "1.25e1", "12.5" },
    { VALUE_DECIMAL, "125e-1", "12.5" },
    { VALUE_DECIMAL, "125e-4", "0.0125" },
    { VALUE_DECIMAL, "1E+2", "100" },
    { VALUE_DECIMAL, "0e999999999", "0" },
    { VALUE_DECIMAL, "12345678901234567890.12345678901234567890",
      "12345678901234567890.1234567890123456789" },
    { VALUE_DECIMAL, "1e1000", NULL },
    { VALUE_DECIMAL, "1e-1001", NULL },
    { VALUE_DECIMAL, "1e99999999999999999999", NULL },
    { VALUE_DECIMAL, "1e", NULL },
    { VALUE_DECIMAL, "1.", NULL },
    { VALUE_DECIMAL, ".1", NULL },
    { VALUE_DOUBLE, "INF", "Infinity" },
    { VALUE_DOUBLE, "-INF", "-Infinity" },
    { VALUE_DOUBLE, "NaN", "NaN" },
    { VALUE_DOUBLE, "nan", NULL },
    { VALUE_BOOL, "true", "true" },
    { VALUE_BOOL, "FALSE", "false" },
    { VALUE_BOOL, "1", NULL },
    { VALUE_DATE, "2026-11-20", "2026-11-20" },
    { VALUE_DATE, "0001-01-01", "0001-01-01" },
    { VALUE_DATE, "9999-12-31", "9999-12-31" },
    { VALUE_DATE, "2024-02-29", "2024-02-29" },
    { VALUE_DATE, "2025-02-29", NULL },
    { VALUE_DATE, "2025-13-01", NULL },
    { VALUE_DATE, "2025-00-01", NULL },
    { VALUE_DATE, "0000-01-01", NULL },
    { VALUE_DATE, "-0001-01-01", NULL },
    { VALUE_DATE, "12026-01-01", NULL },
    { VALUE_DATE, "2026-1-1", NULL },
    { VALUE_DATE, "2026-01-01 ", NULL },
    { VALUE_TIME, "00:00", "00:00:00" },
    { VALUE_TIME, "23:59:59.999999", "23:59:59.999999" },
    { VALUE_TIME, "23:59:59.9999999", "23:59:59.999999" },
    { VALUE_TIME, "11:22:33.4440", "11:22:33.444" },
    { VALUE_TIME, "24:00", NULL },
    { VALUE_TIME, "23:60", NULL },
    { VALUE_TIME, "12:00:60.5", "12:01:00.5" },
    { VALUE_TIME, "23:59:60", NULL },
    { VALUE_TIME, "23:59:61", NULL },
    { VALUE_TIME, "1:00", NULL },
    { VALUE_TIME, "23:59:59.", NULL },
    { VALUE_TIMESTAMP, "2026-11-20T17:31:04Z", "2026-11-20T17:31:04Z" },
    { VALUE_TIMESTAMP, "2026-11-20t17:31z", "2026-11-20T17:31:00Z" },
    { VALUE_TIMESTAMP, "2026-11-20T00:30:00.5+01:00", "2026-11-19T23:30:00.5Z" },
    { VALUE_TIMESTAMP, "2026-11-20T23:30:00-01:30", "2026-11-21T01:00:00Z" },
    { VALUE_TIMESTAMP, "1972-06-30T23:59:60Z", "1972-07-01T00:00:00Z" },
    { VALUE_TIMESTAMP, "1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999999Z" },
    { VALUE_TIMESTAMP, "0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z" },
    { VALUE_TIMESTAMP, "0001-01-01T00:00:00+01:00", NULL },
    { VALUE_TIMESTAMP, "9999-12-31T23:59:59.9999999Z", "9999-12-31T23:59:59.999999Z" },
    { VALUE_TIMESTAMP, "9999-12-31T23:59:59-01:00", NULL },
    { VALUE_TIMESTAMP, "2026-11-20T17:31:04", NULL },
    { VALUE_TIMESTAMP, "2026-11-20 17:31:04Z", NULL },
    { VALUE_TIMESTAMP, "2026-11-20", NULL },
    { VALUE_TIMESTAMP, "2026-02-30T00:00Z", NULL },
    { VALUE_TIMESTAMP, "2026-11-20T24:00Z", NULL },
    { VALUE_TIMESTAMP, "2026-11-20T17:31+1:00", NULL },
    { VALUE_TIMESTAMP, "2026-11-20T17:31+16:00", NULL },
    { VALUE_DURATION, "P1D", "86400 seconds" },
    { VALUE_DURATION, "-P1DT2H3M4.5S", "-93784.5 seconds" },
    { VALUE_DURATION, "PT0S", "0 seconds" },
    { VALUE_DURATION, "pt90m", "5400 seconds" },
    { VALUE_DURATION, "P", NULL },
    { VALUE_DURATION, "PT", NULL },
    { VALUE_DURATION, "P1DT", NULL },
    { VALUE_DURATION, "P1H", NULL },
    { VALUE_DURATION, "PT1D", NULL },
    { VALUE_DURATION, "PT1S1M", NULL },
    { VALUE_DURATION, "PT1M1M", NULL },
    { VALUE_DURATION, "PT1.5M", NULL },
    { VALUE_DURATION, "PT1.S", NULL },
    { VALUE_DURATION, "P1Y", NULL },
    { VALUE_DURATION, "+P1D", NULL },
    { VALUE_DURATION, "P106751992D", NULL },
    { VALUE_DURATION, "P99999999999999999999D", NULL },
    { VALUE_UUID, "0AE2F1B8-2ae2-4b7a-8f0e-1234567890ab", "0ae2f1b8-2ae2-4b7a-8f0e-1234567890ab" },
    { VALUE_UUID, "0AE2F1B8-2ae2-4b7a-8f0e-1234567890a", NULL },
    { VALUE_UUID, "0AE2F1B8-2ae2-4b7a-8f0e-1234567890ax", NULL },
    { VALUE_UUID, "0AE2F1G8-2ae2-4b7a-8f0e-1234567890ab", NULL },
    { VALUE_BYTES, "", "\\x" },
    { VALUE_BYTES, "T0RhdGE", "\\x4f44617461" },
    { VALUE_BYTES, "T0RhdGE=", "\\x4f44617461" },
    { VALUE_BYTES, "AA==", "\\x00" },
    { VALUE_BYTES, "AA=", NULL },
    { VALUE_BYTES, "AA+/", NULL },
    { VALUE_BYTES, "A", NULL },
    { VALUE_BYTES, "AB", NULL },
};

START_TEST(a_literal_has_one_value)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(256);
    struct value value = { 0 };
    const char *reason = NULL;
    const char *text = literals[_i].text;
    bool good = literal_read(arena, literals[_i].type, text, strlen(text), &value, &reason);
    ck_assert_int_eq(good, literals[_i].value != NULL);
    if (good)
        ck_assert_str_eq(value_text(arena, &value), literals[_i].value);
    else
        ck_assert_ptr_nonnull(reason);
}
END_TEST

START_TEST(whole_numbers_are_integers_as_long_as_they_fit)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(256);
    struct value value;
    const char *reason;
    ck_assert(number_read(arena, "9223372036854775807", 19, &value, &reason));
    ck_assert_int_eq(value.type, VALUE_INTEGER);
    ck_assert(number_read(arena, "9223372036854775808", 19, &value, &reason));
    ck_assert_int_eq(value.type, VALUE_DECIMAL);
    ck_assert(number_read(arena, "1.0", 3, &value, &reason));
    ck_assert_int_eq(value.type, VALUE_DECIMAL);
}
END_TEST

/* Decimals and the integer below; NULL text of none. */
static const struct {
    const char *decimal;
    bool fits;
    int64_t floor;
    bool same;
} floors[] = {
    { "0", true, 0, true },
    { "12", true, 12, true },
    { "12.5", true, 12, false },
    { "-12.5", true, -13, false },
    { "-0.5", true, -1, false },
    { "9223372036854775807", true, INT64_MAX, true },
    { "9223372036854775807.5", true, INT64_MAX, false },
    { "-9223372036854775808", true, INT64_MIN, true },
    { "-9223372036854775808.5", false, 0, false },
    { "9223372036854775808", false, 0, false },
    { "100000000000000000000000000000", false, 0, false },
};

START_TEST(a_decimal_has_an_integer_below)
{
    int64_t floor = 0;
    bool same = false;
    ck_assert_int_eq(number_floor(floors[_i].decimal, &floor, &same), floors[_i].fits);
    ck_assert_int_eq(floor, floors[_i].floor);
    ck_assert_int_eq(same, floors[_i].same);
}
END_TEST

START_TEST(doubles_are_written_as_short_as_they_read_back)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(256);
    static const double reals[] = { 0.1, 1.0 / 3, 1e300, -2.5, 5e-324, 123456789.125 };
    for (size_t i = 0; i < COUNT(reals); i++) {
        struct value value = { .type = VALUE_DOUBLE, .real = reals[i] };
        const char *text = value_text(arena, &value);
        ck_assert(strtod(text, NULL) == reals[i]);
    }
    struct value tenth = { .type = VALUE_DOUBLE, .real = 0.1 };
    ck_assert_str_eq(value_text(arena, &tenth), "0.1");
}
END_TEST

START_TEST(quotes_are_undone)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(256);
    size_t size;
    ck_assert_str_eq(literal_unquote(arena, "O''Neil''s", 10, &size), "O'Neil's");
    ck_assert_uint_eq(size, 8);
    ck_assert_str_eq(literal_unquote(arena, "", 0, &size), "");
}
END_TEST

static const struct test_case cases[] = {
    TEST_EACH(a_literal_has_one_value, literals),
    TEST(whole_numbers_are_integers_as_long_as_they_fit),
    TEST_EACH(a_decimal_has_an_integer_below, floors),
    TEST(doubles_are_written_as_short_as_they_read_back),
    TEST(quotes_are_undone),
};
TEST_MAIN("literal", cases)
