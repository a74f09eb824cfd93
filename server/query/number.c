#include "number.h"

#include "server/base/text.h"

#include <math.h>
#include <stdlib.h>

static size_t digits_at(const char *text)
{
    size_t size = 0;
    while (text[size] >= '0' && text[size] <= '9')
        size++;
    return size;
}

size_t number_scan(const char *text, bool *out_whole)
{
    size_t at = text[0] == '-' || text[0] == '+';
    size_t digits = digits_at(text + at);
    if (!digits)
        return 0;
    at += digits;
    bool whole = true;
    if (text[at] == '.' && (digits = digits_at(text + at + 1))) {
        whole = false;
        at += 1 + digits;
    }
    if (text[at] == 'e' || text[at] == 'E') {
        size_t sign = text[at + 1] == '-' || text[at + 1] == '+';
        if ((digits = digits_at(text + at + 1 + sign))) {
            whole = false;
            at += 1 + sign + digits;
        }
    }
    *out_whole = whole;
    return at;
}

/* A number taken apart: digits × 10^exponent. */
struct parts {
    bool negative;
    char *digits; /* without zeros at either end; none: the number is 0 */
    size_t count;
    long exponent;
};

static bool parts_read(struct arena *arena, const char *text, size_t size, struct parts *out)
{
    struct parts parts = { .digits = arena_alloc(arena, size + 1) };
    size_t at = text[0] == '-' || text[0] == '+';
    parts.negative = text[0] == '-';
    bool behind_point = false;
    for (; at < size && text[at] != 'e' && text[at] != 'E'; at++) {
        if (text[at] == '.') {
            behind_point = true;
            continue;
        }
        if (behind_point)
            parts.exponent--;
        if (text[at] != '0' || parts.count)
            parts.digits[parts.count++] = text[at];
    }
    if (at < size) {
        char exponent[12];
        size_t left = size - at - 1;
        if (left >= sizeof exponent)
            return false;
        memcpy(exponent, text + at + 1, left);
        exponent[left] = '\0';
        parts.exponent += strtol(exponent, NULL, 10);
    }
    while (parts.count && parts.digits[parts.count - 1] == '0') {
        parts.count--;
        parts.exponent++;
    }
    *out = parts;
    return true;
}

/* The parts as plain digits; NULL where they would be too many. */
static const char *parts_text(struct arena *arena, const struct parts *parts)
{
    if (!parts->count)
        return "0";
    long before = (long)parts->count + parts->exponent; /* digits in front of the point */
    if (before > NUMBER_DIGITS_MAX || parts->exponent < -NUMBER_DIGITS_MAX)
        return NULL;
    size_t zeros =
        (size_t)(before < 0 ? -before : 0) + (size_t)(parts->exponent > 0 ? parts->exponent : 0);
    char *out = arena_alloc(arena, parts->count + zeros + 4); /* sign, point, zero, NUL */
    char *to = out;
    if (parts->negative)
        *to++ = '-';
    if (before <= 0) {
        *to++ = '0';
        *to++ = '.';
        for (long i = before; i < 0; i++)
            *to++ = '0';
    }
    for (size_t i = 0; i < parts->count; i++) {
        if (i && (long)i == before)
            *to++ = '.';
        *to++ = parts->digits[i];
    }
    for (long i = 0; i < parts->exponent; i++)
        *to++ = '0';
    return out;
}

static bool special_read(const char *text, struct value *out_value)
{
    static const struct {
        const char *text;
        double real;
    } specials[] = { { "INF", INFINITY }, { "-INF", -INFINITY }, { "NaN", NAN } };
    for (size_t i = 0; i < COUNT(specials); i++)
        if (strcmp(text, specials[i].text) == 0) {
            *out_value = (struct value){ .type = VALUE_DOUBLE, .real = specials[i].real };
            return true;
        }
    return false;
}

static bool short_read(const char *text, struct value *out_value)
{
    int64_t integer;
    if (!text_to_int64(text + (text[0] == '+' && text[1] != '-'), &integer))
        return special_read(text, out_value);
    *out_value = (struct value){ .type = VALUE_INTEGER, .integer = integer };
    return true;
}

bool number_read(struct arena *arena, const char *text, size_t size, struct value *out_value,
                 const char **out_reason)
{
    char short_text[24]; /* what fits 64 bits is not longer, but for zeros in front */
    if (size < sizeof short_text) {
        memcpy(short_text, text, size);
        short_text[size] = '\0';
        if (short_read(short_text, out_value))
            return true;
    }
    bool whole;
    if (!size || number_scan(text, &whole) != size) {
        *out_reason = "a number is written like 42, -1.5 or 1e3";
        return false;
    }
    struct parts parts;
    const char *plain = parts_read(arena, text, size, &parts) ? parts_text(arena, &parts) : NULL;
    if (!plain) {
        *out_reason = "a number has at most 1000 digits on either side of its point";
        return false;
    }
    *out_value = (struct value){ .type = VALUE_DECIMAL, .text = plain };
    if (whole)
        (void)short_read(plain, out_value); /* false: it is too large, and stays a decimal */
    return true;
}

bool number_floor(const char *decimal, int64_t *out_floor, bool *out_same)
{
    size_t whole = strcspn(decimal, ".");
    char text[24];
    if (whole >= sizeof text)
        return false;
    memcpy(text, decimal, whole);
    text[whole] = '\0';
    int64_t floor;
    if (!text_to_int64(text, &floor))
        return false;
    bool same = !decimal[whole];
    bool below = !same && decimal[0] == '-';
    if (below && floor == INT64_MIN)
        return false;
    *out_floor = floor - below;
    *out_same = same;
    return true;
}

bool number_to_double(const struct value *number, double *out_real)
{
    if (number->type == VALUE_DOUBLE) {
        *out_real = number->real;
        return true;
    }
    double real =
        number->type == VALUE_INTEGER ? (double)number->integer : strtod(number->text, NULL);
    if (isinf(real))
        return false;
    *out_real = real;
    return true;
}
