#include "server/formats/scan.h"
#include "tests/unit/test.h"

/* Blocks with every byte value at every place, between bytes that come close to those looked for.
 */
static void fill(char *block, unsigned char byte, int place)
{
    static const char near[] = "!#[]+-\x1f \x80\xa2\xff\x7f\"\\,\n";
    memcpy(block, near, SCAN_BLOCK);
    block[place] = (char)byte;
}

START_TEST(both_ways_of_scanning_see_the_same)
{
    for (int place = 0; place < SCAN_BLOCK; place++)
        for (int byte = 0; byte < 256; byte++) {
            char block[SCAN_BLOCK];
            fill(block, (unsigned char)byte, place);
            ck_assert_uint_eq(scan_json(block), scan_json_portable(block));
            ck_assert_uint_eq(scan_high(block), scan_high_portable(block));
            ck_assert_uint_eq(scan_any(block, '"', ',', '\n', (char)byte),
                              scan_any_portable(block, '"', ',', '\n', (char)byte));
        }
}
END_TEST

START_TEST(a_mask_has_a_bit_per_byte)
{
    ck_assert_uint_eq(scan_any_portable("a,b\"c\nd\re.......", ',', '"', '\n', '\r'), 0xaa);
    ck_assert_uint_eq(scan_json_portable("a\"\\\x1f \x7f\x80.......\t\0"), 0xc00e);
    ck_assert_uint_eq(scan_high_portable("\x80......\xff\x7f......."), 0x81);
}
END_TEST

static const struct test_case cases[] = {
    TEST(both_ways_of_scanning_see_the_same),
    TEST(a_mask_has_a_bit_per_byte),
};
TEST_MAIN("scan", cases)
