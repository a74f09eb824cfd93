#include "copy_tuple.h"

#include <endian.h>
#include <string.h>

static const char signature[11] = "PGCOPY\n\377\r\n"; /* and its NUL */

static uint32_t get32(const char *from)
{
    uint32_t value;
    memcpy(&value, from, sizeof value);
    return be32toh(value);
}

size_t copy_header_size(const char *data, size_t size)
{
    const size_t fixed = sizeof signature + 8; /* flags, and the size of the extension */
    if (size < fixed || memcmp(data, signature, sizeof signature) != 0)
        return 0;
    uint32_t extension = get32(data + sizeof signature + 4);
    return size - fixed < extension ? 0 : fixed + extension;
}

int copy_tuple_count(const char *data, size_t size)
{
    uint16_t count;
    if (size < sizeof count)
        return -1;
    memcpy(&count, data, sizeof count);
    return (int16_t)be16toh(count);
}

bool copy_tuple_values(const char *data, size_t size, size_t count, struct db_value *out_values)
{
    const char *at = data + sizeof(uint16_t);
    size_t left = size - sizeof(uint16_t);
    for (size_t i = 0; i < count; i++) {
        if (left < sizeof(uint32_t))
            return false;
        int32_t bytes = (int32_t)get32(at);
        at += sizeof(uint32_t);
        left -= sizeof(uint32_t);
        out_values[i] = (struct db_value){ at, bytes < 0 ? -1 : bytes };
        size_t taken = bytes < 0 ? 0 : (size_t)bytes;
        if (taken > left)
            return false;
        at += taken;
        left -= taken;
    }
    return left == 0;
}
