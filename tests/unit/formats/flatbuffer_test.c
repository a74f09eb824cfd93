#include "server/base/arena.h"
#include "server/formats/flatbuffer.h"
#include "tests/unit/test.h"

static void check(struct buffer *out, const char *hex)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(1024);
    ck_assert_str_eq(arena_hex(arena, out->data, out->size), hex);
    buffer_clear(out);
}

START_TEST(a_table_stands_behind_the_places_of_its_fields)
{
    static const struct flat_field fields[] = { { 2, 0x1234 }, FLAT_NONE, { 1, 7 }, { 8, -2 } };
    struct buffer out = { 0 };
    struct flat flat;
    flat_begin(&flat, &out);
    flat_table(&flat, FLAT_ROOT, fields, COUNT(fields), NULL);
    check(&out, "10000000"         /* the root: a table at 16 */
                "0c001000"         /* its offsets take 12 bytes, the table 16 */
                "0400000006000800" /* of each field; 0 is not there */
                "0c000000"         /* the offsets are 12 before it */
                "341207"           /* int16, byte */
                "00"               /* room for the alignment of int64 */
                "feffffffffffffff");
}
END_TEST

START_TEST(references_point_forward)
{
    static const struct flat_field fields[] = { FLAT_REFERENCE, FLAT_REFERENCE };
    struct buffer out = { 0 };
    struct flat flat;
    size_t places[2];
    flat_begin(&flat, &out);
    flat_table(&flat, FLAT_ROOT, fields, 2, places);
    flat_text(&flat, places[0], "ab");
    size_t first = flat_references(&flat, places[1], 2);
    flat_text(&flat, first, "");
    flat_text(&flat, first + 4, "x");
    check(&out, "10000000"
                "08000c0004000800"         /* offsets */
                "00000000"                 /* alignment */
                "0c000000080000000c000000" /* the table; the text is 8 further on, the list 12 */
                "0200000061620000"         /* text with its NUL; alignment */
                "02000000080000000c000000" /* two references, 8 and 12 further on */
                "0000000000000000"         /* empty text; alignment */
                "010000007800");
}
END_TEST

START_TEST(pairs_are_aligned_to_eight)
{
    static const struct flat_field fields[] = { FLAT_REFERENCE };
    static const int64_t pairs[][2] = { { 1, 2 }, { -1, INT64_MAX } };
    struct buffer out = { 0 };
    buffer_add_text(&out, "before"); /* positions count from where it begins */
    struct flat flat;
    size_t place;
    flat_begin(&flat, &out);
    flat_table(&flat, FLAT_ROOT, fields, 1, &place);
    flat_pairs(&flat, place, pairs, 2);
    ck_assert_mem_eq(out.data, "before", 6);
    buffer_consume(&out, 6);
    check(&out, "10000000"
                "060008000400"
                "000000000000"     /* alignment */
                "0c00000008000000" /* the list is 8 further on */
                "00000000"         /* its items are aligned, not its count */
                "02000000"
                "01000000000000000200000000000000"
                "ffffffffffffffffffffffffffffff7f");
}
END_TEST

static const struct test_case cases[] = {
    TEST(a_table_stands_behind_the_places_of_its_fields),
    TEST(references_point_forward),
    TEST(pairs_are_aligned_to_eight),
};
TEST_MAIN("flatbuffer", cases)
