#include "server/formats/thrift.h"
#include "tests/unit/test.h"

#include "server/base/arena.h"

static void check(struct buffer *out, const char *hex)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(1024);
    ck_assert_str_eq(arena_hex(arena, out->data, out->size), hex);
    buffer_clear(out);
}

static const struct {
    uint64_t number;
    const char *hex;
} varints[] = {
    { 0, "00" },
    { 1, "01" },
    { 127, "7f" },
    { 128, "8001" },
    { 300, "ac02" },
    { 16384, "808001" },
    { UINT32_MAX, "ffffffff0f" },
    { UINT64_MAX, "ffffffffffffffffff01" },
};

START_TEST(a_number_takes_seven_bits_a_byte)
{
    struct buffer out = { 0 };
    thrift_varint(&out, varints[_i].number);
    check(&out, varints[_i].hex);
}
END_TEST

START_TEST(fields_tell_how_far_their_id_is_from_the_last)
{
    struct buffer out = { 0 };
    struct thrift thrift;
    thrift_begin(&thrift, &out);
    thrift_int32(&thrift, 1, 0);
    thrift_int32(&thrift, 2, -1);
    thrift_int64(&thrift, 9, 150);
    thrift_bool(&thrift, 10, true);
    thrift_bool(&thrift, 11, false);
    thrift_text(&thrift, 26, "ab");
    thrift_end(&thrift);
    /* 15 00 | 15 01 | 76 300 zigzag | 11 | 12 | f8 2 a b | 00 */
    check(&out, "15001501"
                "76ac02"
                "1112"
                "f8026162"
                "00");
}
END_TEST

START_TEST(structs_within_count_their_ids_anew)
{
    struct buffer out = { 0 };
    struct thrift thrift;
    thrift_begin(&thrift, &out);
    thrift_int32(&thrift, 4, 1);
    thrift_struct(&thrift, 5);
    thrift_int32(&thrift, 1, 1);
    thrift_empty(&thrift, 2);
    thrift_end(&thrift);
    thrift_int32(&thrift, 6, 1);
    thrift_end(&thrift);
    check(&out, "45021c15021c0000150200");
}
END_TEST

START_TEST(lists_tell_their_type_and_count)
{
    struct buffer out = { 0 };
    struct thrift thrift;
    thrift_begin(&thrift, &out);
    thrift_list(&thrift, 1, THRIFT_INT32, 2);
    thrift_item_int32(&thrift, 1);
    thrift_item_int32(&thrift, -2);
    thrift_list(&thrift, 2, THRIFT_BYTES, 1);
    thrift_item_text(&thrift, "x");
    thrift_list(&thrift, 3, THRIFT_STRUCT, 15);
    for (int i = 0; i < 15; i++) {
        thrift_item_struct(&thrift);
        thrift_end(&thrift);
    }
    thrift_end(&thrift);
    check(&out, "19250203"
                "19180178"
                "19fc0f000000000000000000000000000000"
                "00");
}
END_TEST

static const struct test_case cases[] = {
    TEST_EACH(a_number_takes_seven_bits_a_byte, varints),
    TEST(fields_tell_how_far_their_id_is_from_the_last),
    TEST(structs_within_count_their_ids_anew),
    TEST(lists_tell_their_type_and_count),
};
TEST_MAIN("thrift", cases)
