#include "server/formats/encoder.h"
#include "values.h"

#include <endian.h>

static uint32_t number_at(const struct buffer *stream, size_t at)
{
    uint32_t number;
    ck_assert_uint_le(at + 4, stream->size);
    memcpy(&number, stream->data + at, sizeof number);
    return le32toh(number);
}

/* The size of the message at a place, without its body. */
static size_t head_size(const struct buffer *stream, size_t at)
{
    ck_assert_uint_eq(number_at(stream, at), UINT32_MAX);
    uint32_t size = number_at(stream, at + 4);
    ck_assert_uint_eq(size % 8, 0);
    return 8 + size;
}

/* The stream of rows: a schema, one batch with a body of so many bytes, an end. Gives the body. */
static const char *body_of(struct arena *arena, const struct columns *columns,
                           const struct row_value *rows, size_t count, size_t body_size)
{
    struct buffer out = { 0 };
    CLEANUP(encoder_free_at) struct encoder *encoder = encoder_new(arena, FORMAT_ARROW, columns);
    encoder_begin(encoder, &out);
    size_t schema = head_size(&out, 0);
    ck_assert_uint_eq(schema, out.size);
    for (size_t i = 0; i < count; i++)
        ck_assert_ptr_null(encoder_row(encoder, rows + i * columns->count, &out));
    ck_assert_uint_eq(schema, out.size); /* a batch comes when it is full, or at the end */
    encoder_end(encoder, &out);
    size_t head = head_size(&out, schema);
    ck_assert_uint_eq(out.size, schema + head + body_size + 8);
    ck_assert_mem_eq(out.data + out.size - 8, "\xff\xff\xff\xff\0\0\0\0", 8);
    const char *body = arena_hex(arena, out.data + schema + head, body_size);
    buffer_clear(&out);
    return body;
}

/* Hexadecimal filled with zeros to the alignment of a run. */
static const char *filled(struct arena *arena, const char *hex)
{
    static const char zeros[] =
        "00000000000000000000000000000000000000000000000000000000000000"
        "000000000000000000000000000000000000000000000000000000000000000000";
    return arena_print(arena, "%s%.*s", hex, (int)(128 - strlen(hex)), zeros);
}

START_TEST(numbers_stand_behind_the_bits_of_which_are_there)
{
    static const struct column list[] = { { .name = "n", .type = COLUMN_INT32 } };
    static const struct row_value rows[] = { { "\0\0\0\1", 4 }, { NULL, -1 }, { "\0\0\1\3", 4 } };
    const struct columns columns = { list, 1 };
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    ck_assert_str_eq(
        body_of(arena, &columns, rows, 3, 128),
        arena_print(arena, "%s%s", filled(arena, "05"), filled(arena, "010000000000000003010000")));
}
END_TEST

START_TEST(the_first_row_can_be_NULL)
{
    static const struct column list[] = { { .name = "n", .type = COLUMN_INT32 } };
    static const struct row_value rows[] = { { NULL, -1 }, { "\0\0\0\1", 4 } };
    const struct columns columns = { list, 1 };
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    ck_assert_str_eq(
        body_of(arena, &columns, rows, 2, 128),
        arena_print(arena, "%s%s", filled(arena, "02"), filled(arena, "0000000001000000")));
}
END_TEST

START_TEST(text_stands_behind_its_offsets)
{
    static const struct column list[] = { { .name = "t", .type = COLUMN_TEXT, .required = true } };
    static const struct row_value rows[] = { { "ab", 2 }, { "", 0 }, { "c", 1 } };
    const struct columns columns = { list, 1 };
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    /* nothing is missing, so no bits tell that */
    ck_assert_str_eq(body_of(arena, &columns, rows, 3, 128),
                     arena_print(arena, "%s%s", filled(arena, "00000000020000000200000003000000"),
                                 filled(arena, "616263")));
}
END_TEST

START_TEST(booleans_are_bits_and_NULLs_take_their_place)
{
    static const struct column list[] = { { .name = "b", .type = COLUMN_BOOL },
                                          { .name = "t", .type = COLUMN_TEXT } };
    static const struct row_value rows[] = {
        { "\1", 1 }, { "a", 1 },  { "\1", 1 },  { "b", 1 },   { "\0", 1 }, { "c", 1 },  { "\1", 1 },
        { "d", 1 },  { "\0", 1 }, { "e", 1 },   { "\1", 1 },  { "f", 1 },  { "\1", 1 }, { "g", 1 },
        { "\0", 1 }, { "h", 1 },  { NULL, -1 }, { NULL, -1 }, { "\1", 1 }, { "i", 1 },
    };
    const struct columns columns = { list, 2 };
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    const char *offsets = "0000000001000000020000000300000004000000050000000600000007000000"
                          "080000000800000009000000";
    ck_assert_str_eq(body_of(arena, &columns, rows, 10, 320),
                     arena_print(arena, "%s%s%s%s%s", filled(arena, "ff02"), filled(arena, "6b02"),
                                 filled(arena, "ff02"), filled(arena, offsets),
                                 filled(arena, "616263646566676869")));
}
END_TEST

START_TEST(a_stream_without_rows_has_a_schema_and_an_end)
{
    static const struct column list[] = { { .name = "n", .type = COLUMN_INT32 } };
    const struct columns columns = { list, 1 };
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    CLEANUP(buffer_clear) struct buffer out = { 0 };
    CLEANUP(encoder_free_at) struct encoder *encoder = encoder_new(arena, FORMAT_ARROW, &columns);
    encoder_begin(encoder, &out);
    size_t schema = out.size;
    encoder_end(encoder, &out);
    ck_assert_uint_eq(out.size, schema + 8);
}
END_TEST

START_TEST(a_batch_ends_by_its_rows_and_by_its_bytes)
{
    static const struct column list[] = { { .name = "t", .type = COLUMN_TEXT } };
    static char large[1 << 20];
    const struct columns columns = { list, 1 };
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    CLEANUP(buffer_clear) struct buffer out = { 0 };
    CLEANUP(encoder_free_at) struct encoder *encoder = encoder_new(arena, FORMAT_ARROW, &columns);
    struct row_value row = { "", 0 };
    for (int i = 0; i < 65535; i++)
        ck_assert_ptr_null(encoder_row(encoder, &row, &out));
    ck_assert_uint_eq(out.size, 0);
    ck_assert_ptr_null(encoder_row(encoder, &row, &out));
    ck_assert_uint_gt(out.size, 0);
    buffer_reset(&out);
    row = (struct row_value){ large, sizeof large };
    ck_assert_ptr_null(encoder_row(encoder, &row, &out));
    ck_assert_uint_eq(out.size, 0);
    ck_assert_ptr_null(encoder_row(encoder, &row, &out));
    ck_assert_uint_gt(out.size, 2 * sizeof large);
}
END_TEST

static const struct test_case cases[] = {
    TEST(numbers_stand_behind_the_bits_of_which_are_there),
    TEST(the_first_row_can_be_NULL),
    TEST(text_stands_behind_its_offsets),
    TEST(booleans_are_bits_and_NULLs_take_their_place),
    TEST(a_stream_without_rows_has_a_schema_and_an_end),
    TEST(a_batch_ends_by_its_rows_and_by_its_bytes),
};
TEST_MAIN("arrow", cases)
