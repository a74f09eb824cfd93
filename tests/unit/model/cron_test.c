#include "server/base/clock.h"
#include "server/model/cron.h"
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

static struct arena *arena;

static void make_arena(void)
{
    arena = arena_new(16384);
}

static void drop_arena(void)
{
    arena_free(arena);
}

#define HOUR 3600
#define AT(day, hour, minute) (((day)*INT64_C(86400) + (hour)*3600 + (minute)*60) * 1000000)

/* days since 1970 of some changes */
enum {
    D_2011_09_24 = 15241,
    D_2011_12_30 = 15338,
    D_2026_03_08 = 20520,
    D_2026_03_29 = 20541,
    D_2026_04_04 = 20547,
    D_2026_10_03 = 20729,
    D_2026_10_25 = 20751,
    D_2026_11_01 = 20758,
};

static const struct zone_change paris_changes[] = {
    { 0, HOUR },
    { AT(D_2026_03_29, 1, 0), 2 * HOUR },
    { AT(D_2026_10_25, 1, 0), HOUR },
};
static const struct zone_change new_york_changes[] = {
    { 0, -5 * HOUR },
    { AT(D_2026_03_08, 7, 0), -4 * HOUR },
    { AT(D_2026_11_01, 6, 0), -5 * HOUR },
};
/* half an hour back and forth */
static const struct zone_change lord_howe_changes[] = {
    { 0, 11 * HOUR },
    { AT(D_2026_04_04, 15, 0), 10 * HOUR + HOUR / 2 },
    { AT(D_2026_10_03, 15, 30), 11 * HOUR },
};
/* the 30th of December 2011 was left out */
static const struct zone_change apia_changes[] = {
    { 0, -11 * HOUR },
    { AT(D_2011_09_24, 14, 0), -10 * HOUR },
    { AT(D_2011_12_30, 10, 0), 14 * HOUR },
};
static const struct zone paris = { paris_changes, COUNT(paris_changes) };
static const struct zone new_york = { new_york_changes, COUNT(new_york_changes) };
static const struct zone lord_howe = { lord_howe_changes, COUNT(lord_howe_changes) };
static const struct zone apia = { apia_changes, COUNT(apia_changes) };

/* 2026-03-29 01:00, or with seconds, in UTC */
static int64_t instant(const char *text)
{
    int year, month, day, hour, minute, second = 0;
    ck_assert_int_ge(
        sscanf(text, "%d-%d-%d %d:%d:%d", &year, &month, &day, &hour, &minute, &second), 5);
    return AT(clock_days(year, month, day), hour, minute) + second * INT64_C(1000000);
}

/* an expression, a zone, an instant, and the ones after it */
static const struct {
    const char *cron;
    const struct zone *zone;
    const char *after;
    const char *next[4];
} dues[] = {
    /* the calendar */
    { "* * * * *", &zone_utc, "2026-01-01 00:00", { "2026-01-01 00:01", "2026-01-01 00:02" } },
    { "* * * * *", &zone_utc, "2026-01-01 00:00:59", { "2026-01-01 00:01" } },
    { "*/20 * * * *",
      &zone_utc,
      "2026-01-01 00:01",
      { "2026-01-01 00:20", "2026-01-01 00:40", "2026-01-01 01:00" } },
    { "0 6 * * 1-5", &zone_utc, "2026-11-27 06:00", { "2026-11-30 06:00", "2026-12-01 06:00" } },
    { "5-10/2,30 1 * * *",
      &zone_utc,
      "2026-01-01 01:06",
      { "2026-01-01 01:07", "2026-01-01 01:09", "2026-01-01 01:30", "2026-01-02 01:05" } },
    { "0 0 31 * *", &zone_utc, "2026-01-31 00:00", { "2026-03-31 00:00", "2026-05-31 00:00" } },
    { "0 0 29 2 *", &zone_utc, "2024-02-29 00:00", { "2028-02-29 00:00" } },
    { "0 0 29 2 *", &zone_utc, "2096-02-29 00:00", { "2104-02-29 00:00" } },
    { "0 0 29 feb *", &zone_utc, "1896-02-29 00:00", { "1904-02-29 00:00" } },
    { "0 0 2 2 */7", &zone_utc, "2031-02-02 00:00", { "2042-02-02 00:00" } },
    { "0 0 29 2 */7", &zone_utc, "2088-02-29 00:00", { "2128-02-29 00:00" } },
    { "59 23 31 12 *", &zone_utc, "2026-01-01 00:00", { "2026-12-31 23:59" } },
    { "0 12 * JAN,jul Sun", &zone_utc, "2026-01-26 00:00", { "2026-07-05 12:00" } },
    { "0 12 * * 7", &zone_utc, "2026-11-23 00:00", { "2026-11-29 12:00" } },
    { "0 12 * * 0", &zone_utc, "2026-11-23 00:00", { "2026-11-29 12:00" } },
    { "0 12 * * sat-sun",
      &zone_utc,
      "2026-11-23 00:00",
      { "2026-11-28 12:00", "2026-11-29 12:00", "2026-12-05 12:00" } },
    { "@hourly", &zone_utc, "2026-01-01 00:30", { "2026-01-01 01:00" } },
    { "@Daily", &zone_utc, "2026-01-01 00:30", { "2026-01-02 00:00" } },
    { "@midnight", &zone_utc, "2026-01-01 00:30", { "2026-01-02 00:00" } },
    { "@weekly", &zone_utc, "2026-11-23 00:00", { "2026-11-29 00:00" } },
    { "@monthly", &zone_utc, "2026-01-01 00:00", { "2026-02-01 00:00" } },
    { "@yearly", &zone_utc, "2026-01-01 00:00", { "2027-01-01 00:00" } },
    { "@annually", &zone_utc, "1969-06-01 00:00", { "1970-01-01 00:00" } },
    /* both fields of days are given: either; one begins with *: both */
    { "0 0 13 * 5",
      &zone_utc,
      "2026-11-10 00:00",
      { "2026-11-13 00:00", "2026-11-20 00:00", "2026-11-27 00:00", "2026-12-04 00:00" } },
    { "0 0 13 * 5", &zone_utc, "2026-12-11 00:00", { "2026-12-13 00:00" } },
    { "0 0 */2 * 5", &zone_utc, "2026-11-01 00:00", { "2026-11-13 00:00", "2026-11-27 00:00" } },
    /* spring: 02:00 to 03:00 is left out */
    { "30 2 * * *", &paris, "2026-03-28 12:00", { "2026-03-29 01:00", "2026-03-30 00:30" } },
    { "0 2 * * *", &paris, "2026-03-28 12:00", { "2026-03-29 01:00", "2026-03-30 00:00" } },
    { "0 3 * * *", &paris, "2026-03-28 12:00", { "2026-03-29 01:00", "2026-03-30 01:00" } },
    { "0 2,3 * * *", &paris, "2026-03-28 12:00", { "2026-03-29 01:00", "2026-03-30 00:00" } },
    { "* 2 * * *", &paris, "2026-03-29 00:30", { "2026-03-29 01:00", "2026-03-30 00:00" } },
    { "0 */2 * * *", &paris, "2026-03-28 23:00", { "2026-03-29 01:00", "2026-03-29 02:00" } },
    { "30 2 29 3 *", &paris, "2026-03-29 00:59", { "2026-03-29 01:00" } },
    { "30 2 * * *", &paris, "2026-03-29 01:00", { "2026-03-30 00:30" } },
    { "30 * * * *", &paris, "2026-03-29 00:00", { "2026-03-29 00:30", "2026-03-29 01:30" } },
    { "30 2 * * *", &new_york, "2026-03-08 00:00", { "2026-03-08 07:00", "2026-03-09 06:30" } },
    /* autumn: 02:00 to 03:00 comes twice */
    { "30 2 * * *", &paris, "2026-10-24 12:00", { "2026-10-25 00:30", "2026-10-26 01:30" } },
    { "0 3 * * *", &paris, "2026-10-24 12:00", { "2026-10-25 02:00", "2026-10-26 02:00" } },
    { "0,59 2 * * *",
      &paris,
      "2026-10-24 12:00",
      { "2026-10-25 00:00", "2026-10-25 00:59", "2026-10-26 01:00" } },
    { "30 * * * *",
      &paris,
      "2026-10-25 00:00",
      { "2026-10-25 00:30", "2026-10-25 01:30", "2026-10-25 02:30" } },
    { "30 2 * * *", &paris, "2026-10-25 01:00", { "2026-10-26 01:30" } },
    { "30 1 * * *", &new_york, "2026-11-01 00:00", { "2026-11-01 05:30", "2026-11-02 06:30" } },
    /* half an hour */
    { "15 2 * * *", &lord_howe, "2026-10-03 00:00", { "2026-10-03 15:30", "2026-10-04 15:15" } },
    { "45 1 * * *", &lord_howe, "2026-04-04 00:00", { "2026-04-04 14:45", "2026-04-05 15:15" } },
    /* a whole day */
    { "0 6 * * *", &apia, "2011-12-29 17:00", { "2011-12-30 10:00", "2011-12-30 16:00" } },
    { "0 6 30 12 *", &apia, "2011-12-01 00:00", { "2011-12-30 10:00", "2012-12-29 16:00" } },
};

START_TEST(due_times_come_in_their_order)
{
    struct cron cron;
    const char *reason = "";
    ck_assert_msg(cron_parse(arena, dues[_i].cron, &cron, &reason), "%s", reason);
    int64_t at = instant(dues[_i].after);
    for (size_t i = 0; i < 4 && dues[_i].next[i]; i++) {
        ck_assert(cron_next(&cron, dues[_i].zone, at, &at));
        ck_assert_msg(at == instant(dues[_i].next[i]), "%s: %zu. is %s, not %s", dues[_i].cron,
                      i + 1, clock_text(arena, at), dues[_i].next[i]);
    }
}
END_TEST

static const struct {
    const char *cron;
    const char *reason;
} wrong[] = {
    { "", "five fields are needed, not 0" },
    { "* * * *", "five fields are needed, not 4" },
    { "0 0 6 * * 1", "five fields are needed, not 6" },
    { "60 * * * *", "60 is no minute; it is from 0 to 59" },
    { "* 24 * * *", "24 is no hour; it is from 0 to 23" },
    { "* * 0 * *", "0 is no day of the month; it is from 1 to 31" },
    { "* * * 13 *", "13 is no month; it is from 1 to 12, or a name of three letters" },
    { "* * * * 8", "8 is no day of the week" },
    { "* * * june *", "june is no month" },
    { "* * * * tues", "tues is no day of the week" },
    { "jan * * * *", "jan is no minute" },
    { "5-1 * * * *", "the range 5-1 ends before it begins" },
    { "* * * * fri-mon", "the range fri-mon ends before it begins" },
    { "1- * * * *", "the range 1- has no right end" },
    { "-1 * * * *", "-1 is no minute" },
    { "5/10 * * * *", "a step needs * or a range before it: 5-59/10" },
    { "*/0 * * * *", "the step of */0 must be from 1 to 59" },
    { "*/99 * * * *", "the step of */99 must be from 1 to 59" },
    { "*/ * * * *", "the step of */ must be from 1 to 59" },
    { "*/5/2 * * * *", "the step of */5/2 must be from 1 to 59" },
    { "1,,2 * * * *", "there is nothing beside a comma of \"1,,2\"" },
    { ",1 * * * *", "there is nothing beside a comma" },
    { "1, * * * *", "there is nothing beside a comma" },
    { "*5 * * * *", "\"*5\" is not understood in the field of the minute" },
    { "99999999999999999999 * * * *", "is no minute" },
    { "? * * * *", "? is no minute" },
    { "0 0 L * *", "L is no day of the month" },
    { "0 0 1W * *", "\"1W\" is not understood in the field of the day of the month" },
    { "0 0 * * 5#2", "\"5#2\" is not understood" },
    { "@reboot", "\"@reboot\" is not known; @hourly, @daily" },
    { "@every 5m", "is not known" },
    { "0 0 30 2 *", "no month that is named has such a day" },
    { "0 0 31 4,6,9,11 *", "no month that is named has such a day" },
};

START_TEST(a_wrong_expression_is_refused_with_its_reason)
{
    struct cron cron;
    const char *reason = NULL;
    ck_assert(!cron_parse(arena, wrong[_i].cron, &cron, &reason));
    ck_assert_msg(strstr(reason, wrong[_i].reason) != NULL, "%s: %s", wrong[_i].cron, reason);
}
END_TEST

static const struct {
    const char *name;
    bool right;
} zones[] = {
    { "UTC", true },
    { "Europe/Paris", true },
    { "America/Argentina/Ushuaia", true },
    { "Etc/GMT+5", true },
    { "America/Port-au-Prince", true },
    { "", false },
    { "EST", false },
    { "Paris", false },
    { "/Paris", false },
    { "Europe/", false },
    { "Europe/Paris,M3.2.0", false },
    { "Europe/Pa ris", false },
    { "../etc/passwd", false },
    { "Europe/Paris'", false },
};

START_TEST(a_name_of_a_zone_is_told_from_other_text)
{
    ck_assert_int_eq(zone_is_name(zones[_i].name), zones[_i].right);
}
END_TEST

START_TEST(an_hour_every_day_is_365_times_a_year_also_where_clocks_change)
{
    struct cron cron;
    const char *reason;
    int64_t at = instant("2025-12-31 22:59");
    int64_t end = instant("2026-12-31 22:59");
    int count = 0;
    ck_assert(cron_parse(arena, "30 2 * * *", &cron, &reason));
    while (cron_next(&cron, &paris, at, &at) && at <= end)
        count++;
    ck_assert_int_eq(count, 365);
    ck_assert(cron_parse(arena, "30 * * * *", &cron, &reason));
    for (at = instant("2025-12-31 22:59"), count = 0;
         cron_next(&cron, &paris, at, &at) && at <= end;)
        count++;
    ck_assert_int_eq(count, 365 * 24);
}
END_TEST

static const struct test_case cases[] = {
    TEST_EACH(due_times_come_in_their_order, dues),
    TEST_EACH(a_wrong_expression_is_refused_with_its_reason, wrong),
    TEST_EACH(a_name_of_a_zone_is_told_from_other_text, zones),
    TEST(an_hour_every_day_is_365_times_a_year_also_where_clocks_change),
};

int main(void)
{
    return test_run_with("cron", cases, COUNT(cases), make_arena, drop_arena);
}
