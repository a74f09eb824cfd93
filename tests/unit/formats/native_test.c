#include "server/formats/native.h"
#include "values.h"

static const struct {
    enum column_type type;
    int precision;
    int scale;
    const char *hex;
    enum native_fault fault;
    const char *native; /* without narrow decimals, up to 76 digits */
} values[] = {
    { COLUMN_BOOL, 0, 0, "01", NATIVE_SOUND, "01" },
    { COLUMN_BOOL, 0, 0, "", NATIVE_FOREIGN, NULL },
    { COLUMN_INT32, 0, 0, "80000000", NATIVE_SOUND, "00000080" },
    { COLUMN_INT32, 0, 0, "8000", NATIVE_FOREIGN, NULL },
    { COLUMN_INT64, 0, 0, "fffffffffffffffe", NATIVE_SOUND, "feffffffffffffff" },
    { COLUMN_DOUBLE, 0, 0, "3ff0000000000000", NATIVE_SOUND, "000000000000f03f" },
    { COLUMN_TEXT, 0, 0, "c3a9", NATIVE_SOUND, "c3a9" },
    { COLUMN_TEXT, 0, 0, "", NATIVE_SOUND, "" },
    { COLUMN_BYTES, 0, 0, "00ff", NATIVE_SOUND, "00ff" },
    { COLUMN_JSON, 0, 0, "015b5d", NATIVE_SOUND, "5b5d" },
    { COLUMN_JSON, 0, 0, "025b5d", NATIVE_FOREIGN, NULL },
    { COLUMN_UUID, 0, 0, "0123456789abcdef0123456789abcdef", NATIVE_SOUND,
      "0123456789abcdef0123456789abcdef" },
    { COLUMN_TIME, 0, 0, "000000141dd76000", NATIVE_SOUND, "0060d71d14000000" },
    /* 2000-01-01 is day 10957 = 0x2acd; infinities are the largest and its negative */
    { COLUMN_DATE, 0, 0, "00000000", NATIVE_SOUND, "cd2a0000" },
    { COLUMN_DATE, 0, 0, "ffffd533", NATIVE_SOUND, "00000000" },
    { COLUMN_DATE, 0, 0, "7fffffff", NATIVE_SOUND, "ffffff7f" },
    { COLUMN_DATE, 0, 0, "80000000", NATIVE_SOUND, "01000080" },
    { COLUMN_DATE, 0, 0, "7ffffff0", NATIVE_FOREIGN, NULL },
    { COLUMN_TIMESTAMP, 0, 0, "0000000000000000", NATIVE_SOUND, "00e0373b015d0300" },
    { COLUMN_TIMESTAMP, 0, 0, "7fffffffffffffff", NATIVE_SOUND, "ffffffffffffff7f" },
    { COLUMN_TIMESTAMP, 0, 0, "8000000000000000", NATIVE_SOUND, "0100000000000080" },
    { COLUMN_TIMESTAMP, 0, 0, "7fffff5bb3b29fff", NATIVE_BEYOND, NULL },
    /* 123.45 at scale 2 is 12345 = 0x3039 */
    { COLUMN_DECIMAL, 9, 2, "0002000000000002007b1194", NATIVE_SOUND,
      "39300000000000000000000000000000" },
    { COLUMN_DECIMAL, 9, 2, "0002000040000002007b1194", NATIVE_SOUND,
      "c7cfffffffffffffffffffffffffffff" },
    { COLUMN_DECIMAL, 9, 2, "0000000000000002", NATIVE_SOUND, "00000000000000000000000000000000" },
    { COLUMN_DECIMAL, 9, 2, "00010001000000000001", NATIVE_SOUND, /* 10000 */
      "40420f00000000000000000000000000" },
    { COLUMN_DECIMAL, 9, 5, "0001fffe4000000503e8", NATIVE_SOUND, /* -0.00001 */
      "ffffffffffffffffffffffffffffffff" },
    { COLUMN_DECIMAL, 9, 4, "0001fffe4000000503e8", NATIVE_BEYOND, NULL },
    { COLUMN_DECIMAL, 4, 2, "0002000000000002007b1194", NATIVE_BEYOND, NULL },
    { COLUMN_DECIMAL, 9, 2, "00000000c0000000", NATIVE_BEYOND, NULL }, /* NaN */
    { COLUMN_DECIMAL, 9, 2, "0000000012340000", NATIVE_FOREIGN, NULL },
    { COLUMN_DECIMAL, 9, 2, "0001", NATIVE_FOREIGN, NULL },
    { COLUMN_DECIMAL, 9, 2, "00017fff000000000001", NATIVE_BEYOND, NULL },
    /* 1e38 = 0x4b3b4ca8 5a86c47a 098a224000000000 */
    { COLUMN_DECIMAL, 39, 0, "00010009000000000064", NATIVE_SOUND,
      "00000000"
      "40228a09"
      "7ac4865a"
      "a84c3b4b"
      "00000000000000000000000000000000" },
    { COLUMN_DECIMAL, 39, 0, "00010009400000000064", NATIVE_SOUND,
      "00000000"
      "c0dd75f6"
      "853b79a5"
      "57b3c4b4"
      "ffffffffffffffffffffffffffffffff" },
    /* as text */
    { COLUMN_DECIMAL, 0, 0, "0002000000000004007b1194", NATIVE_SOUND, "3132332e34353030" },
    { COLUMN_DECIMAL, 0, 0, "00000000c0000000", NATIVE_SOUND, "4e614e" },
    { COLUMN_DECIMAL, 77, 0, "00010000000000000001", NATIVE_SOUND, "31" },
};

START_TEST(a_value_is_held_as_columnar_formats_hold_it)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    CLEANUP(buffer_clear) struct buffer scratch = { 0 };
    const struct column column = { .name = "v",
                                   .type = values[_i].type,
                                   .precision = values[_i].precision,
                                   .scale = values[_i].scale };
    struct native native = native_of(&column, false, 76);
    struct native_value value;
    ck_assert_int_eq(native_take(&native, wire_value_of(arena, values[_i].hex), &scratch, &value),
                     values[_i].fault);
    if (values[_i].fault == NATIVE_SOUND)
        ck_assert_str_eq(arena_hex(arena, value.data, value.size), values[_i].native);
}
END_TEST

static const struct {
    int precision;
    int scale;
    bool narrow;
    int digits;
    int width;
} widths[] = {
    { 9, 2, true, 38, 4 },    { 10, 2, true, 38, 8 },   { 18, 18, true, 38, 8 },
    { 19, 0, true, 38, 16 },  { 38, 38, true, 38, 16 }, { 39, 0, true, 38, 0 },
    { 0, 0, true, 38, 0 },    { 9, 2, false, 76, 16 },  { 38, 0, false, 76, 16 },
    { 39, 0, false, 76, 32 }, { 76, 0, false, 76, 32 }, { 77, 0, false, 76, 0 },
    { 2, 4, false, 76, 0 },   { 4, -2, false, 76, 0 },
};

START_TEST(a_decimal_is_as_wide_as_its_digits_need)
{
    const struct column column = { .name = "v",
                                   .type = COLUMN_DECIMAL,
                                   .precision = widths[_i].precision,
                                   .scale = widths[_i].scale };
    ck_assert_int_eq(native_of(&column, widths[_i].narrow, widths[_i].digits).width,
                     widths[_i].width);
}
END_TEST

START_TEST(what_a_format_cannot_hold_is_the_client_s_to_know)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    const struct column column = { .name = "amount", .type = COLUMN_DECIMAL };
    struct problem *problem = native_problem(arena, &column, NATIVE_BEYOND);
    ck_assert_ptr_eq(problem->kind, &PROBLEM_NOT_ACCEPTABLE);
    ck_assert_ptr_nonnull(strstr(problem->detail, "amount"));
    problem = native_problem(arena, &column, NATIVE_FOREIGN);
    ck_assert_ptr_eq(problem->kind, &PROBLEM_INTERNAL);
    ck_assert_ptr_nonnull(strstr(problem->cause, "amount"));
    problem = native_null_problem(arena, &column);
    ck_assert_ptr_eq(problem->kind, &PROBLEM_INTERNAL);
}
END_TEST

static const struct test_case cases[] = {
    TEST_EACH(a_value_is_held_as_columnar_formats_hold_it, values),
    TEST_EACH(a_decimal_is_as_wide_as_its_digits_need, widths),
    TEST(what_a_format_cannot_hold_is_the_client_s_to_know),
};
TEST_MAIN("native", cases)
