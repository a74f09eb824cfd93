#include "server/formats/encoder.h"
#include "values.h"

static const char *without_blanks(struct arena *arena, const char *hex)
{
    char *kept = arena_text(arena, hex);
    char *to = kept;
    for (const char *from = hex; *from; from++)
        if (*from != ' ')
            *to++ = *from;
    *to = '\0';
    return kept;
}

/* Files whose every byte was worked out by hand from parquet.thrift and the format's document. */
static void check_file(const struct columns *columns, const struct row_value *rows, size_t count,
                       const char *pages, const char *schema, const char *group)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    CLEANUP(buffer_clear) struct buffer out = { 0 };
    CLEANUP(encoder_free_at)
    struct encoder *encoder = encoder_new(arena, FORMAT_PARQUET_UNCOMPRESSED, columns);
    encoder_begin(encoder, &out);
    for (size_t i = 0; i < count; i++)
        ck_assert_ptr_null(encoder_row(encoder, rows + i * columns->count, &out));
    encoder_end(encoder, &out);
    static const char by[] = "entrepot version " ENTREPOT_VERSION;
    const char *footer = without_blanks(
        arena, arena_print(arena, "1504%s16%02zx%s28%02zx%s191c1c000000", schema, 2 * count, group,
                           sizeof by - 1, arena_hex(arena, by, sizeof by - 1)));
    const char *whole = arena_print(arena, "50415231%s%s%02zx00000050415231",
                                    without_blanks(arena, pages), footer, strlen(footer) / 2);
    ck_assert_str_eq(arena_hex(arena, out.data, out.size), whole);
}

static const struct column number[] = { { .name = "a", .type = COLUMN_INT32, .required = true } };
static const struct column text[] = { { .name = "t", .type = COLUMN_TEXT } };
static const struct column flag[] = { { .name = "f", .type = COLUMN_BOOL } };

START_TEST(one_number_is_a_dictionary_and_a_page)
{
    static const struct row_value row[] = { { "\0\0\0\7", 4 } };
    const struct columns columns = { number, 1 };
    check_file(&columns, row, 1,
               /* dictionary page: 4 bytes, one value, PLAIN */
               "150415081508 4c 15021500 0000 07000000 "
               /* data page: 3 bytes, one value by number; a width of 1, a group of 8 numbers */
               "150015061506 2c 1502151015061506 0000 010300",
               /* the root with one child; int32, required, a */
               "192c 4804726f7773 1502 00 1502 2500 180161 00",
               "191c" /* one group, of one chunk */
               "191c 2600 1c 1502 1935060010 19180161 1500 1602 164a 164a 262a 2608 "
               /* no NULL, and the greatest and the least value, which are exact */
               "1c 3600 280407000000 180407000000 1111 00 00 00 "
               /* bytes, rows, offset, bytes */
               "164a 1602 2608 164a 00");
}
END_TEST

START_TEST(text_with_a_NULL_says_which_rows_have_it)
{
    static const struct row_value rows[] = { { "b", 1 }, { NULL, -1 }, { "", 0 } };
    const struct columns columns = { text, 1 };
    check_file(&columns, rows, 3,
               /* dictionary: b and empty text */
               "150415121512 4c 15041500 0000 010000006200000000 "
               /* data: 2 bytes of levels 1 0 1, then the numbers 0 1 with a width of 1 */
               "150015121512 2c 1506151015061506 0000 020000000305 010302",
               /* byte array, optional, t, UTF8, the logical type STRING */
               "192c 4804726f7773 1502 00 150c 2502 180174 2500 4c1c0000 00",
               "191c 191c 2600 1c 150c 1935060010 19180174 1500 1606 1660 1660 2634 2608 1c "
               "3602 280162 1800 1111 00 00 00 1660 1606 2608 1660 00");
}
END_TEST

START_TEST(booleans_are_bits_without_a_dictionary)
{
    static const struct row_value rows[] = { { "\1", 1 }, { "\0", 1 }, { "\1", 1 } };
    const struct columns columns = { flag, 1 };
    check_file(&columns, rows, 3,
               /* 7 bytes: a run of three levels 1, then the bits 1 0 1 */
               "1500150e150e 2c 1506150015061506 0000 020000000601 05",
               "192c 4804726f7773 1502 00 1500 2502 180166 00",
               "191c 191c 2600 1c 1500 19250600 19180166 1500 1606 1630 1630 2608 3c 3600 "
               "280101 180100 1111 00 00 00 1630 1606 2608 1630 00");
}
END_TEST

START_TEST(no_rows_are_a_schema_without_groups)
{
    const struct columns columns = { number, 1 };
    check_file(&columns, NULL, 0, "", "192c 4804726f7773 1502 00 1502 2500 180161 00", "190c");
}
END_TEST

/* What came out of an encoder while rows went in. */
struct made {
    size_t bytes;
    size_t most; /* bytes that came at once */
    int pieces;  /* times that bytes came */
};

static struct made make(enum format format, const struct columns *columns,
                        const struct row_value *row, int64_t rows)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    CLEANUP(buffer_clear) struct buffer out = { 0 };
    CLEANUP(encoder_free_at) struct encoder *encoder = encoder_new(arena, format, columns);
    struct made made = { 0 };
    encoder_begin(encoder, &out);
    for (int64_t i = 0; i < rows; i++) {
        size_t before = out.size;
        ck_assert_ptr_null(encoder_row(encoder, row, &out));
        if (out.size == before)
            continue;
        made.pieces++;
        made.bytes += out.size;
        made.most = out.size > made.most ? out.size : made.most;
        buffer_reset(&out);
    }
    ck_assert_uint_lt(arena_held_bytes(arena), 8 << 20);
    encoder_end(encoder, &out);
    return made;
}

START_TEST(a_row_group_ends_by_its_rows)
{
    static const struct row_value row[] = { { "\0\0\0\7", 4 } };
    const struct columns columns = { number, 1 };
    ck_assert_int_eq(make(FORMAT_PARQUET, &columns, row, 131071).pieces, 0);
    ck_assert_int_eq(make(FORMAT_PARQUET, &columns, row, 131072).pieces, 1);
    ck_assert_int_eq(make(FORMAT_PARQUET, &columns, row, 400000).pieces, 3);
}
END_TEST

START_TEST(a_row_group_ends_by_its_bytes)
{
    static char large[1 << 20];
    const struct columns columns = { text, 1 };
    for (size_t i = 0; i < sizeof large; i++)
        large[i] = (char)('a' + i * i % 26);
    const struct row_value row[] = { { large, sizeof large } };
    struct made made = make(FORMAT_PARQUET_UNCOMPRESSED, &columns, row, 100);
    ck_assert_int_ge(made.pieces, 12);
    ck_assert_uint_le(made.most, 9 << 20);
}
END_TEST

#define WIDE 1600

START_TEST(many_columns_take_no_more_memory)
{
    static struct column list[WIDE];
    static struct row_value row[WIDE];
    for (size_t i = 0; i < WIDE; i++) {
        list[i] = (struct column){ .name = "c", .type = i % 2 ? COLUMN_TEXT : COLUMN_INT64 };
        row[i] = i % 2 ? (struct row_value){ "some text", 9 }
                       : (struct row_value){ "\1\2\3\4\5\6\7\10", 8 };
    }
    const struct columns columns = { list, WIDE };
    struct made made = make(FORMAT_PARQUET, &columns, row, 5000);
    ck_assert_int_ge(made.pieces, 1);
    ck_assert_uint_le(made.most, 9 << 20);
}
END_TEST

START_TEST(a_NULL_where_none_can_be_is_a_problem)
{
    static const enum format formats[] = { FORMAT_PARQUET, FORMAT_ARROW };
    static const struct row_value row[] = { { NULL, -1 } };
    const struct columns columns = { number, 1 };
    for (size_t i = 0; i < COUNT(formats); i++) {
        CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
        CLEANUP(buffer_clear) struct buffer out = { 0 };
        CLEANUP(encoder_free_at) struct encoder *encoder = encoder_new(arena, formats[i], &columns);
        struct problem *problem = encoder_row(encoder, row, &out);
        ck_assert_ptr_nonnull(problem);
        ck_assert_ptr_eq(problem->kind, &PROBLEM_INTERNAL);
    }
}
END_TEST

static const struct test_case cases[] = {
    TEST(one_number_is_a_dictionary_and_a_page),  TEST(text_with_a_NULL_says_which_rows_have_it),
    TEST(booleans_are_bits_without_a_dictionary), TEST(no_rows_are_a_schema_without_groups),
    TEST(a_row_group_ends_by_its_rows),           TEST(a_row_group_ends_by_its_bytes),
    TEST(many_columns_take_no_more_memory),       TEST(a_NULL_where_none_can_be_is_a_problem),
};
TEST_MAIN("parquet", cases)
