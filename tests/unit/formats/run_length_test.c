#include "server/base/arena.h"
#include "server/formats/run_length.h"
#include "tests/unit/test.h"

static const struct {
    size_t count;
    uint16_t values[24];
    unsigned width;
    const char *hex;
} packed[] = {
    { 0, { 0 }, 1, "" },
    /* fewer than eight: a group that is filled with zeros */
    { 3, { 1, 0, 1 }, 1, "0305" },
    /* the example of Parquet's own document: 0 to 7 in three bits */
    { 8, { 0, 1, 2, 3, 4, 5, 6, 7 }, 3, "0388c6fa" },
    /* a run */
    { 9, { 1, 1, 1, 1, 1, 1, 1, 1, 1 }, 1, "1201" },
    { 8, { 300, 300, 300, 300, 300, 300, 300, 300 }, 9, "102c01" },
    /* a group, then a run */
    { 16, { 0, 1, 0, 1, 0, 1, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1 }, 1, "03aa1001" },
    /* two groups: what is equal in them begins before the second */
    { 16, { 0, 1, 0, 1, 0, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0 }, 1, "05ea1f" },
    { 9, { 0, 1, 0, 1, 0, 1, 0, 1, 1 }, 1, "05aa01" },
    { 2, { 65535, 1 }, 16, "03ffff0100000000000000000000000000" },
};

START_TEST(numbers_are_packed_as_Parquet_wants_them)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(1024);
    CLEANUP(buffer_clear) struct buffer out = { 0 };
    run_length_write(&out, packed[_i].values, packed[_i].count, packed[_i].width);
    ck_assert_str_eq(arena_hex(arena, out.data, out.size), packed[_i].hex);
}
END_TEST

/* Read back as Parquet's document says. */
static size_t unpack(const struct buffer *in, unsigned width, uint16_t *out, size_t most)
{
    const unsigned char *at = (const unsigned char *)in->data;
    const unsigned char *end = at + in->size;
    size_t count = 0;
    while (at < end) {
        uint64_t head = 0;
        for (unsigned shift = 0;; shift += 7) {
            head |= (uint64_t)(*at & 0x7f) << shift;
            if (!(*at++ & 0x80))
                break;
        }
        if (head & 1) {
            for (uint64_t i = 0; i < head / 2 * 8; i++) {
                unsigned value = 0;
                for (unsigned bit = 0; bit < width; bit++) {
                    uint64_t place = i * width + bit;
                    value |= (unsigned)(at[place / 8] >> place % 8 & 1) << bit;
                }
                if (count < most)
                    out[count++] = (uint16_t)value;
            }
            at += head / 2 * width;
        } else {
            unsigned value = at[0];
            if (width > 8)
                value |= (unsigned)at[1] << 8;
            at += width > 8 ? 2 : 1;
            for (uint64_t i = 0; i < head / 2 && count < most; i++)
                out[count++] = (uint16_t)value;
        }
    }
    return count;
}

static const unsigned widths[] = { 1, 2, 3, 7, 8, 9, 12, 15, 16 };

START_TEST(what_was_packed_is_found_again)
{
    static uint16_t values[5000];
    static uint16_t found[5000];
    unsigned width = widths[_i];
    unsigned state = 12345;
    for (size_t i = 0; i < 5000; i++) { /* runs of all lengths */
        state = state * 1103515245 + 12345;
        values[i] =
            i && state >> 16 & 7 ? values[i - 1] : (uint16_t)(state >> 8 & ((1U << width) - 1));
    }
    for (size_t count = 0; count < 5000; count += 1 + count / 3) {
        CLEANUP(buffer_clear) struct buffer out = { 0 };
        run_length_write(&out, values, count, width);
        ck_assert_uint_eq(unpack(&out, width, found, count), count);
        ck_assert_mem_eq(found, values, count * sizeof *values);
    }
}
END_TEST

START_TEST(a_width_holds_the_largest_number)
{
    ck_assert_uint_eq(run_length_width(0), 1);
    ck_assert_uint_eq(run_length_width(1), 1);
    ck_assert_uint_eq(run_length_width(2), 2);
    ck_assert_uint_eq(run_length_width(255), 8);
    ck_assert_uint_eq(run_length_width(256), 9);
    ck_assert_uint_eq(run_length_width(32766), 15);
}
END_TEST

static const struct test_case cases[] = {
    TEST_EACH(numbers_are_packed_as_Parquet_wants_them, packed),
    TEST_EACH(what_was_packed_is_found_again, widths),
    TEST(a_width_holds_the_largest_number),
};
TEST_MAIN("run_length", cases)
