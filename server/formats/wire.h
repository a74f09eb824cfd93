/*
 * Numbers in network byte order, as Postgres sends and takes them. Unaligned; no state, any thread.
 */
#ifndef ENTREPOT_FORMATS_WIRE_H
#define ENTREPOT_FORMATS_WIRE_H

#include <endian.h>
#include <stdint.h>
#include <string.h>

/* Days and microseconds between 1970-01-01 and Postgres's own first day, 2000-01-01. */
#define WIRE_EPOCH_DAYS 10957
#define WIRE_DAY_US INT64_C(86400000000)

static inline uint16_t wire_get16(const char *from)
{
    uint16_t value;
    memcpy(&value, from, sizeof value);
    return be16toh(value);
}

static inline uint32_t wire_get32(const char *from)
{
    uint32_t value;
    memcpy(&value, from, sizeof value);
    return be32toh(value);
}

static inline uint64_t wire_get64(const char *from)
{
    uint64_t value;
    memcpy(&value, from, sizeof value);
    return be64toh(value);
}

static inline double wire_get_double(const char *from)
{
    uint64_t bits = wire_get64(from);
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static inline void wire_put16(char *to, uint16_t value)
{
    value = htobe16(value);
    memcpy(to, &value, sizeof value);
}

static inline void wire_put32(char *to, uint32_t value)
{
    value = htobe32(value);
    memcpy(to, &value, sizeof value);
}

static inline void wire_put64(char *to, uint64_t value)
{
    value = htobe64(value);
    memcpy(to, &value, sizeof value);
}

static inline void wire_put_double(char *to, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    wire_put64(to, bits);
}

#endif
