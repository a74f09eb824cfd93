/*
 * Values as columnar formats hold them: numbers in the order of bytes of most machines (little
 * endian), days and microseconds since 1970, decimals as integers at the column's scale.
 *
 * Infinite dates and timestamps are the largest number and its negative, as DuckDB has them too.
 * Decimals without a precision, or with more digits than a format's integers, are text. No state
 * but the caller's; any thread.
 */
#ifndef ENTREPOT_FORMATS_NATIVE_H
#define ENTREPOT_FORMATS_NATIVE_H

#include "row.h"
#include "server/base/buffer.h"
#include "server/base/problem.h"
#include "server/model/column.h"

#include <endian.h>

#define NATIVE_MOST 32 /* bytes of the widest value of a fixed width */

/* What is wrong with a value: it is none of its type, or no format with such types can hold it. */
enum native_fault { NATIVE_SOUND, NATIVE_FOREIGN, NATIVE_BEYOND };

struct native {
    enum column_type type;
    int precision; /* of a decimal held as an integer; 0: as text */
    int scale;
    int width; /* bytes of each value; 0: as many as it has */
};

struct native_value {
    const char *data;
    size_t size;
};

/**
 * Takes   narrow: may decimals of few digits be held in 4 and 8 bytes; digits: of the widest
 *         decimals that are integers, 38 or 76.
 */
struct native native_of(const struct column *column, bool narrow, int digits);

/**
 * Convert a value that is not NULL.
 *
 * Takes   scratch: holds what had to be made, until the next call.
 * Gives   *out: points into scratch or value.
 */
enum native_fault native_take(const struct native *native, struct row_value value,
                              struct buffer *scratch, struct native_value *out);

/* Numbers in the bytes that native_take gave. */
static inline int32_t native_int32(const char *data)
{
    uint32_t number;
    memcpy(&number, data, sizeof number);
    return (int32_t)le32toh(number);
}

static inline int64_t native_int64(const char *data)
{
    uint64_t number;
    memcpy(&number, data, sizeof number);
    return (int64_t)le64toh(number);
}

static inline double native_double(const char *data)
{
    int64_t bits = native_int64(data);
    double number;
    memcpy(&number, &bits, sizeof number);
    return number;
}

/** Append a value; most are of a few fixed sizes, which are copied without a call. */
static inline void native_add(struct buffer *out, struct native_value value)
{
    char *to = buffer_room(out, value.size);
    if (value.size == 8)
        memcpy(to, value.data, 8);
    else if (value.size == 4)
        memcpy(to, value.data, 4);
    else if (value.size == 16)
        memcpy(to, value.data, 16);
    else if (value.size)
        memcpy(to, value.data, value.size);
    out->size += value.size;
}

/** The problem of a value with a fault; of a NULL where the column has none. */
struct problem *native_problem(struct arena *arena, const struct column *column,
                               enum native_fault fault) NEVER_NULL;
struct problem *native_null_problem(struct arena *arena, const struct column *column) NEVER_NULL;

#endif
