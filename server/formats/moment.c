#include "moment.h"

#include "number.h"
#include "server/base/clock.h"
#include "wire.h"

#include <string.h>

/* What Postgres can hold: from 4714-11-24 BC to 5874897-12-31, and to 294276-12-31. */
#define FIRST_DAY (-2451545)
#define LAST_DAY 2145031948
#define FIRST_AT INT64_C(-211813488000000000)
#define END_AT INT64_C(9223371331200000000)

#define SECOND_US INT64_C(1000000)
#define MINUTE_US (60 * SECOND_US)
#define HOUR_US (60 * MINUTE_US)

static char *write_pair(char *to, int value)
{
    memcpy(to, number_pairs + (size_t)value * 2, 2);
    return to + 2;
}

static void date_remember(struct moment_date *last, int32_t days)
{
    int year;
    int month;
    int day;
    clock_date(days + WIRE_EPOCH_DAYS, &year, &month, &day);
    last->days = days;
    last->known = true;
    last->before_christ = year < 1;
    if (year < 1)
        year = 1 - year;
    char *to = last->text;
    if (year > 9999) {
        to = number_write_uint64(to, (uint64_t)year);
    } else {
        to = write_pair(to, year / 100);
        to = write_pair(to, year % 100);
    }
    *to++ = '-';
    to = write_pair(to, month);
    *to++ = '-';
    to = write_pair(to, day);
    last->size = (uint8_t)(to - last->text);
}

/* The date without its BC, which stands behind a time. */
static char *write_days(struct moment_date *last, char *to, int32_t days)
{
    if (!last->known || last->days != days)
        date_remember(last, days);
    memcpy(to, last->text,
           sizeof last->text); /* a fixed size is one move; the rest is written over */
    return to + last->size;
}

char *moment_write_date(struct moment_date *last, char *to, int32_t days)
{
    if (days == INT32_MAX)
        return number_write_word(to, "infinity");
    if (days == INT32_MIN)
        return number_write_word(to, "-infinity");
    if (days < FIRST_DAY || days > LAST_DAY)
        return NULL;
    to = write_days(last, to, days);
    return last->before_christ ? number_write_word(to, " BC") : to;
}

/* Microseconds of a day. */
static char *write_time(char *to, int64_t us)
{
    int seconds = (int)(us / SECOND_US);
    int fraction = (int)(us % SECOND_US);
    to = write_pair(to, seconds / 3600);
    *to++ = ':';
    to = write_pair(to, seconds / 60 % 60);
    *to++ = ':';
    to = write_pair(to, seconds % 60);
    if (!fraction)
        return to;
    *to++ = '.';
    to = write_pair(to, fraction / 10000);
    to = write_pair(to, fraction / 100 % 100);
    to = write_pair(to, fraction % 100);
    while (to[-1] == '0')
        to--;
    return to;
}

char *moment_write_time(char *to, int64_t us)
{
    return us < 0 || us > WIRE_DAY_US ? NULL : write_time(to, us);
}

char *moment_write_timestamp(struct moment_date *last, char *to, int64_t at)
{
    if (at == INT64_MAX)
        return number_write_word(to, "infinity");
    if (at == INT64_MIN)
        return number_write_word(to, "-infinity");
    if (at < FIRST_AT || at >= END_AT)
        return NULL;
    int64_t days = at / WIRE_DAY_US - (at % WIRE_DAY_US < 0);
    to = write_days(last, to, (int32_t)days);
    *to++ = 'T';
    to = write_time(to, at - days * WIRE_DAY_US);
    *to++ = 'Z';
    return last->before_christ ? number_write_word(to, " BC") : to;
}

/* Two digits at a place, or -1. */
static int read_pair(const char *at)
{
    unsigned tens = (unsigned)(unsigned char)at[0] - '0';
    unsigned ones = (unsigned)(unsigned char)at[1] - '0';
    return tens > 9 || ones > 9 ? -1 : (int)(tens * 10 + ones);
}

const char *moment_read_date(const char *text, size_t size, int32_t *out_days)
{
    if (size != 10 || text[4] != '-' || text[7] != '-')
        return "is no date as YYYY-MM-DD";
    int century = read_pair(text);
    int year = read_pair(text + 2);
    int month = read_pair(text + 5);
    int day = read_pair(text + 8);
    if (century < 0 || year < 0 || month < 0 || day < 0)
        return "is no date as YYYY-MM-DD";
    year += century * 100;
    if (!clock_is_date(year, month, day))
        return "is not in the calendar";
    *out_days = clock_days(year, month, day) - WIRE_EPOCH_DAYS;
    return NULL;
}

/* Microseconds of a fraction, without its point. More than six digits only where they are zeros. */
static const char *read_fraction(const char *text, size_t size, int64_t *out_us)
{
    int64_t us = 0;
    for (size_t i = 0; i < size; i++) {
        unsigned digit = (unsigned)(unsigned char)text[i] - '0';
        if (digit > 9)
            return "has no digits behind its point";
        if (i >= 6 && digit)
            return "is finer than microseconds (six digits behind the point)";
        if (i < 6)
            us = us * 10 + digit;
    }
    for (size_t i = size; i < 6; i++)
        us *= 10;
    *out_us = us;
    return size ? NULL : "has no digits behind its point";
}

const char *moment_read_time(const char *text, size_t size, int64_t *out_us)
{
    if (size < 8 || text[2] != ':' || text[5] != ':' || (size > 8 && text[8] != '.'))
        return "is no time as HH:MM:SS";
    int hour = read_pair(text);
    int minute = read_pair(text + 3);
    int second = read_pair(text + 6);
    if (hour < 0 || minute < 0 || second < 0)
        return "is no time as HH:MM:SS";
    int64_t fraction = 0;
    const char *wrong = size > 8 ? read_fraction(text + 9, size - 9, &fraction) : NULL;
    if (wrong)
        return wrong;
    int64_t us = hour * HOUR_US + minute * MINUTE_US + second * SECOND_US + fraction;
    if (minute > 59 || second > 59 || us > WIRE_DAY_US)
        return "is no time of a day (hours to 23, minutes and seconds to 59)";
    *out_us = us;
    return NULL;
}

/* Where the offset begins, from its end: Z, or a sign behind the time. Gives size when there is
 * none. */
static size_t offset_start(const char *text, size_t size)
{
    size_t i = 11;
    while (i < size && (text[i] == ':' || text[i] == '.' || (text[i] >= '0' && text[i] <= '9')))
        i++;
    return i;
}

/* Microseconds east of UTC. */
static bool read_offset(const char *text, size_t size, int64_t *out_us)
{
    *out_us = 0;
    if (size == 1)
        return *text == 'Z' || *text == 'z';
    if (size < 3 || (*text != '+' && *text != '-'))
        return false;
    int hour = read_pair(text + 1);
    int minute = 0;
    if (size == 6 && text[3] == ':')
        minute = read_pair(text + 4);
    else if (size == 5)
        minute = read_pair(text + 3);
    else if (size != 3)
        return false;
    if (hour < 0 || hour > 15 || minute < 0 || minute > 59)
        return false;
    int64_t us = hour * HOUR_US + minute * MINUTE_US;
    *out_us = *text == '-' ? -us : us;
    return true;
}

const char *moment_read_timestamp(const char *text, size_t size, int64_t *out_at)
{
    static const char shape[] = "is no timestamp as 2026-11-20T17:31:04Z";
    int32_t days;
    int64_t us;
    int64_t offset;
    if (size < 19 || (text[10] != 'T' && text[10] != 't' && text[10] != ' '))
        return shape;
    const char *wrong = moment_read_date(text, 10, &days);
    if (wrong)
        return wrong;
    size_t start = offset_start(text, size);
    wrong = moment_read_time(text + 11, start - 11, &us);
    if (wrong)
        return wrong;
    if (start == size)
        return "has no offset from UTC: add Z, or an offset like +02:00";
    if (!read_offset(text + start, size - start, &offset))
        return "has no offset from UTC as Z or +02:00 behind its time";
    if (us == WIRE_DAY_US)
        return "is no time of a day (hours to 23, minutes and seconds to 59)";
    /* an offset must not carry it out of the years that dates may have */
    int64_t at = days * WIRE_DAY_US + us - offset;
    const int64_t first = (clock_days(1, 1, 1) - WIRE_EPOCH_DAYS) * WIRE_DAY_US;
    const int64_t last = (clock_days(10000, 1, 1) - WIRE_EPOCH_DAYS) * WIRE_DAY_US;
    if (at < first || at >= last)
        return "is outside the years 1 to 9999 in UTC";
    *out_at = at;
    return NULL;
}
