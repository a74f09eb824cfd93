#include "byte_range.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

#define BLANKS " \t"

/* Digits as a number, the largest there is for more; false: there are none. */
static bool read_number(const char **at, int64_t *out_number)
{
    int64_t number = 0;
    const char *start = *at;
    for (; **at >= '0' && **at <= '9'; ++*at) {
        int digit = **at - '0';
        number = number > (INT64_MAX - digit) / 10 ? INT64_MAX : number * 10 + digit;
    }
    *out_number = number;
    return *at > start;
}

/* One range of the list; false: it is not well formed. */
static bool read_one(const char **at, int64_t size, struct byte_range *out_range)
{
    struct byte_range range = { .kind = BYTE_RANGE_PART };
    int64_t last;
    bool has_first = read_number(at, &range.first);
    if (*(*at)++ != '-')
        return false;
    bool has_last = read_number(at, &last);
    if (!has_first) { /* so many at the end */
        if (!has_last)
            return false;
        range.count = last < size ? last : size;
        range.first = size - range.count;
    } else {
        if (has_last && last < range.first)
            return false;
        if (!has_last || last >= size)
            last = size - 1;
        range.count = range.first < size ? last - range.first + 1 : 0;
    }
    if (!range.count)
        range.kind = BYTE_RANGE_BEYOND;
    *out_range = range;
    return true;
}

struct byte_range byte_range_read(const char *text, int64_t size)
{
    const struct byte_range whole = { BYTE_RANGE_WHOLE, 0, size };
    const struct byte_range beyond = { BYTE_RANGE_BEYOND, 0, size };
    struct byte_range range = whole;
    int ranges = 0;
    int satisfiable = 0;
    if (!text || strncasecmp(text, "bytes=", 6) != 0)
        return whole;
    for (const char *at = text + 6; *(at += strspn(at, BLANKS ","));) {
        struct byte_range one;
        if (!read_one(&at, size, &one))
            return whole;
        at += strspn(at, BLANKS);
        if (*at && *at != ',')
            return whole;
        ranges++;
        satisfiable += one.kind == BYTE_RANGE_PART;
        range = one;
    }
    if (ranges && !satisfiable)
        return beyond;
    return ranges == 1 ? range : whole;
}

bool byte_range_is_of(const char *text, const char *etag)
{
    if (!text)
        return true;
    size_t size = etag ? strlen(etag) : 0;
    return etag && text[0] == '"' && strncmp(text + 1, etag, size) == 0
           && strcmp(text + 1 + size, "\"") == 0;
}
