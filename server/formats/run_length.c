#include "run_length.h"

#include "thrift.h"

#include <assert.h>

#define GROUP 8 /* values that are packed together */

unsigned run_length_width(unsigned largest)
{
    unsigned width = 1;
    while (largest >> width)
        width++;
    return width;
}

void run_length_repeat(struct buffer *out, uint16_t value, size_t count, unsigned width)
{
    thrift_varint(out, (uint64_t)count << 1);
    buffer_add_char(out, (char)(unsigned char)(value & 0xff));
    if (width > 8)
        buffer_add_char(out, (char)(unsigned char)(value >> 8));
}

static size_t run_at(const uint16_t *values, size_t count)
{
    size_t run = 1;
    while (run < count && values[run] == values[0])
        run++;
    return run;
}

/* Eight values, the first in the lowest bits; those that are missing are zeros. */
static void add_group(struct buffer *out, const uint16_t *values, size_t count, unsigned width)
{
    unsigned __int128 bits = 0;
    for (size_t i = 0; i < GROUP && i < count; i++)
        bits |= (unsigned __int128)values[i] << (i * width);
    char *to = buffer_room(out, width);
    for (unsigned i = 0; i < width; i++, bits >>= 8)
        to[i] = (char)(unsigned char)bits;
    out->size += width;
}

void run_length_write(struct buffer *out, const uint16_t *values, size_t count, unsigned width)
{
    assert(width >= 1 && width <= 16);
    for (size_t at = 0; at < count;) {
        size_t run = run_at(values + at, count - at);
        if (run >= GROUP) {
            run_length_repeat(out, values[at], run, width);
            at += run;
            continue;
        }
        /* groups until a run stands where one would begin */
        size_t end = at;
        do
            end += GROUP;
        while (end < count && run_at(values + end, count - end) < GROUP);
        thrift_varint(out, (uint64_t)(end - at) / GROUP << 1 | 1);
        for (; at < end; at += GROUP)
            add_group(out, values + at, at < count ? count - at : 0, width);
    }
}
