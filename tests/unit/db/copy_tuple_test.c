#include "server/db/copy_tuple.h"
#include "tests/unit/test.h"

#include <string.h>

#define SIGNATURE "PGCOPY\n\377\r\n\0"

static const struct {
    const char *data;
    size_t size;
    size_t header;
} headers[] = {
    { SIGNATURE "\0\0\0\0\0\0\0\0", 19, 19 },
    { SIGNATURE "\0\0\0\0\0\0\0\2ab\0\1", 23, 21 }, /* an extension of two bytes */
    { SIGNATURE "\0\0\0\0\0\0\0\3ab", 21, 0 },      /* which is cut */
    { SIGNATURE "\0\0\0\0\0\0\0", 18, 0 },
    { "PGCOPY\n\377\r\r\0\0\0\0\0\0\0\0\0", 19, 0 },
    { "", 0, 0 },
};

START_TEST(a_header_is_known_by_its_signature)
{
    ck_assert_uint_eq(copy_header_size(headers[_i].data, headers[_i].size), headers[_i].header);
}
END_TEST

static const struct {
    const char *data;
    size_t size;
    int count;
} counts[] = {
    { "\0\0", 2, 0 }, { "\0\7", 2, 7 }, { "\377\377", 2, -1 }, { "\0", 1, -1 }, { "", 0, -1 },
};

START_TEST(a_tuple_tells_how_many_values_it_has)
{
    ck_assert_int_eq(copy_tuple_count(counts[_i].data, counts[_i].size), counts[_i].count);
}
END_TEST

static const char tuple[] = "\0\3"
                            "\0\0\0\2ab"
                            "\377\377\377\377"
                            "\0\0\0\0";
enum { TUPLE_BYTES = sizeof tuple - 1 };

START_TEST(values_are_where_they_are_in_the_tuple)
{
    struct db_value values[3];
    ck_assert(copy_tuple_values(tuple, TUPLE_BYTES, 3, values));
    ck_assert_int_eq(values[0].size, 2);
    ck_assert_ptr_eq(values[0].data, tuple + 6);
    ck_assert_int_eq(values[1].size, -1);
    ck_assert_int_eq(values[2].size, 0);
}
END_TEST

START_TEST(a_tuple_that_is_cut_or_too_long_is_refused)
{
    char bytes[TUPLE_BYTES + 1] = { 0 };
    struct db_value values[3];
    memcpy(bytes, tuple, TUPLE_BYTES);
    for (size_t size = sizeof(uint16_t); size <= sizeof bytes; size++)
        ck_assert_int_eq(copy_tuple_values(bytes, size, 3, values), size == TUPLE_BYTES);
}
END_TEST

static const struct test_case cases[] = {
    TEST_EACH(a_header_is_known_by_its_signature, headers),
    TEST_EACH(a_tuple_tells_how_many_values_it_has, counts),
    TEST(values_are_where_they_are_in_the_tuple),
    TEST(a_tuple_that_is_cut_or_too_long_is_refused),
};
TEST_MAIN("copy_tuple", cases)
