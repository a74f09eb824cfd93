#include "server/base/clock.h"
#include "tests/unit/test.h"

static const struct {
    int64_t at;
    const char *text;
    const char *http;
} instants[] = {
    { 0, "1970-01-01T00:00:00Z", "Thu, 01 Jan 1970 00:00:00 GMT" },
    { INT64_C(1795195864123456), "2026-11-20T17:31:04.123456Z", "Fri, 20 Nov 2026 17:31:04 GMT" },
    { INT64_C(1795195864500000), "2026-11-20T17:31:04.5Z", "Fri, 20 Nov 2026 17:31:04 GMT" },
    { -1, "1969-12-31T23:59:59.999999Z", "Wed, 31 Dec 1969 23:59:59 GMT" },
    { INT64_C(951782400000000), "2000-02-29T00:00:00Z", "Tue, 29 Feb 2000 00:00:00 GMT" },
};

START_TEST(an_instant_is_written_in_both_ways)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(256);
    ck_assert_str_eq(clock_text(arena, instants[_i].at), instants[_i].text);
    ck_assert_str_eq(clock_http_text(arena, instants[_i].at), instants[_i].http);
}
END_TEST

START_TEST(days_and_dates_agree_over_many_centuries)
{
    int32_t last = clock_days(1, 1, 1) - 1;
    for (int32_t days = last + 1; days <= clock_days(9999, 12, 31); days++) {
        int year;
        int month;
        int day;
        clock_date(days, &year, &month, &day);
        /* millions of turns: Check writes down each assertion it passes */
        if (!clock_is_date(year, month, day) || clock_days(year, month, day) != days)
            ck_abort_msg("day %d is %d-%d-%d", days, year, month, day);
    }
}
END_TEST

static const struct {
    int year, month, day;
    bool date;
} dates[] = {
    { 2024, 2, 29, true },  { 2023, 2, 29, false }, { 1900, 2, 29, false }, { 2000, 2, 29, true },
    { 2026, 4, 31, false }, { 2026, 0, 1, false },  { 2026, 13, 1, false }, { 2026, 1, 0, false },
    { 0, 1, 1, false },     { 10000, 1, 1, false }, { 9999, 12, 31, true },
};

START_TEST(the_calendar_is_known)
{
    ck_assert_int_eq(clock_is_date(dates[_i].year, dates[_i].month, dates[_i].day), dates[_i].date);
}
END_TEST

START_TEST(the_monotonic_clock_does_not_go_back)
{
    int64_t before = clock_monotonic_us();
    ck_assert_int_ge(clock_monotonic_us(), before);
    ck_assert_int_ge(clock_monotonic_ms(), before / 1000);
    ck_assert_int_gt(clock_now(), INT64_C(1600000000000000));
}
END_TEST

static const int64_t spans_ms[] = { 0, 1, 999, 1000, 123456 };

START_TEST(a_time_to_come_is_told_as_waits_take_it)
{
    int64_t before_us = clock_monotonic_us();
    const struct timespec until = clock_monotonic_in(spans_ms[_i]);
    int64_t after_us = clock_monotonic_us();
    ck_assert_int_ge(until.tv_nsec, 0);
    ck_assert_int_lt(until.tv_nsec, 1000000000);
    int64_t until_us = (int64_t)until.tv_sec * 1000000 + until.tv_nsec / 1000;
    ck_assert_int_ge(until_us, before_us + spans_ms[_i] * 1000);
    ck_assert_int_le(until_us, after_us + spans_ms[_i] * 1000);
}
END_TEST

static const struct test_case cases[] = {
    TEST_EACH(an_instant_is_written_in_both_ways, instants),
    TEST(days_and_dates_agree_over_many_centuries),
    TEST_EACH(the_calendar_is_known, dates),
    TEST(the_monotonic_clock_does_not_go_back),
    TEST_EACH(a_time_to_come_is_told_as_waits_take_it, spans_ms),
};
TEST_MAIN("clock", cases)
