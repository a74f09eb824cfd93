#include "number.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPONENT_LIMIT 1000000
#define DOUBLE_TEXT 1024         /* bytes of the longest text read as a double */
#define DOUBLE_EXACT (1LL << 53) /* whole numbers up to this are doubles */

const char number_pairs[201] =
    "00010203040506070809101112131415161718192021222324252627282930313233343536373839"
    "40414243444546474849505152535455565758596061626364656667686970717273747576777879"
    "8081828384858687888990919293949596979899";

static const uint64_t powers[] = {
    1ULL,
    10ULL,
    100ULL,
    1000ULL,
    10000ULL,
    100000ULL,
    1000000ULL,
    10000000ULL,
    100000000ULL,
    1000000000ULL,
    10000000000ULL,
    100000000000ULL,
    1000000000000ULL,
    10000000000000ULL,
    100000000000000ULL,
    1000000000000000ULL,
    10000000000000000ULL,
    100000000000000000ULL,
    1000000000000000000ULL,
    10000000000000000000ULL,
};

static const double double_powers[] = {
    1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
    1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
};
#define DOUBLE_POWERS ((int)(sizeof double_powers / sizeof double_powers[0]))

/* log10 from the number of bits, 1233/4096 being a little less than log10(2). */
static int digit_count(uint64_t value)
{
    int guess = (64 - __builtin_clzll(value | 1)) * 1233 >> 12;
    return guess + (guess < 20 && value >= powers[guess]) + (value == 0);
}

char *number_write_word(char *to, const char *word)
{
    while (*word)
        *to++ = *word++;
    return to;
}

char *number_write_uint64(char *to, uint64_t value)
{
    char *end = to + digit_count(value);
    char *at = end;
    while (value >= 100) {
        at -= 2;
        memcpy(at, number_pairs + value % 100 * 2, 2);
        value /= 100;
    }
    if (value >= 10)
        memcpy(at - 2, number_pairs + value * 2, 2);
    else
        at[-1] = (char)('0' + value);
    return end;
}

char *number_write_int64(char *to, int64_t value)
{
    if (value >= 0)
        return number_write_uint64(to, (uint64_t)value);
    *to = '-';
    return number_write_uint64(to + 1, 0 - (uint64_t)value);
}

/* Most numbers people store have a few decimals: value is then a whole number over a power of ten.
 * The quotient of two exact doubles is rounded just as reading the decimal is, so if it gives value
 * back, the decimal does; and up to 15 digits no shorter one can. False where this is no way. */
static bool write_short_double(char *to, double value, char **out_end)
{
    for (int places = 0; places <= 6; places++) {
        double scaled = value * double_powers[places];
        if (!(scaled < 1e15))
            return false;
        uint64_t whole = (uint64_t)scaled + (scaled - (double)(uint64_t)scaled >= 0.5);
        if ((double)whole / double_powers[places] != value)
            continue;
        to = number_write_uint64(to, whole / powers[places]);
        if (places)
            *to++ = '.';
        uint64_t fraction = whole % powers[places];
        for (int i = places; i-- > 0; fraction /= 10)
            to[i] = (char)('0' + fraction % 10);
        *out_end = to + places;
        return true;
    }
    return false;
}

char *number_write_double(char *to, double value)
{
    if (isnan(value))
        return number_write_word(to, "NaN");
    if (signbit(value)) {
        *to++ = '-';
        value = -value;
    }
    if (isinf(value))
        return number_write_word(to, "INF");
    char *end;
    if (write_short_double(to, value, &end))
        return end;
    /* up to 15 digits the text of any number is its own; those below the normal ones hold fewer */
    for (int digits = value < DBL_MIN ? 1 : 15;; digits++) {
        int size = snprintf(to, NUMBER_TEXT - 1, "%.*g", digits, value);
        if (digits == 17 || strtod(to, NULL) == value)
            return to + size;
    }
}

bool number_read_int64(const char *text, size_t size, int64_t *out_value)
{
    bool negative = size && *text == '-';
    const char *end = text + size;
    text += negative;
    if (text == end)
        return false;
    while (end - text > 1 && *text == '0')
        text++;
    if (end - text > 19)
        return false;
    uint64_t value = 0;
    for (; text < end; text++) {
        unsigned digit = (unsigned)(unsigned char)*text - '0';
        if (digit > 9)
            return false;
        value = value * 10 + digit; /* 19 digits always fit */
    }
    if (value > (uint64_t)INT64_MAX + negative)
        return false;
    *out_value = (int64_t)(negative ? 0 - value : value);
    return true;
}

static size_t digits_of(const char *at, const char *end)
{
    const char *start = at;
    while (at < end && (unsigned)(unsigned char)*at - '0' <= 9)
        at++;
    return (size_t)(at - start);
}

static bool split_exponent(const char *at, const char *end, int32_t *out_exponent)
{
    bool negative = at < end && *at == '-';
    at += at < end && (*at == '-' || *at == '+');
    size_t size = digits_of(at, end);
    if (!size || at + size != end)
        return false;
    int32_t exponent = 0;
    for (; at < end; at++)
        if (exponent < EXPONENT_LIMIT)
            exponent = exponent * 10 + (*at - '0');
    if (exponent > EXPONENT_LIMIT)
        exponent = EXPONENT_LIMIT;
    *out_exponent = negative ? -exponent : exponent;
    return true;
}

bool number_split(const char *text, size_t size, struct number_parts *out_parts)
{
    const char *end = text + size;
    struct number_parts parts = { .negative = size && *text == '-' };
    parts.whole = text + parts.negative;
    parts.whole_size = digits_of(parts.whole, end);
    if (!parts.whole_size)
        return false;
    const char *at = parts.whole + parts.whole_size;
    if (at < end && *at == '.') {
        parts.fraction = at + 1;
        parts.fraction_size = digits_of(parts.fraction, end);
        if (!parts.fraction_size)
            return false;
        at = parts.fraction + parts.fraction_size;
    }
    if (at < end && (*at == 'e' || *at == 'E')) {
        if (!split_exponent(at + 1, end, &parts.exponent))
            return false;
        at = end;
    }
    if (at != end)
        return false;
    *out_parts = parts;
    return true;
}

static uint64_t digits_value(uint64_t value, const char *digits, size_t size)
{
    for (size_t i = 0; i < size; i++)
        value = value * 10 + (uint64_t)(digits[i] - '0');
    return value;
}

/* Is every digit of the number a zero? */
static bool is_zero(const struct number_parts *parts)
{
    for (size_t i = 0; i < parts->whole_size; i++)
        if (parts->whole[i] != '0')
            return false;
    for (size_t i = 0; i < parts->fraction_size; i++)
        if (parts->fraction[i] != '0')
            return false;
    return true;
}

bool number_read_double(const char *text, size_t size, double *out_value)
{
    struct number_parts parts;
    if (!number_split(text, size, &parts))
        return false;
    int32_t power = parts.exponent - (int32_t)parts.fraction_size;
    if (parts.whole_size + parts.fraction_size <= 18 && power > -DOUBLE_POWERS
        && power < DOUBLE_POWERS) {
        uint64_t digits = digits_value(digits_value(0, parts.whole, parts.whole_size),
                                       parts.fraction, parts.fraction_size);
        if (digits <= DOUBLE_EXACT) { /* both operands exact: one rounding, the right one */
            double value = power < 0 ? (double)digits / double_powers[-power]
                                     : (double)digits * double_powers[power];
            *out_value = parts.negative ? -value : value;
            return true;
        }
    }
    char copy[DOUBLE_TEXT];
    if (size >= sizeof copy)
        return false;
    memcpy(copy, text, size);
    copy[size] = '\0';
    double value = strtod(copy, NULL);
    if (isinf(value) || (value == 0 && !is_zero(&parts)))
        return false;
    *out_value = value;
    return true;
}
