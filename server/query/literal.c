#include "literal.h"

#include "number.h"
#include "server/base/clock.h"
#include "server/base/text.h"

#include <assert.h>

#define SECOND INT64_C(1000000)
#define DAY (86400 * SECOND)

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_hex(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static int two_digits(const char *text)
{
    return (text[0] - '0') * 10 + text[1] - '0';
}

/* Does text follow a picture? 0 stands for a digit, x for a hexadecimal one, the rest for itself.
 */
static bool follows(const char *text, const char *picture)
{
    for (; *picture; text++, picture++)
        if (*picture == '0'   ? !is_digit(*text)
            : *picture == 'x' ? !is_hex(*text)
                              : *text != *picture)
            return false;
    return true;
}

/* The lengths of what begins text; 0: it does not. */

static size_t uuid_scan(const char *text)
{
    return follows(text, "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx") ? 36 : 0;
}

static size_t date_scan(const char *text)
{
    size_t at = text[0] == '-';
    size_t digits = 0;
    while (is_digit(text[at + digits]))
        digits++;
    return digits >= 4 && follows(text + at + digits, "-00-00") ? at + digits + 6 : 0;
}

static size_t time_scan(const char *text)
{
    if (!follows(text, "00:00"))
        return 0;
    if (!follows(text + 5, ":00"))
        return 5;
    size_t fraction = 0;
    if (text[8] == '.')
        while (is_digit(text[9 + fraction]))
            fraction++;
    return fraction ? 9 + fraction : 8;
}

static size_t zone_scan(const char *text)
{
    if (*text == 'Z' || *text == 'z')
        return 1;
    return (*text == '+' || *text == '-') && follows(text + 1, "00:00") ? 6 : 0;
}

size_t literal_scan(const char *text, enum value_type *out_type)
{
    size_t size = uuid_scan(text);
    *out_type = VALUE_UUID;
    if (size)
        return size;
    if ((size = date_scan(text))) {
        size_t time = text[size] == 'T' || text[size] == 't' ? time_scan(text + size + 1) : 0;
        *out_type = time ? VALUE_TIMESTAMP : VALUE_DATE;
        return time ? size + 1 + time + zone_scan(text + size + 1 + time) : size;
    }
    *out_type = VALUE_TIME;
    if ((size = time_scan(text)))
        return size;
    bool whole = false;
    size = number_scan(text, &whole);
    *out_type = whole ? VALUE_INTEGER : VALUE_DECIMAL;
    return size;
}

static bool date_read(const char *text, size_t size, int64_t *out_days)
{
    if (date_scan(text) != size || size != 10)
        return false;
    int year = two_digits(text) * 100 + two_digits(text + 2);
    int month = two_digits(text + 5);
    int day = two_digits(text + 8);
    if (!clock_is_date(year, month, day))
        return false;
    *out_days = clock_days(year, month, day);
    return true;
}

/* What is finer than a microsecond is cut: no stored value is that fine, and clients that count in
 * 100 ns send seven digits. */
static bool time_read(const char *text, size_t size, int64_t *out_of_day)
{
    if (time_scan(text) != size)
        return false;
    int hour = two_digits(text);
    int minute = two_digits(text + 3);
    int second = size > 5 ? two_digits(text + 6) : 0;
    if (hour > 23 || minute > 59 || second > 60) /* 60: a leap second */
        return false;
    int64_t fraction = 0;
    int64_t unit = SECOND;
    for (size_t i = 9; i < size && unit > 1; i++)
        fraction += (text[i] - '0') * (unit /= 10);
    *out_of_day = ((hour * INT64_C(60) + minute) * 60 + second) * SECOND + fraction;
    return true;
}

static bool zone_read(const char *text, size_t size, int64_t *out_offset)
{
    *out_offset = 0;
    if (size == 1)
        return true;
    int hour = two_digits(text + 1);
    int minute = two_digits(text + 4);
    if (hour > 15 || minute > 59) /* Postgres knows no larger offset */
        return false;
    int64_t offset = (hour * INT64_C(60) + minute) * 60 * SECOND;
    *out_offset = text[0] == '-' ? -offset : offset;
    return true;
}

static bool timestamp_read(const char *text, size_t size, int64_t *out_at)
{
    int64_t days, of_day, offset;
    size_t time = size > 11 ? time_scan(text + 11) : 0;
    size_t zone = time ? zone_scan(text + 11 + time) : 0;
    if (!zone || 11 + time + zone != size || (text[10] != 'T' && text[10] != 't'))
        return false;
    if (!date_read(text, 10, &days) || !time_read(text + 11, time, &of_day)
        || !zone_read(text + 11 + time, zone, &offset))
        return false;
    int64_t at = days * DAY + of_day - offset;
    if (at < clock_days(1, 1, 1) * DAY || at >= (clock_days(9999, 12, 31) + 1) * DAY)
        return false;
    *out_at = at;
    return true;
}

/* 12 or 12.5 in front of a unit: whole units, and microseconds of the fraction of a second. */
static bool amount_read(const char **text, const char *end, int64_t *out_whole,
                        int64_t *out_fraction, bool *out_has_fraction)
{
    const char *at = *text;
    int64_t whole = 0, fraction = 0, unit = SECOND;
    for (; at < end && is_digit(*at); at++)
        if (__builtin_mul_overflow(whole, 10, &whole)
            || __builtin_add_overflow(whole, *at - '0', &whole))
            return false;
    bool has_fraction = at < end && *at == '.';
    const char *point = at;
    if (has_fraction)
        for (at++; at < end && is_digit(*at); at++)
            if (unit > 1)
                fraction += (*at - '0') * (unit /= 10);
    bool good = point > *text && (!has_fraction || at > point + 1) && at < end;
    *text = at;
    *out_whole = whole;
    *out_fraction = fraction;
    *out_has_fraction = has_fraction;
    return good;
}

/* [-]P[nD][T[nH][nM][n[.n]S]]: at least one of them, and one behind a T. */
static bool duration_read(const char *text, size_t size, int64_t *out_span)
{
    static const int64_t spans[] = { DAY, 3600 * SECOND, 60 * SECOND, SECOND };
    static const char units[] = "DHMS";
    const char *end = text + size;
    bool negative = text < end && *text == '-';
    text += negative;
    if (text == end || (*text++ & ~0x20) != 'P')
        return false;
    int64_t span = 0;
    size_t next = 0; /* units come in order, each once */
    bool time = false, complete = false;
    while (text < end) {
        if (!time && (*text & ~0x20) == 'T') {
            time = true;
            complete = false;
            text++;
            continue;
        }
        int64_t whole, fraction, part;
        bool has_fraction;
        if (!amount_read(&text, end, &whole, &fraction, &has_fraction))
            return false;
        while (units[next] && units[next] != (*text & ~0x20))
            next++;
        if (!units[next] || (next > 0) != time || (has_fraction && units[next] != 'S')
            || __builtin_mul_overflow(whole, spans[next], &part)
            || __builtin_add_overflow(span, part, &span)
            || __builtin_add_overflow(span, fraction, &span))
            return false;
        next++;
        text++;
        complete = true;
    }
    *out_span = negative ? -span : span;
    return complete;
}

static bool bytes_read(struct arena *arena, const char *text, size_t size, struct db_bytes *out)
{
    if (size % 4 == 0) /* padding is optional, but only as much as it needs */
        for (int i = 0; i < 2 && size && text[size - 1] == '='; i++)
            size--;
    unsigned char *data;
    size_t data_size;
    if (!text_from_base64url(arena, text, size, &data, &data_size))
        return false;
    *out = (struct db_bytes){ data, data_size };
    return true;
}

static bool uuid_read(struct arena *arena, const char *text, size_t size, const char **out)
{
    if (size != 36 || !uuid_scan(text))
        return false;
    char *lower = arena_copy(arena, text, size);
    for (char *c = lower; *c; c++)
        if (*c >= 'A' && *c <= 'F')
            *c = (char)(*c | 0x20);
    *out = lower;
    return true;
}

static const char *const reasons[] = {
    [VALUE_BOOL] = "a boolean is true or false",
    [VALUE_DATE] = "a date is written 2026-11-20, in the years 0001 to 9999",
    [VALUE_TIME] = "a time is written 17:31:04.5, from 00:00 to 23:59:59.999999",
    [VALUE_TIMESTAMP] = "a timestamp is written 2026-11-20T17:31:04Z, or with +01:00 for Z",
    [VALUE_DURATION] = "a duration is written P1DT2H30M4.5S",
    [VALUE_UUID] = "a uuid is written as 8-4-4-4-12 hexadecimal digits",
    [VALUE_BYTES] = "bytes are written in base64url",
};

bool literal_read(struct arena *arena, enum value_type type, const char *text, size_t size,
                  struct value *out_value, const char **out_reason)
{
    struct value value = { .type = type };
    bool good = false;
    switch (type) {
    case VALUE_INTEGER:
    case VALUE_DECIMAL:
    case VALUE_DOUBLE:
        return number_read(arena, text, size, out_value, out_reason);
    case VALUE_BOOL: {
        const char *word = size < 6 ? arena_copy(arena, text, size) : "";
        value.boolean = text_equal_caseless(word, "true");
        good = value.boolean || text_equal_caseless(word, "false");
        break;
    }
    case VALUE_DATE:
        good = date_read(text, size, &value.integer);
        break;
    case VALUE_TIME:
        good = time_read(text, size, &value.integer) && value.integer < DAY;
        break;
    case VALUE_TIMESTAMP:
        good = timestamp_read(text, size, &value.integer);
        break;
    case VALUE_DURATION:
        good = duration_read(text, size, &value.integer);
        break;
    case VALUE_UUID:
        good = uuid_read(arena, text, size, &value.text);
        break;
    case VALUE_BYTES:
        good = bytes_read(arena, text, size, &value.bytes);
        break;
    default:
        assert(false && "a type that is written as a literal");
    }
    if (good)
        *out_value = value;
    else
        *out_reason = reasons[type];
    return good;
}

const char *literal_unquote(struct arena *arena, const char *text, size_t size, size_t *out_size)
{
    char *out = arena_alloc(arena, size + 1);
    char *to = out;
    for (size_t i = 0; i < size; i++) {
        *to++ = text[i];
        if (text[i] == '\'')
            i++;
    }
    *out_size = (size_t)(to - out);
    return out;
}
