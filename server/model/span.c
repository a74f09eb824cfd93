#include "span.h"

#include "shape.h"

#include "server/base/clock.h"
#include "server/base/text.h"

#include <ctype.h>
#include <string.h>

#define SECOND_US INT64_C(1000000)
#define DAY_SECONDS INT64_C(86400)
#define MOST 1000000 /* of any unit */

static const struct {
    const char *name; /* also with an s behind it */
    struct span span;
} units[] = {
    { "second", { .seconds = 1 } },  { "minute", { .seconds = 60 } },
    { "hour", { .seconds = 3600 } }, { "day", { .days = 1 } },
    { "week", { .days = 7 } },       { "month", { .months = 1 } },
    { "year", { .months = 12 } },
};

static void add(struct span *span, int64_t number, const struct span *unit)
{
    span->months += number * unit->months;
    span->days += number * unit->days;
    span->seconds += number * unit->seconds;
}

/* "2 weeks" */
static bool take_words(struct arena *arena, const char *text, struct span *span)
{
    char **words = text_split(arena, text, " ");
    int64_t number;
    if (!words[0] || !words[1] || words[2] || !text_to_int64(words[0], &number) || number < 0
        || number > MOST)
        return false;
    for (size_t i = 0; i < COUNT(units); i++) {
        size_t size = strlen(units[i].name);
        if (strncmp(words[1], units[i].name, size) == 0
            && (!words[1][size] || strcmp(words[1] + size, "s") == 0)) {
            add(span, number, &units[i].span);
            return true;
        }
    }
    return false;
}

/* Numbers with their letters, each letter at most once and in their order. */
static bool take_letters(const char **text, const char *letters, const struct span *units_of,
                         struct span *span, bool *out_any)
{
    const char *left = letters;
    *out_any = false;
    while (isdigit((unsigned char)**text)) {
        int64_t number = 0;
        for (; isdigit((unsigned char)**text); ++*text)
            if ((number = number * 10 + (**text - '0')) > MOST)
                return false;
        const char *letter = **text ? strchr(left, **text) : NULL;
        if (!letter)
            return false;
        add(span, number, &units_of[letter - letters]);
        left = letter + 1;
        *out_any = true;
        ++*text;
    }
    return true;
}

/* P1Y2M3W4DT5H6M7S */
static bool take_iso(const char *text, struct span *span)
{
    static const struct span dates[] = {
        { .months = 12 }, { .months = 1 }, { .days = 7 }, { .days = 1 }
    };
    static const struct span times[] = { { .seconds = 3600 }, { .seconds = 60 }, { .seconds = 1 } };
    bool any_date;
    bool any_time = false;
    if (*text++ != 'P' || !take_letters(&text, "YMWD", dates, span, &any_date))
        return false;
    if (*text == 'T') {
        text++;
        if (!take_letters(&text, "HMS", times, span, &any_time) || !any_time)
            return false;
    }
    return !*text && (any_date || any_time);
}

bool span_parse(struct arena *arena, const char *text, struct span *out_span)
{
    struct span span = { 0 };
    bool read = *text == 'P' ? take_iso(text, &span) : take_words(arena, text, &span);
    if (!read || (!span.months && !span.days && !span.seconds))
        return false;
    *out_span = span;
    return true;
}

/* The number of digits that are known to stand there. */
static int digits(const char *text, size_t count)
{
    int number = 0;
    for (size_t i = 0; i < count; i++)
        number = number * 10 + (text[i] - '0');
    return number;
}

/* Seconds since 1970 of the beginning of 2026-11-20. */
static int64_t date_seconds(const char *text)
{
    return clock_days(digits(text, 4), digits(text + 5, 2), digits(text + 8, 2)) * DAY_SECONDS;
}

/* Seconds of 17:31, a time of the day or an offset. */
static int64_t minute_seconds(const char *text)
{
    return digits(text, 2) * 3600 + digits(text + 3, 2) * 60;
}

bool span_read_date(const char *text, int64_t *out_at)
{
    if (!shape_is_date(text))
        return false;
    *out_at = date_seconds(text) * SECOND_US;
    return true;
}

bool span_read_instant(const char *text, int64_t *out_at)
{
    if (!shape_is_instant(text))
        return false;
    const char *at = text + strlen("2026-11-20T17:31:04");
    int64_t fraction_us = 0;
    if (*at == '.') {
        int64_t scale = SECOND_US / 10;
        for (at++; isdigit((unsigned char)*at); at++, scale /= 10)
            fraction_us += (*at - '0') * scale;
    }
    int64_t offset = *at == '+' ? minute_seconds(at + 1) : *at == '-' ? -minute_seconds(at + 1) : 0;
    int64_t seconds =
        date_seconds(text) + minute_seconds(text + 11) + digits(text + 17, 2) - offset;
    *out_at = seconds * SECOND_US + fraction_us;
    return true;
}

/* The same day of a later month, or its last one. */
static bool add_months(int32_t day, int64_t months, int32_t *out_day)
{
    int year, month, date;
    clock_date(day, &year, &month, &date);
    int64_t all = (int64_t)year * 12 + month - 1 + months;
    if (all / 12 > 9999)
        return false;
    year = (int)(all / 12);
    month = (int)(all % 12) + 1;
    while (!clock_is_date(year, month, date))
        date--;
    *out_day = clock_days(year, month, date);
    return true;
}

bool span_after(const struct span *span, int64_t first_at, int64_t times, int64_t *out_at)
{
    const int64_t day_us = DAY_SECONDS * SECOND_US;
    int64_t day = first_at / day_us - (first_at % day_us < 0);
    int64_t rest_us = first_at - day * day_us;
    int32_t moved;
    /* nothing here comes near to 2^63: spans and times are bounded, and so are years */
    if (times > MOST || !add_months((int32_t)day, span->months * times, &moved))
        return false;
    int64_t later = moved + span->days * times + span->seconds / DAY_SECONDS * times;
    if (later > clock_days(9999, 12, 31))
        return false;
    int64_t at = later * day_us + rest_us + span->seconds % DAY_SECONDS * times * SECOND_US;
    if (at >= (clock_days(9999, 12, 31) + INT64_C(1)) * day_us)
        return false;
    *out_at = at;
    return true;
}
