#include "clock.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static int64_t clock_read_us(clockid_t clock)
{
    struct timespec now;
    int failed = clock_gettime(clock, &now);
    assert(!failed);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t clock_now(void)
{
    return clock_read_us(CLOCK_REALTIME);
}

int64_t clock_monotonic_us(void)
{
    return clock_read_us(CLOCK_MONOTONIC);
}

struct timespec clock_monotonic_in(int64_t ms)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_MONOTONIC, &until); /* cannot fail with this clock */
    until.tv_sec += ms / 1000;
    until.tv_nsec += ms % 1000 * 1000000;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    return until;
}

int64_t clock_monotonic_ms(void)
{
    return clock_monotonic_us() / 1000;
}

/* Days from the civil calendar: eras of 400 years, years that begin in March. */
int32_t clock_days(int year, int month, int day)
{
    int y = month <= 2 ? year - 1 : year;
    int era = (y >= 0 ? y : y - 399) / 400;
    int year_of_era = y - era * 400;
    int day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

void clock_date(int32_t days, int *out_year, int *out_month, int *out_day)
{
    int64_t shifted = (int64_t)days + 719468;
    int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
    int day_of_era = (int)(shifted - era * 146097);
    int year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int month = (5 * day_of_year + 2) / 153;
    *out_day = day_of_year - (153 * month + 2) / 5 + 1;
    *out_month = month < 10 ? month + 3 : month - 9;
    *out_year = (int)(year_of_era + era * 400) + (*out_month <= 2);
}

bool clock_is_date(int year, int month, int day)
{
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1)
        return false;
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return day <= days[month - 1] + (month == 2 && leap);
}

/* Split an instant into whole days and the microseconds of the day. */
static int32_t split_days(int64_t at, int64_t *out_us_of_day)
{
    const int64_t day_us = INT64_C(86400000000);
    int64_t days = at / day_us - (at % day_us < 0);
    *out_us_of_day = at - days * day_us;
    return (int32_t)days;
}

char *clock_text(struct arena *arena, int64_t at)
{
    int64_t us;
    int year;
    int month;
    int day;
    clock_date(split_days(at, &us), &year, &month, &day);
    int seconds = (int)(us / 1000000);
    char fraction[16];
    (void)snprintf(fraction, sizeof fraction, ".%06d", (int)(us % 1000000)); /* always 7 bytes */
    char *end = fraction + strlen(fraction);
    while (end > fraction + 1 && end[-1] == '0')
        end--;
    if (end == fraction + 1) /* the point alone */
        end = fraction;
    *end = '\0';
    return arena_print(arena, "%04d-%02d-%02dT%02d:%02d:%02d%sZ", year, month, day, seconds / 3600,
                       seconds / 60 % 60, seconds % 60, fraction);
}

static void put_two(char *out, int number)
{
    out[0] = (char)('0' + number / 10);
    out[1] = (char)('0' + number % 10);
}

/* By hand: most answers have one. */
char *clock_http_text(struct arena *arena, int64_t at)
{
    static const char days_of_week[][4] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
    static const char months[][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
    int64_t us;
    int year;
    int month;
    int day;
    int32_t days = split_days(at, &us);
    clock_date(days, &year, &month, &day);
    int seconds = (int)(us / 1000000);
    int weekday = (days % 7 + 7 + 4) % 7;                            /* 1970-01-01 was a Thursday */
    char *text = arena_text(arena, "Www, DD Mmm YYYY HH:MM:SS GMT"); /* a year has four digits */
    memcpy(text, days_of_week[weekday], 3);
    put_two(text + 5, day);
    memcpy(text + 8, months[month - 1], 3);
    put_two(text + 12, year / 100 % 100);
    put_two(text + 14, year % 100);
    put_two(text + 17, seconds / 3600);
    put_two(text + 20, seconds / 60 % 60);
    put_two(text + 23, seconds % 60);
    return text;
}
