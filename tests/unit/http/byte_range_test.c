#include "server/http/byte_range.h"
#include "tests/unit/test.h"

#define SIZE 1000

static const struct {
    const char *text;
    int64_t first;
    int64_t count;
} parts[] = {
    { "bytes=0-0", 0, 1 },
    { "bytes=0-499", 0, 500 },
    { "bytes=500-999", 500, 500 },
    { "bytes=999-999", 999, 1 },
    { "bytes=0-", 0, 1000 },
    { "bytes=9-", 9, 991 },
    { "bytes=-1", 999, 1 },
    { "bytes=-1000", 0, 1000 },
    /* more than there is: as much as there is */
    { "bytes=-1001", 0, 1000 },
    { "bytes=990-1000", 990, 10 },
    { "bytes=990-99999999999999999999999999", 990, 10 },
    { "bytes=-99999999999999999999999999", 0, 1000 },
    /* as the grammar of lists and units lets it be written */
    { "Bytes=0-1", 0, 2 },
    { "bytes= 0-1 ", 0, 2 },
    { "bytes=,, 0-1\t,", 0, 2 },
    { "bytes=000-0001", 0, 2 },
};

START_TEST(one_range_is_a_part)
{
    struct byte_range range = byte_range_read(parts[_i].text, SIZE);
    ck_assert_int_eq(range.kind, BYTE_RANGE_PART);
    ck_assert_int_eq(range.first, parts[_i].first);
    ck_assert_int_eq(range.count, parts[_i].count);
}
END_TEST

static const char *const wholes[] = {
    NULL,
    "",
    "bytes",
    "bytes=",
    "bytes=,",
    "bytes=-",
    "bytes=--1",
    "bytes=a-b",
    "bytes=1",
    "bytes=1-x",
    "bytes=x-1",
    "bytes=2-1",
    "bytes=0x10-20",
    "bytes=+1-2",
    "bytes=1 - 2",
    "bytes=1-2 3-4",
    "bytes=1-2;3-4",
    "bytes=1-2-3",
    "bytes =0-1",
    "rows=0-1",
    "bytes=1000-,x",
    "bytes=1000-,2000-3",
    /* several: the whole */
    "bytes=0-1,5-6",
    "bytes=0-0,-1",
    "bytes=0-,0-,0-,0-,0-,0-,0-,0-",
    "bytes=0-1,2000-",
};

START_TEST(what_does_not_count_is_the_whole)
{
    struct byte_range range = byte_range_read(wholes[_i], SIZE);
    ck_assert_int_eq(range.kind, BYTE_RANGE_WHOLE);
    ck_assert_int_eq(range.first, 0);
    ck_assert_int_eq(range.count, SIZE);
}
END_TEST

static const char *const beyonds[] = {
    "bytes=1000-", "bytes=1000-1000",    "bytes=99999999999999999999-",
    "bytes=-0",    "bytes=5000-6000,-0",
};

START_TEST(what_is_not_there_is_beyond)
{
    ck_assert_int_eq(byte_range_read(beyonds[_i], SIZE).kind, BYTE_RANGE_BEYOND);
}
END_TEST

START_TEST(nothing_has_no_part)
{
    ck_assert_int_eq(byte_range_read("bytes=0-", 0).kind, BYTE_RANGE_BEYOND);
    ck_assert_int_eq(byte_range_read("bytes=-5", 0).kind, BYTE_RANGE_BEYOND);
    ck_assert_int_eq(byte_range_read(NULL, 0).kind, BYTE_RANGE_WHOLE);
}
END_TEST

static const struct {
    const char *text;
    const char *etag;
    bool is_of;
} conditions[] = {
    { NULL, "abc", true },
    { NULL, NULL, true },
    { "\"abc\"", "abc", true },
    { "\"abd\"", "abc", false },
    { "\"ab\"", "abc", false },
    { "\"abcd\"", "abc", false },
    { "W/\"abc\"", "abc", false },
    { "abc", "abc", false },
    { "\"abc\", \"x\"", "abc", false },
    { "\"abc\"", NULL, false },
    { "\"", "", false },
    { "Fri, 20 Nov 2026 17:31:04 GMT", "abc", false },
};

START_TEST(only_the_same_strong_tag_lets_it_count)
{
    ck_assert(byte_range_is_of(conditions[_i].text, conditions[_i].etag) == conditions[_i].is_of);
}
END_TEST

static const struct test_case cases[] = {
    TEST_EACH(one_range_is_a_part, parts),
    TEST_EACH(what_does_not_count_is_the_whole, wholes),
    TEST_EACH(what_is_not_there_is_beyond, beyonds),
    TEST(nothing_has_no_part),
    TEST_EACH(only_the_same_strong_tag_lets_it_count, conditions),
};
TEST_MAIN("byte_range", cases)
