#include "server/formats/encoder.h"
#include "values.h"

/* One row of one column (and an int4 behind it, so that nothing hides at the end of a line). */
static const char *encoded(struct arena *arena, enum format format, enum column_type type,
                           struct row_value value)
{
    const struct column list[] = { { .name = "v", .type = type },
                                   { .name = "n", .type = COLUMN_INT32 } };
    const struct columns columns = { list, COUNT(list) };
    const struct row_value row[] = { value, { "\0\0\0\7", 4 } };
    struct buffer out = { 0 };
    struct encoder *encoder = encoder_new(arena, format, &columns);
    encoder_begin(encoder, &out);
    struct problem *problem = encoder_row(encoder, row, &out);
    encoder_end(encoder, &out);
    const char *text = problem ? NULL : arena_copy(arena, out.data, out.size);
    buffer_clear(&out);
    return text;
}

static void check_encodings(const struct wire_value *wire)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    struct row_value value = wire_value_of(arena, wire->hex);
    const struct column column = { .name = "v", .type = wire->type };
    const char *text;
    ck_assert_ptr_null(encode_value_text(arena, &column, value, &text));
    ck_assert_str_eq(text, wire->text);
    ck_assert_str_eq(encoded(arena, FORMAT_JSON, wire->type, value),
                     arena_print(arena, "[\n{\"v\":%s,\"n\":7}\n]\n", wire->json));
    ck_assert_str_eq(encoded(arena, FORMAT_NDJSON, wire->type, value),
                     arena_print(arena, "{\"v\":%s,\"n\":7}\n", wire->json));
    ck_assert_str_eq(encoded(arena, FORMAT_CSV, wire->type, value),
                     arena_print(arena, "v,n\r\n%s,7\r\n", wire->csv ? wire->csv : wire->text));
}

START_TEST(a_value_of_postgres_is_written_in_every_format)
{
    check_encodings(&wire_values[_i]);
}
END_TEST

START_TEST(a_value_only_postgres_has_is_written_too)
{
    check_encodings(&wire_values_out_only[_i]);
}
END_TEST

static const enum column_type types[] = {
    COLUMN_BOOL, COLUMN_INT32, COLUMN_INT64,     COLUMN_DECIMAL, COLUMN_DOUBLE, COLUMN_TEXT,
    COLUMN_DATE, COLUMN_TIME,  COLUMN_TIMESTAMP, COLUMN_UUID,    COLUMN_BYTES,  COLUMN_JSON,
};

START_TEST(null_is_null_in_json_and_nothing_in_csv)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    const struct column column = { .name = "v", .type = types[_i] };
    const struct row_value null = { NULL, -1 };
    const char *text = "";
    ck_assert_str_eq(encoded(arena, FORMAT_NDJSON, types[_i], null), "{\"v\":null,\"n\":7}\n");
    ck_assert_str_eq(encoded(arena, FORMAT_CSV, types[_i], null), "v,n\r\n,7\r\n");
    ck_assert_ptr_null(encode_value_text(arena, &column, null, &text));
    ck_assert_ptr_null(text);
}
END_TEST

static const struct {
    enum column_type type;
    const char *hex;
} foreign[] = {
    { COLUMN_BOOL, "" },
    { COLUMN_BOOL, "0001" },
    { COLUMN_INT32, "0000000000000001" },
    { COLUMN_INT64, "00000001" },
    { COLUMN_DECIMAL, "0001" },
    { COLUMN_DECIMAL, "0001000000000000" },     /* a group is missing */
    { COLUMN_DECIMAL, "00010000000000002710" }, /* a group of 10000 */
    { COLUMN_DECIMAL, "ffff000000000000" },     /* less than no groups */
    { COLUMN_DECIMAL, "0000000012340000" },     /* no sign */
    { COLUMN_DECIMAL, "000000000000ffff" },     /* scale beyond all */
    { COLUMN_DOUBLE, "3ff0" },
    { COLUMN_DATE, "7ffffffe" },
    { COLUMN_DATE, "80000001" },
    { COLUMN_DATE, "00" },
    { COLUMN_TIME, "000000141dd76001" },
    { COLUMN_TIME, "ffffffffffffffff" },
    { COLUMN_TIMESTAMP, "7ffffffffffffffe" },
    { COLUMN_TIMESTAMP, "8000000000000001" },
    { COLUMN_TIMESTAMP, "00000000" },
    { COLUMN_UUID, "0123" },
    { COLUMN_JSON, "" },
    { COLUMN_JSON, "027b7d" }, /* a version we do not know */
    { COLUMN_JSON, "7b7d" },
};

START_TEST(bytes_of_another_type_are_a_problem_and_nothing_else)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    struct row_value value = wire_value_of(arena, foreign[_i].hex);
    ck_assert_ptr_null(encoded(arena, FORMAT_JSON, foreign[_i].type, value));
    ck_assert_ptr_null(encoded(arena, FORMAT_CSV, foreign[_i].type, value));
    const struct column column = { .name = "v", .type = foreign[_i].type };
    const char *text;
    struct problem *problem = encode_value_text(arena, &column, value, &text);
    ck_assert_ptr_nonnull(problem);
    ck_assert_ptr_eq(problem->kind, &PROBLEM_INTERNAL);
}
END_TEST

static const struct column wide[] = {
    { .name = "a", .type = COLUMN_INT32 },
    { .name = "b\"c", .type = COLUMN_TEXT },
};

static const struct {
    enum format format;
    int rows;
    const char *text;
} wholes[] = {
    { FORMAT_JSON, 0, "[]\n" },
    { FORMAT_JSON, 1, "[\n{\"a\":0,\"b\\\"c\":\"x\"}\n]\n" },
    { FORMAT_JSON, 2, "[\n{\"a\":0,\"b\\\"c\":\"x\"},\n{\"a\":0,\"b\\\"c\":\"x\"}\n]\n" },
    { FORMAT_NDJSON, 0, "" },
    { FORMAT_NDJSON, 2, "{\"a\":0,\"b\\\"c\":\"x\"}\n{\"a\":0,\"b\\\"c\":\"x\"}\n" },
    { FORMAT_CSV, 0, "a,\"b\"\"c\"\r\n" },
    { FORMAT_CSV, 2, "a,\"b\"\"c\"\r\n0,x\r\n0,x\r\n" },
};

START_TEST(rows_stand_between_a_beginning_and_an_end)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    CLEANUP(buffer_clear) struct buffer out = { 0 };
    const struct columns columns = { wide, COUNT(wide) };
    const struct row_value row[] = { { "\0\0\0\0", 4 }, { "x", 1 } };
    struct encoder *encoder = encoder_new(arena, wholes[_i].format, &columns);
    encoder_begin(encoder, &out);
    for (int i = 0; i < wholes[_i].rows; i++)
        ck_assert_ptr_null(encoder_row(encoder, row, &out));
    encoder_end(encoder, &out);
    ck_assert_str_eq(buffer_text(&out), wholes[_i].text);
}
END_TEST

static const struct column odd[] = {
    { .name = "a", .type = COLUMN_INT64 },
    { .name = "b", .type = COLUMN_BYTES },
    { .name = "c", .type = COLUMN_JSON },
};

static const struct {
    bool exact;
    bool base64url;
    bool json_is_text;
    const char *text;
} styles[] = {
    { false, false, false, "1:7 2:\"+/8=\" 3:[\"x\"]}\n" },
    { true, false, false, "1:\"7\" 2:\"+/8=\" 3:[\"x\"]}\n" },
    { false, true, false, "1:7 2:\"-_8\" 3:[\"x\"]}\n" },
    { false, false, true, "1:7 2:\"+/8=\" 3:\"[\\\"x\\\"]\"}\n" },
};

START_TEST(values_are_written_in_the_style_asked_for)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    CLEANUP(buffer_clear) struct buffer out = { 0 };
    const struct columns columns = { odd, COUNT(odd) };
    const char *const leads[] = { "1:", " 2:", " 3:" };
    const struct row_value row[] = { { "\0\0\0\0\0\0\0\7", 8 },
                                     { "\xFB\xFF", 2 },
                                     { "\1[\"x\"]", 6 } };
    const struct encoder_style style = { leads, styles[_i].exact, styles[_i].base64url,
                                         styles[_i].json_is_text };
    struct encoder *encoder = encoder_new(arena, FORMAT_NDJSON, &columns);
    encoder_set_style(encoder, &style);
    ck_assert_ptr_null(encoder_row(encoder, row, &out));
    ck_assert_str_eq(buffer_text(&out), styles[_i].text);
    buffer_reset(&out);
    ck_assert_ptr_null(encoder_value(encoder, 0, row[0], &out));
    ck_assert_str_eq(buffer_text(&out), styles[_i].exact ? "\"7\"" : "7");
    buffer_reset(&out);
    ck_assert_ptr_null(encoder_value(encoder, 0, (struct row_value){ NULL, -1 }, &out));
    ck_assert_str_eq(buffer_text(&out), "null");
    ck_assert_ptr_nonnull(encoder_value(encoder, 0, (struct row_value){ "x", 1 }, &out));
}
END_TEST

static const struct test_case cases[] = {
    TEST_EACH(values_are_written_in_the_style_asked_for, styles),
    TEST_EACH(a_value_of_postgres_is_written_in_every_format, wire_values),
    TEST_EACH(a_value_only_postgres_has_is_written_too, wire_values_out_only),
    TEST_EACH(null_is_null_in_json_and_nothing_in_csv, types),
    TEST_EACH(bytes_of_another_type_are_a_problem_and_nothing_else, foreign),
    TEST_EACH(rows_stand_between_a_beginning_and_an_end, wholes),
};
TEST_MAIN("encoder", cases)
