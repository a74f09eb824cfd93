#include "server/formats/number.h"
#include "tests/unit/test.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Reproducible numbers that use all 64 bits (xorshift). */
static uint64_t next_bits(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

START_TEST(an_integer_is_written_as_the_library_would)
{
    uint64_t state = 88172645463325252;
    for (int i = 0; i < 200000; i++) {
        int64_t value = (int64_t)(next_bits(&state) >> (i % 64)) * (i % 2 ? 1 : -1);
        char expected[NUMBER_TEXT];
        char text[NUMBER_TEXT];
        (void)snprintf(expected, sizeof expected, "%lld", (long long)value); /* fits: 20 bytes */
        *number_write_int64(text, value) = '\0';
        ck_assert_str_eq(text, expected);
        int64_t again;
        ck_assert(number_read_int64(text, strlen(text), &again));
        ck_assert_int_eq(again, value);
    }
}
END_TEST

START_TEST(powers_of_ten_have_the_right_number_of_digits)
{
    uint64_t power = 1;
    for (int digits = 1; digits <= 20; digits++, power *= 10) {
        char text[NUMBER_TEXT];
        ck_assert_int_eq(number_write_uint64(text, power) - text, digits);
        ck_assert_int_eq(number_write_uint64(text, power - 1) - text, digits > 1 ? digits - 1 : 1);
    }
}
END_TEST

static void check_double(double value)
{
    char text[NUMBER_TEXT];
    char *end = number_write_double(text, value);
    ck_assert_int_lt(end - text, NUMBER_TEXT - 1);
    *end = '\0';
    double again;
    ck_assert_msg(number_read_double(text, strlen(text), &again) && again == value
                      && signbit(again) == signbit(value),
                  "%s is not %.17g", text, value);
    ck_assert_msg(strtod(text, NULL) == value, "%s is not %.17g", text, value);
    char shorter[NUMBER_TEXT * 2];
    (void)snprintf(shorter, sizeof shorter, "%.14g", value);
    if (strtod(shorter, NULL) == value && !strchr(text, 'e') && !strchr(shorter, 'e'))
        ck_assert_int_le(end - text, (int)strlen(shorter));
}

START_TEST(a_double_is_written_so_that_it_is_read_as_the_same)
{
    uint64_t state = 88172645463325252;
    for (int i = 0; i < 100000; i++) {
        uint64_t bits = next_bits(&state);
        double value;
        memcpy(&value, &bits, sizeof value);
        if (isfinite(value))
            check_double(value);
        check_double((double)(int64_t)bits / 1e6);
        check_double((double)(int64_t)(bits >> 24) / 100);
        check_double((double)(bits >> 11) * 0x1p-53);
    }
}
END_TEST

static const char *const edges[] = {
    "0",
    "-0",
    "1e15",
    "999999999999999",
    "1e-07",
    "0.000001",
    "1e+22",
    "1e+23",
    "5e-324",
    "2.2250738585072014e-308",
    "1.7976931348623157e+308",
    "4.35",
    "0.5",
    "123456.789",
    "9007199254740993e0",
};

START_TEST(doubles_at_the_edges_are_the_same_again)
{
    check_double(strtod(edges[_i], NULL));
    check_double(-strtod(edges[_i], NULL));
}
END_TEST

static const struct {
    const char *text;
    const char *whole;
    const char *fraction;
    int exponent;
    bool negative;
} splits[] = {
    { "0", "0", "", 0, false },
    { "-12.50", "12", "50", 0, true },
    { "1e5", "1", "", 5, false },
    { "1.5E-07", "1", "5", -7, false },
    { "1e+0", "1", "", 0, false },
    { "1e99999999999", "1", "", 1000000, false },
    { "1e-99999999999", "1", "", -1000000, false },
};

START_TEST(a_number_has_its_parts)
{
    struct number_parts parts;
    ck_assert(number_split(splits[_i].text, strlen(splits[_i].text), &parts));
    ck_assert_uint_eq(parts.whole_size, strlen(splits[_i].whole));
    ck_assert_mem_eq(parts.whole, splits[_i].whole, parts.whole_size);
    ck_assert_uint_eq(parts.fraction_size, strlen(splits[_i].fraction));
    if (parts.fraction_size)
        ck_assert_mem_eq(parts.fraction, splits[_i].fraction, parts.fraction_size);
    ck_assert_int_eq(parts.exponent, splits[_i].exponent);
    ck_assert_int_eq(parts.negative, splits[_i].negative);
}
END_TEST

static const char *const none[] = {
    "",   "-",  "+1",  ".5", "5.",  "1e",    "1e+", "1e1.5", "1 ",
    " 1", "1x", "--1", "1-", "0x1", "1e1e1", "e1",  "-.5",   "NaN"
};

START_TEST(what_is_no_number_has_no_parts)
{
    struct number_parts parts;
    double value;
    ck_assert(!number_split(none[_i], strlen(none[_i]), &parts));
    ck_assert(!number_read_double(none[_i], strlen(none[_i]), &value));
}
END_TEST

START_TEST(a_double_of_too_many_digits_is_refused)
{
    char text[2000];
    double value;
    memset(text, '1', sizeof text);
    text[1] = '.';
    ck_assert(number_read_double(text, 1000, &value));
    ck_assert(value > 1.11 && value < 1.12);
    ck_assert(!number_read_double(text, sizeof text, &value));
}
END_TEST

static const struct test_case cases[] = {
    TEST(an_integer_is_written_as_the_library_would),
    TEST(powers_of_ten_have_the_right_number_of_digits),
    TEST(a_double_is_written_so_that_it_is_read_as_the_same),
    TEST_EACH(doubles_at_the_edges_are_the_same_again, edges),
    TEST_EACH(a_number_has_its_parts, splits),
    TEST_EACH(what_is_no_number_has_no_parts, none),
    TEST(a_double_of_too_many_digits_is_refused),
};
TEST_MAIN("number", cases)
