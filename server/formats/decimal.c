#include "decimal.h"

#include "number.h"
#include "wire.h"

#include <assert.h>

#define HEADER 8 /* bytes before the groups: their count, weight, sign, scale */

enum sign {
    POSITIVE = 0x0000,
    NEGATIVE = 0x4000,
    NOT_A_NUMBER = 0xC000,
    INFINITE = 0xD000,
    MINUS_INFINITE = 0xF000
};

/* Digits that a numeric without precision can have before and behind its point. */
#define MOST_WHOLE 131072
#define MOST_FRACTION 16383

static unsigned group_at(const char *groups, int i)
{
    return wire_get16(groups + 2 * (ptrdiff_t)i);
}

static void put_group(char *groups, int i, unsigned group)
{
    wire_put16(groups + 2 * (ptrdiff_t)i, (uint16_t)group);
}

static bool write_special(struct buffer *out, unsigned sign)
{
    if (sign == NOT_A_NUMBER)
        buffer_add(out, "NaN", 3);
    else if (sign == INFINITE)
        buffer_add(out, "INF", 3);
    else if (sign == MINUS_INFINITE)
        buffer_add(out, "-INF", 4);
    else
        return false;
    return true;
}

static char *write_group(char *to, unsigned group)
{
    memcpy(to, number_pairs + (size_t)(group / 100) * 2, 2);
    memcpy(to + 2, number_pairs + (size_t)(group % 100) * 2, 2);
    return to + 4;
}

/* What stands before the groups; false where the bytes are no numeric. */
struct header {
    int count;
    int weight; /* place of the first group: 0 is that before the point */
    unsigned sign;
    int scale;
};

static bool read_header(const char *data, size_t size, struct header *out_header)
{
    if (size < HEADER)
        return false;
    struct header header = { (int16_t)wire_get16(data), (int16_t)wire_get16(data + 2),
                             wire_get16(data + 4), wire_get16(data + 6) };
    if (header.count < 0 || size != HEADER + 2 * (size_t)header.count
        || header.scale > MOST_FRACTION)
        return false;
    for (int i = 0; i < header.count; i++)
        if (group_at(data + HEADER, i) > 9999)
            return false;
    *out_header = header;
    return true;
}

bool decimal_write(struct buffer *out, const char *data, size_t size)
{
    struct header header;
    if (!read_header(data, size, &header))
        return false;
    int count = header.count;
    int weight = header.weight;
    unsigned sign = header.sign;
    int scale = header.scale;
    const char *groups = data + HEADER;
    if (sign != POSITIVE && sign != NEGATIVE)
        return write_special(out, sign);

    int before = weight < 0 ? 0 : weight + 1; /* groups before the point */
    char *start = buffer_room(out, 4 * (size_t)before + (size_t)scale + 16);
    char *to = start;
    if (sign == NEGATIVE)
        *to++ = '-';
    if (!before || !count) {
        *to++ = '0';
    } else {
        to = number_write_uint64(to, wire_get16(groups));
        for (int i = 1; i < before; i++)
            to = write_group(to, i < count ? group_at(groups, i) : 0);
    }
    if (scale) {
        *to++ = '.';
        char *end = to + scale;
        for (int i = weight + 1; to < end; i++) /* before the first group there are zeros */
            to = write_group(to, i >= 0 && i < count ? group_at(groups, i) : 0);
        to = end;
    }
    out->size += (size_t)(to - start);
    return true;
}

static const uint16_t powers[] = { 1, 10, 100, 1000, 10000 };

/* words = words * factor + more */
static void multiply_add(uint64_t *words, int count, unsigned factor, unsigned more)
{
    unsigned __int128 carry = more;
    for (int i = 0; i < count; i++) {
        carry += (unsigned __int128)words[i] * factor;
        words[i] = (uint64_t)carry;
        carry >>= 64;
    }
}

static void negate(uint64_t *words, int count)
{
    unsigned carry = 1;
    for (int i = 0; i < count; i++) {
        words[i] = ~words[i] + carry;
        carry = carry && !words[i];
    }
}

/* Digits that a group has without zeros before them. */
static int digits_of(unsigned group)
{
    return 1 + (group > 9) + (group > 99) + (group > 999);
}

enum decimal_fault decimal_scaled(const char *data, size_t size, int precision, int scale,
                                  uint64_t *out_words, int words)
{
    struct header header;
    if (!read_header(data, size, &header))
        return DECIMAL_FOREIGN;
    if (header.sign != POSITIVE && header.sign != NEGATIVE)
        return header.sign == NOT_A_NUMBER || header.sign == INFINITE
                       || header.sign == MINUS_INFINITE
                   ? DECIMAL_BEYOND
                   : DECIMAL_FOREIGN;
    memset(out_words, 0, (size_t)words * sizeof *out_words);
    if (!header.count)
        return DECIMAL_SOUND;
    const char *groups = data + HEADER;
    if (4 * header.weight + digits_of(group_at(groups, 0)) > precision - scale)
        return DECIMAL_BEYOND;
    int shift = 4 * header.weight + scale; /* the present group counts 10^shift */
    for (int i = 0; i < header.count; i++, shift -= 4) {
        unsigned group = group_at(groups, i);
        int cut = shift < 0 ? shift < -4 ? 4 : -shift : 0; /* digits below the scale */
        if (group % powers[cut])
            return DECIMAL_BEYOND;
        multiply_add(out_words, words, powers[4 - cut], group / powers[cut]);
    }
    for (shift += 4; shift > 0; shift -= 4)
        multiply_add(out_words, words, powers[shift < 4 ? shift : 4], 0);
    if (header.sign == NEGATIVE)
        negate(out_words, words);
    return DECIMAL_SOUND;
}

/* The digits of a number without its outer zeros, the point among or beside them. */
struct digits {
    struct number_parts parts;
    size_t first;  /* index of the first digit that is not zero; parts counted as one run */
    size_t end;    /* behind the last digit that is not zero; first where all are zero */
    int64_t point; /* digits before the point, counted from first; may lie outside */
};

static char digit_at(const struct number_parts *parts, size_t i)
{
    return i < parts->whole_size ? parts->whole[i] : parts->fraction[i - parts->whole_size];
}

static void digits_find(struct digits *digits, const struct number_parts *parts)
{
    size_t count = parts->whole_size + parts->fraction_size;
    size_t first = 0;
    while (first < count && digit_at(parts, first) == '0')
        first++;
    size_t end = count;
    while (end > first && digit_at(parts, end - 1) == '0')
        end--;
    *digits = (struct digits){ *parts, first, end, 0 };
    digits->point = (int64_t)parts->whole_size - (int64_t)first + parts->exponent;
}

/* Append the groups; the first may have fewer digits, the last is filled with zeros. */
static int add_groups(struct buffer *out, const struct digits *digits, int64_t weight)
{
    char *to = buffer_room(out, (digits->end - digits->first) / 2 + 4);
    int wanted = (int)(digits->point - 4 * weight);
    unsigned group = 0;
    int count = 0;
    for (size_t i = digits->first; i < digits->end; i++) {
        group = group * 10 + (unsigned)(digit_at(&digits->parts, i) - '0');
        if (--wanted)
            continue;
        put_group(to, count++, group);
        wanted = 4;
        group = 0;
    }
    if (group) {
        while (wanted--)
            group *= 10;
        put_group(to, count++, group);
    }
    out->size += 2 * (size_t)count;
    return count;
}

const char *decimal_read(struct buffer *out, int precision, int scale, const char *text,
                         size_t size)
{
    struct number_parts parts;
    if (!number_split(text, size, &parts))
        return "is no decimal number";
    struct digits digits;
    digits_find(&digits, &parts);
    int64_t length = (int64_t)(digits.end - digits.first);
    int64_t fraction = length > digits.point ? length - digits.point : 0;
    if (!length) { /* a zero has no digits, whatever its exponent */
        digits.point = 0;
        fraction = 0;
    }
    if (fraction > (precision ? scale : MOST_FRACTION))
        return "has too many digits behind its point";
    if (digits.point > (precision ? precision - scale : MOST_WHOLE))
        return "has too many digits before its point";
    if (!precision) { /* the zeros at its end are kept */
        int64_t given = (int64_t)parts.fraction_size - parts.exponent;
        scale = (int)(given < fraction ? fraction : given > MOST_FRACTION ? MOST_FRACTION : given);
    }
    /* groups are counted from the point: weight is the place of the first one */
    int64_t weight = length ? (digits.point + INT64_C(4) * MOST_WHOLE + 3) / 4 - MOST_WHOLE - 1 : 0;
    size_t start = out->size;
    (void)buffer_room(out, HEADER);
    out->size += HEADER;
    int count = add_groups(out, &digits, weight);
    char *header = out->data + start;
    wire_put16(header, (uint16_t)count);
    wire_put16(header + 2, (uint16_t)weight);
    wire_put16(header + 4, length && parts.negative ? NEGATIVE : POSITIVE);
    wire_put16(header + 6, (uint16_t)scale);
    return NULL;
}

static int compare_absolute(const char *left, const char *right)
{
    int left_count = wire_get16(left);
    int right_count = wire_get16(right);
    if (!left_count || !right_count)
        return (left_count != 0) - (right_count != 0);
    int left_weight = (int16_t)wire_get16(left + 2);
    int right_weight = (int16_t)wire_get16(right + 2);
    if (left_weight != right_weight)
        return left_weight < right_weight ? -1 : 1;
    for (int i = 0; i < left_count || i < right_count; i++) {
        int a = i < left_count ? (int)group_at(left + HEADER, i) : 0;
        int b = i < right_count ? (int)group_at(right + HEADER, i) : 0;
        if (a != b)
            return a < b ? -1 : 1;
    }
    return 0;
}

int decimal_compare(const char *left, size_t left_size, const char *right, size_t right_size)
{
    assert(left_size >= HEADER && right_size >= HEADER);
    bool left_negative = wire_get16(left + 4) == NEGATIVE;
    bool right_negative = wire_get16(right + 4) == NEGATIVE;
    if (left_negative != right_negative)
        return left_negative ? -1 : 1;
    int order = compare_absolute(left, right);
    return left_negative ? -order : order;
}
