#include "take.h"
#include "values.h"

/* One value through an intake of one format: gives its bytes as hexadecimal, or what is wrong. */
struct outcome {
    const char *hex;
    const char *wrong; /* behind "row 1: " */
};

static struct outcome outcome_of(struct arena *arena, const struct column *column,
                                 enum intake_format format, const char *body, size_t size)
{
    const struct column list[] = { *column, { .name = "n", .type = COLUMN_INT32 } };
    const struct columns columns = { list, COUNT(list) };
    const struct intake_options options = {
        .format = format, .columns = &columns, .max_field = 1 << 20, .max_depth = 8, .max_faults = 5
    };
    struct taken taken = take(arena, &options, body, size, size);
    if (taken.problem) {
        const char *reason = strstr(taken.problem, "row 1: ");
        ck_assert_msg(reason, "%s", taken.problem);
        reason += strlen("row 1: ");
        return (struct outcome){ NULL, arena_copy(arena, reason, strcspn(reason, "\n")) };
    }
    const char *value = taken.copy.data + 19 + 2;
    int32_t length = (int32_t)wire_get32(value);
    if (length < 0)
        return (struct outcome){ "NULL", NULL };
    return (struct outcome){ arena_hex(arena, value + 4, (size_t)length), NULL };
}

static struct outcome from_csv(struct arena *arena, const struct column *column, const char *field)
{
    const char *body = arena_print(arena, "v,n\r\n%s,1\r\n", field);
    return outcome_of(arena, column, INTAKE_CSV, body, strlen(body));
}

static struct outcome from_json(struct arena *arena, const struct column *column, const char *value)
{
    const char *body = arena_print(arena, "{\"v\":%s,\"n\":1}", value);
    return outcome_of(arena, column, INTAKE_NDJSON, body, strlen(body));
}

static struct column column_of(enum column_type type)
{
    return (struct column){ .name = "v", .type = type, .shortest = -1, .longest = -1 };
}

START_TEST(what_was_written_is_read_as_the_same_bytes)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    const struct wire_value *wire = &wire_values[_i];
    const struct column column = column_of(wire->type);
    struct outcome csv = from_csv(arena, &column, wire->csv ? wire->csv : wire->text);
    ck_assert_pstr_eq(csv.wrong, NULL);
    ck_assert_str_eq(csv.hex, wire->hex);
    struct outcome json = from_json(arena, &column, wire->json);
    ck_assert_pstr_eq(json.wrong, NULL);
    ck_assert_str_eq(json.hex, wire->hex);
}
END_TEST

START_TEST(what_only_postgres_has_is_not_taken_in)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    const struct wire_value *wire = &wire_values_out_only[_i];
    const struct column column = column_of(wire->type);
    ck_assert_ptr_nonnull(from_csv(arena, &column, wire->text).wrong);
    ck_assert_ptr_nonnull(from_json(arena, &column, wire->json).wrong);
}
END_TEST

/* Other texts of a value, in CSV. */
static const struct {
    enum column_type type;
    const char *field;
    const char *hex; /* NULL: refused */
} fields[] = {
    { COLUMN_BOOL, "TRUE", "01" },
    { COLUMN_BOOL, "t", "01" },
    { COLUMN_BOOL, "1", "01" },
    { COLUMN_BOOL, "False", "00" },
    { COLUMN_BOOL, "F", "00" },
    { COLUMN_BOOL, "0", "00" },
    { COLUMN_BOOL, "yes", NULL },
    { COLUMN_BOOL, "tr", NULL },
    { COLUMN_BOOL, " true", NULL },
    { COLUMN_BOOL, "2", NULL },
    { COLUMN_INT32, "007", "00000007" },
    { COLUMN_INT32, "-0", "00000000" },
    { COLUMN_INT32, "0000000000000000000000000000001", "00000001" },
    { COLUMN_INT32, "\"5\"", "00000005" },
    { COLUMN_INT32, "2147483648", NULL },
    { COLUMN_INT32, "-2147483649", NULL },
    { COLUMN_INT32, "+5", NULL },
    { COLUMN_INT32, "5 ", NULL },
    { COLUMN_INT32, "5.0", NULL },
    { COLUMN_INT32, "5e0", NULL },
    { COLUMN_INT32, "0x10", NULL },
    { COLUMN_INT32, "-", NULL },
    { COLUMN_INT32, "1,000", NULL },
    { COLUMN_INT64, "9223372036854775808", NULL },
    { COLUMN_INT64, "-9223372036854775809", NULL },
    { COLUMN_INT64, "99999999999999999999999", NULL },
    { COLUMN_DECIMAL, "1e3", "00010000000000 0003e8" },
    { COLUMN_DECIMAL, "1.50E+2", "0001000000000000 0096" },
    { COLUMN_DECIMAL, "12e-1", "0002000000000001 0001 07d0" },
    { COLUMN_DECIMAL, "-0.0", "0000000000000001" },
    { COLUMN_DECIMAL, "0001.0", "0001000000000001 0001" },
    { COLUMN_DECIMAL, "1e131071", "00017fff00000000 03e8" },
    { COLUMN_DECIMAL, "1e131072", NULL },
    { COLUMN_DECIMAL, "1e-16383", "0001f000 00003fff 000a" },
    { COLUMN_DECIMAL, "1e-16384", NULL },
    { COLUMN_DECIMAL, "1e99999999999999999999", NULL },
    { COLUMN_DECIMAL, "0e99999999999999999999", "0000000000000000" },
    { COLUMN_DECIMAL, ".5", NULL },
    { COLUMN_DECIMAL, "5.", NULL },
    { COLUMN_DECIMAL, "1e", NULL },
    { COLUMN_DECIMAL, "1e+", NULL },
    { COLUMN_DECIMAL, "1.2.3", NULL },
    { COLUMN_DECIMAL, "--1", NULL },
    { COLUMN_DECIMAL, "\"1,5\"", NULL },
    { COLUMN_DOUBLE, "0.1e1", "3ff0000000000000" },
    { COLUMN_DOUBLE, "00.5", "3fe0000000000000" },
    { COLUMN_DOUBLE, "9007199254740993", "4340000000000000" },
    { COLUMN_DOUBLE, "1e400", NULL },
    { COLUMN_DOUBLE, "1e-400", NULL },
    { COLUMN_DOUBLE, "0e-400", "0000000000000000" },
    { COLUMN_DOUBLE, "nan", NULL },
    { COLUMN_DOUBLE, "Infinity", NULL },
    { COLUMN_DOUBLE, "0x1p3", NULL },
    { COLUMN_DATE, "2023-02-29", NULL },
    { COLUMN_DATE, "1900-02-29", NULL },
    { COLUMN_DATE, "2026-13-01", NULL },
    { COLUMN_DATE, "2026-00-01", NULL },
    { COLUMN_DATE, "2026-04-31", NULL },
    { COLUMN_DATE, "0000-01-01", NULL },
    { COLUMN_DATE, "2026-1-1", NULL },
    { COLUMN_DATE, "26-01-01", NULL },
    { COLUMN_DATE, "2026/01/01", NULL },
    { COLUMN_DATE, "2026-01-01T00:00:00Z", NULL },
    { COLUMN_DATE, "today", NULL },
    { COLUMN_DATE, "20a6-01-01", NULL },
    { COLUMN_TIME, "1a:00:00", NULL },
    { COLUMN_DOUBLE, "0.1e-400", NULL },
    { COLUMN_JSON, "\"{\"\"a\"\":tru}\"", NULL },
    { COLUMN_TIME, "23:59:59.9999990", "000000141dd75fff" },
    { COLUMN_TIME, "24:00:00.000001", NULL },
    { COLUMN_TIME, "24:00:01", NULL },
    { COLUMN_TIME, "23:60:00", NULL },
    { COLUMN_TIME, "23:00:60", NULL },
    { COLUMN_TIME, "23:59", NULL },
    { COLUMN_TIME, "1:00:00", NULL },
    { COLUMN_TIME, "10:00:00.", NULL },
    { COLUMN_TIME, "10:00:00.1234567", NULL },
    { COLUMN_TIME, "10:00:00.12x", NULL },
    { COLUMN_TIME, "10:00:00Z", NULL },
    { COLUMN_TIMESTAMP, "2026-11-20t15:31:04.1z", "000303b5b36904a0" },
    { COLUMN_TIMESTAMP, "2026-11-20 17:31:04.1+02", "000303b5b36904a0" },
    { COLUMN_TIMESTAMP, "2026-11-20 17:31:04.1+0200", "000303b5b36904a0" },
    { COLUMN_TIMESTAMP, "2026-11-20T08:01:04.100-07:30", "000303b5b36904a0" },
    { COLUMN_TIMESTAMP, "2026-11-20T15:31:04.100000000Z", "000303b5b36904a0" },
    { COLUMN_TIMESTAMP, "2026-11-20T15:31:04.100000001Z", NULL },
    { COLUMN_TIMESTAMP, "2026-11-20T15:31:04", NULL },
    { COLUMN_TIMESTAMP, "2026-11-20 15:31:04.1", NULL },
    { COLUMN_TIMESTAMP, "2026-11-20", NULL },
    { COLUMN_TIMESTAMP, "2026-11-20T15:31Z", NULL },
    { COLUMN_TIMESTAMP, "2026-11-20T24:00:00Z", NULL },
    { COLUMN_TIMESTAMP, "2026-11-20T15:31:60Z", NULL },
    { COLUMN_TIMESTAMP, "2026-02-30T15:31:00Z", NULL },
    { COLUMN_TIMESTAMP, "2026-11-20T15:31:04+16:00", NULL },
    { COLUMN_TIMESTAMP, "2026-11-20T15:31:04+01:60", NULL },
    { COLUMN_TIMESTAMP, "2026-11-20T15:31:04+1", NULL },
    { COLUMN_TIMESTAMP, "2026-11-20T15:31:04+01:0", NULL },
    { COLUMN_TIMESTAMP, "2026-11-20T15:31:04+01:000", NULL },
    { COLUMN_TIMESTAMP, "2026-11-20T15:31:04UTC", NULL },
    { COLUMN_TIMESTAMP, "2026-11-20T15:31:04 Z", NULL },
    { COLUMN_TIMESTAMP, "2026-11-20X15:31:04Z", NULL },
    { COLUMN_TIMESTAMP, "0001-01-01T00:00:00+00:01", NULL },
    { COLUMN_TIMESTAMP, "9999-12-31T23:59:59-00:01", NULL },
    { COLUMN_TIMESTAMP, "1763654400", NULL },
    { COLUMN_UUID, "01234567-89AB-CDEF-0123-456789ABCDEF", "0123456789abcdef0123456789abcdef" },
    { COLUMN_UUID, "0123456789abcdef0123456789abcdef", NULL },
    { COLUMN_UUID, "{01234567-89ab-cdef-0123-456789abcdef}", NULL },
    { COLUMN_UUID, "01234567-89ab-cdef-0123-456789abcdeg", NULL },
    { COLUMN_UUID, "01234567-89ab-cdef-0123456789abcdef0", NULL },
    { COLUMN_BYTES, "AA", NULL },
    { COLUMN_BYTES, "AA=", NULL },
    { COLUMN_BYTES, "AB==", NULL }, /* bits behind the byte */
    { COLUMN_BYTES, "A===", NULL },
    { COLUMN_BYTES, "====", NULL },
    { COLUMN_BYTES, "A=A=", NULL },
    { COLUMN_BYTES, "AA-_", NULL },
    { COLUMN_BYTES, "\"AA\nA=\"", NULL },
    { COLUMN_JSON, "5", NULL },
    { COLUMN_JSON, "\"\"\"x\"\"\"", NULL },
    { COLUMN_JSON, "null", NULL },
    { COLUMN_JSON, "{", NULL },
    { COLUMN_JSON, "{} {}", NULL },
    { COLUMN_JSON, "[1e131072]", NULL },
    { COLUMN_JSON, "[1e-16384]", NULL },
    { COLUMN_JSON, "[[[[[[[[0]]]]]]]]", "015b5b5b5b5b5b5b5b305d5d5d5d5d5d5d5d" },
    { COLUMN_JSON, "[[[[[[[[[0]]]]]]]]]", NULL },
    { COLUMN_JSON, " [ ] ", "01205b205d20" },
};

static const char *without_spaces(struct arena *arena, const char *text)
{
    char *out = arena_text(arena, text);
    char *to = out;
    for (; *text; text++)
        if (*text != ' ')
            *to++ = *text;
    *to = '\0';
    return out;
}

START_TEST(a_field_is_of_its_type_or_refused)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    const struct column column = column_of(fields[_i].type);
    struct outcome outcome = from_csv(arena, &column, fields[_i].field);
    if (!fields[_i].hex) {
        ck_assert_msg(outcome.wrong, "%s was taken", fields[_i].field);
        return;
    }
    ck_assert_pstr_eq(outcome.wrong, NULL);
    ck_assert_str_eq(outcome.hex, without_spaces(arena, fields[_i].hex));
}
END_TEST

/* How the types of JSON fit those of columns: strings for exact numbers, nothing else. */
static const struct {
    enum column_type type;
    const char *json;
    const char *hex; /* NULL: refused */
} members[] = {
    { COLUMN_BOOL, "\"true\"", NULL },
    { COLUMN_BOOL, "1", NULL },
    { COLUMN_INT32, "\"5\"", NULL },
    { COLUMN_INT32, "5", "00000005" },
    { COLUMN_INT32, "true", NULL },
    { COLUMN_INT32, "1.0", NULL },
    { COLUMN_INT64, "\"5\"", "0000000000000005" },
    { COLUMN_INT64, "\"\"", NULL },
    { COLUMN_DECIMAL, "\"0.10\"", "0001ffff0000000203e8" },
    { COLUMN_DECIMAL, "5", "00010000000000000005" },
    { COLUMN_DECIMAL, "\"five\"", NULL },
    { COLUMN_DOUBLE, "5", "4014000000000000" },
    { COLUMN_DOUBLE, "\"5\"", NULL },
    { COLUMN_DOUBLE, "\"NaN\"", "7ff8000000000000" },
    { COLUMN_DOUBLE, "\"nan\"", NULL },
    { COLUMN_TEXT, "5", NULL },
    { COLUMN_TEXT, "true", NULL },
    { COLUMN_TEXT, "[]", NULL },
    { COLUMN_TEXT, "\"\"", "" },
    { COLUMN_DATE, "20261120", NULL },
    { COLUMN_TIMESTAMP, "1763654400", NULL },
    { COLUMN_JSON, "\"{}\"", NULL },
    { COLUMN_JSON, "true", NULL },
    { COLUMN_JSON, "{ \"a\" : 1 }", "017b20226122203a2031207d" },
    { COLUMN_JSON, "null", "NULL" },
    { COLUMN_BYTES, "[1,2]", NULL },
};

START_TEST(a_member_has_the_type_of_its_column)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    const struct column column = column_of(members[_i].type);
    struct outcome outcome = from_json(arena, &column, members[_i].json);
    if (members[_i].hex)
        ck_assert_pstr_eq(outcome.wrong, NULL);
    ck_assert_pstr_eq(outcome.hex, members[_i].hex);
}
END_TEST

static const struct {
    int precision;
    int scale;
    const char *field;
    const char *text; /* NULL: refused */
} decimals[] = {
    { 5, 2, "1", "1.00" },
    { 5, 2, "1.5", "1.50" },
    { 5, 2, "1.500", "1.50" }, /* exact: nothing is rounded away */
    { 5, 2, "1.505", NULL },
    { 5, 2, "0.001", NULL },
    { 5, 2, "999.99", "999.99" },
    { 5, 2, "-999.99", "-999.99" },
    { 5, 2, "1000", NULL },
    { 5, 2, "0001000", NULL },
    { 5, 2, "00099", "99.00" },
    { 5, 2, "9.9999e2", "999.99" },
    { 5, 2, "9.9999e1", NULL },
    { 5, 2, "99999e-2", "999.99" },
    { 5, 2, "1e2", "100.00" },
    { 5, 2, "1e3", NULL },
    { 5, 2, "0e9", "0.00" },
    { 5, 0, "12345", "12345" },
    { 5, 0, "12345.0", "12345" },
    { 5, 0, "1.1", NULL },
    { 2, 2, "0.99", "0.99" },
    { 2, 2, "1", NULL },
    { 38, 10, "1234567890123456789012345678.0123456789",
      "1234567890123456789012345678.0123456789" },
    { 38, 10, "12345678901234567890123456789", NULL },
};

START_TEST(a_decimal_fits_its_precision_and_scale_exactly)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    struct column column = column_of(COLUMN_DECIMAL);
    column.precision = decimals[_i].precision;
    column.scale = decimals[_i].scale;
    struct outcome outcome = from_csv(arena, &column, decimals[_i].field);
    if (!decimals[_i].text) {
        ck_assert_ptr_nonnull(outcome.wrong);
        return;
    }
    const char *text;
    ck_assert_pstr_eq(outcome.wrong, NULL);
    ck_assert_ptr_null(encode_value_text(arena, &column, wire_value_of(arena, outcome.hex), &text));
    ck_assert_str_eq(text, decimals[_i].text);
}
END_TEST

static const char *const colours[] = { "red", "green", NULL };
static const char *const primes[] = { "2", "3", "5", NULL };
static const char *const rates[] = { "0.5", "1.0", NULL };
static const char *const many[] = { "a", "b", "c", "d", "e", "f", "g", "h",
                                    "i", "j", "k", "l", "m", "n", NULL };

static const struct {
    struct column column;
    const char *field;
    const char *wrong; /* NULL: good */
} rules[] = {
    { { .type = COLUMN_TEXT, .shortest = 2, .longest = 3 }, "ab", NULL },
    { { .type = COLUMN_TEXT, .shortest = 2, .longest = 3 }, "\xc3\xa9\xc3\xa9\xc3\xa9", NULL },
    { { .type = COLUMN_TEXT, .shortest = 2, .longest = 3 },
      "a",
      "\"a\" is shorter than 2 characters" },
    { { .type = COLUMN_TEXT, .shortest = 2, .longest = 3 },
      "abcd",
      "\"abcd\" is longer than 3 characters" },
    { { .type = COLUMN_TEXT, .shortest = 1, .longest = -1 },
      "\"\"",
      "\"\" is shorter than 1 characters" },
    { { .type = COLUMN_TEXT, .shortest = -1, .longest = 0 }, "\"\"", NULL },
    { { .type = COLUMN_TEXT, .shortest = -1, .longest = -1, .allowed = colours }, "green", NULL },
    { { .type = COLUMN_TEXT, .shortest = -1, .longest = -1, .allowed = colours },
      "gree",
      "\"gree\" is none of: red, green" },
    { { .type = COLUMN_TEXT, .shortest = -1, .longest = -1, .allowed = many },
      "x",
      "\"x\" is none of: a, b, c, d, e, f, g, h, i, j, k, l, \u2026" },
    { { .type = COLUMN_INT32, .allowed = primes }, "05", NULL },
    { { .type = COLUMN_INT32, .allowed = primes }, "4", "\"4\" is none of: 2, 3, 5" },
    { { .type = COLUMN_DECIMAL, .allowed = rates }, "0.50", NULL },
    { { .type = COLUMN_DECIMAL, .allowed = rates }, "1", NULL },
    { { .type = COLUMN_DECIMAL, .allowed = rates }, "0.51", "\"0.51\" is none of: 0.5, 1.0" },
    { { .type = COLUMN_INT64, .minimum = "0", .maximum = "10" }, "0", NULL },
    { { .type = COLUMN_INT64, .minimum = "0", .maximum = "10" }, "10", NULL },
    { { .type = COLUMN_INT64, .minimum = "0", .maximum = "10" }, "-1", "\"-1\" is below 0" },
    { { .type = COLUMN_INT64, .minimum = "0", .maximum = "10" }, "11", "\"11\" is above 10" },
    { { .type = COLUMN_INT64, .minimum = "0", .minimum_open = true }, "0", "\"0\" is not above 0" },
    { { .type = COLUMN_INT64, .maximum = "9", .maximum_open = true }, "9", "\"9\" is not below 9" },
    { { .type = COLUMN_DECIMAL, .minimum = "-0.5", .maximum = "100000.01" }, "-0.50", NULL },
    { { .type = COLUMN_DECIMAL, .minimum = "-0.5" }, "-0.51", "\"-0.51\" is below -0.5" },
    { { .type = COLUMN_DECIMAL, .minimum = "-0.5" }, "-10000", "\"-10000\" is below -0.5" },
    { { .type = COLUMN_DECIMAL, .minimum = "0" }, "0.0", NULL },
    { { .type = COLUMN_DECIMAL, .minimum = "0" }, "0.00000000001", NULL },
    { { .type = COLUMN_DECIMAL, .minimum = "0" }, "-0.1", "\"-0.1\" is below 0" },
    { { .type = COLUMN_DECIMAL, .maximum = "9999.9" }, "9999.89", NULL },
    { { .type = COLUMN_DECIMAL, .maximum = "9999.9" }, "10000", "\"10000\" is above 9999.9" },
    { { .type = COLUMN_DECIMAL, .maximum = "12345" },
      "12345.00001",
      "\"12345.00001\" is above 12345" },
    { { .type = COLUMN_DOUBLE, .minimum = "-1.5", .maximum = "1e300" }, "-1.5", NULL },
    { { .type = COLUMN_DOUBLE, .minimum = "-1.5", .maximum = "1e300" },
      "INF",
      "\"INF\" is above 1e300" },
    { { .type = COLUMN_DOUBLE, .maximum = "1" }, "NaN", "\"NaN\" is above 1" },
    { { .type = COLUMN_DATE, .minimum = "2020-01-01" },
      "2019-12-31",
      "\"2019-12-31\" is below 2020-01-01" },
    { { .type = COLUMN_DATE, .minimum = "1990-01-01" }, "1990-01-01", NULL },
    { { .type = COLUMN_TIME, .maximum = "12:00:00" },
      "12:00:00.1",
      "\"12:00:00.1\" is above 12:00:00" },
    { { .type = COLUMN_TIMESTAMP, .minimum = "1990-01-01T00:00:00Z" },
      "1990-01-01T00:00:00+00:01",
      "\"1990-01-01T00:00:00+00:01\" is below 1990-01-01T00:00:00Z" },
    { { .type = COLUMN_INT32, .minimum = "abc" },
      "1",
      "\"1\" cannot be checked: the contract itself is wrong, its \"abc\" is no integer from "
      "-2147483648 to 2147483647" },
    { { .type = COLUMN_INT32, .required = true }, "", "a value is required" },
    { { .type = COLUMN_INT32, .minimum = "5", .allowed = primes }, "", NULL },
    { { .type = COLUMN_INT32 },
      "01234567890123456789012345678901234567890123456789012345678\xc3\xa9z",
      "\"01234567890123456789012345678901234567890123456789012345678\"\u2026 is no integer from "
      "-2147483648 to 2147483647" },
    { { .type = COLUMN_INT32 },
      "\"a\t\"\"\"",
      "\"a\\t\\\"\" is no integer from -2147483648 to 2147483647" },
};

START_TEST(a_value_keeps_the_rules_of_its_column)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    struct column column = rules[_i].column;
    column.name = "v";
    ck_assert_pstr_eq(from_csv(arena, &column, rules[_i].field).wrong, rules[_i].wrong);
}
END_TEST

START_TEST(a_pattern_must_be_found)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    const char *reason;
    size_t offset;
    struct pattern *pattern = pattern_new(arena, "^[A-Z]{2}$", &reason, &offset);
    struct column column = column_of(COLUMN_TEXT);
    column.pattern = pattern;
    ck_assert_pstr_eq(from_csv(arena, &column, "FR").wrong, NULL);
    ck_assert_pstr_eq(from_json(arena, &column, "\"FRA\"").wrong,
                      "\"FRA\" does not match the pattern ^[A-Z]{2}$");
    pattern_free(pattern);
}
END_TEST

static const struct test_case cases[] = {
    TEST_EACH(what_was_written_is_read_as_the_same_bytes, wire_values),
    TEST_EACH(what_only_postgres_has_is_not_taken_in, wire_values_out_only),
    TEST_EACH(a_field_is_of_its_type_or_refused, fields),
    TEST_EACH(a_member_has_the_type_of_its_column, members),
    TEST_EACH(a_decimal_fits_its_precision_and_scale_exactly, decimals),
    TEST_EACH(a_value_keeps_the_rules_of_its_column, rules),
    TEST(a_pattern_must_be_found),
};
TEST_MAIN("value", cases)
