#include "digits.h"

#include <stddef.h>

char *digits_add(char *out, uint64_t number)
{
    char digits[20];
    size_t count = 0;
    do {
        digits[count++] = (char)('0' + number % 10);
        number /= 10;
    } while (number);
    while (count)
        *out++ = digits[--count];
    return out;
}

char *digits_add_ms(char *out, int64_t us)
{
    uint64_t whole = us > 0 ? (uint64_t)us : 0;
    unsigned places = (unsigned)(whole % 1000);
    out = digits_add(out, whole / 1000);
    *out++ = '.';
    *out++ = (char)('0' + places / 100);
    *out++ = (char)('0' + places / 10 % 10);
    *out++ = (char)('0' + places % 10);
    return out;
}
