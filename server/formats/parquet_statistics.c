#include "parquet_statistics.h"

#include <math.h>

void parquet_statistics_reset(struct parquet_statistics *statistics)
{
    statistics->any = false;
    statistics->unknown = false;
}

static bool is_nan(const struct parquet_type *type, struct native_value value)
{
    return type->physical == PARQUET_DOUBLE && isnan(native_double(value.data));
}

static void keep(struct parquet_extreme *extreme, struct native_value value)
{
    extreme->size = value.size;
    if (value.size)
        memcpy(extreme->data, value.data, value.size);
}

static struct native_value value_of(const struct parquet_extreme *extreme)
{
    return (struct native_value){ extreme->data, extreme->size };
}

/* A number that is less or greater than another only if the values are; equal ones say nothing. */
static int64_t number_of(const struct parquet_type *type, struct native_value value)
{
    uint64_t word = 0;
    switch (type->physical) {
    case PARQUET_INT32:
        return native_int32(value.data);
    case PARQUET_INT64:
        return native_int64(value.data);
    case PARQUET_BYTES:
        if (value.size >= sizeof word)
            memcpy(&word, value.data, sizeof word);
        else
            for (size_t i = 0; i < value.size; i++)
                memcpy((char *)&word + i, value.data + i, 1);
        return (int64_t)(be64toh(word) ^ UINT64_C(1) << 63); /* the order of unsigned bytes */
    case PARQUET_BOOLEAN:
    case PARQUET_DOUBLE:
    case PARQUET_FIXED:
        break;
    }
    return 0;
}

void parquet_statistics_add(struct parquet_statistics *statistics, const struct parquet_type *type,
                            struct native_value value)
{
    if (statistics->unknown || is_nan(type, value))
        return;
    if (value.size > STATISTICS_BYTES || type->native.type == COLUMN_JSON) {
        statistics->unknown = true;
        return;
    }
    int64_t number = number_of(type, value);
    if (!statistics->any) {
        statistics->any = true;
        statistics->least_number = number;
        statistics->greatest_number = number;
        keep(&statistics->least, value);
        keep(&statistics->greatest, value);
        return;
    }
    if (number > statistics->least_number && number < statistics->greatest_number)
        return;
    if (parquet_compare(type, value, value_of(&statistics->least)) < 0) {
        statistics->least_number = number;
        keep(&statistics->least, value);
    } else if (parquet_compare(type, value, value_of(&statistics->greatest)) > 0) {
        statistics->greatest_number = number;
        keep(&statistics->greatest, value);
    }
}

/* A zero has two signs, and readers may not look for both: the least is told as -0, the greatest
 * as +0. */
static struct native_value told(const struct parquet_type *type,
                                const struct parquet_extreme *extreme, const char *zero)
{
    static const char zeros[7];
    bool is_zero = type->physical == PARQUET_DOUBLE && memcmp(extreme->data, zeros, 7) == 0
                   && (extreme->data[7] & 0x7f) == 0;
    return is_zero ? (struct native_value){ zero, 8 } : value_of(extreme);
}

void parquet_statistics_write(struct thrift *thrift, int id,
                              const struct parquet_statistics *statistics,
                              const struct parquet_type *type, int64_t nulls)
{
    static const char plus_zero[8];
    static const char minus_zero[8] = { 0, 0, 0, 0, 0, 0, 0, (char)0x80 };
    thrift_struct(thrift, id);
    thrift_int64(thrift, 3, nulls);
    if (statistics->any && !statistics->unknown) {
        struct native_value greatest = told(type, &statistics->greatest, plus_zero);
        struct native_value least = told(type, &statistics->least, minus_zero);
        thrift_bytes(thrift, 5, greatest.data, greatest.size);
        thrift_bytes(thrift, 6, least.data, least.size);
        thrift_bool(thrift, 7, true); /* exactly these values are there */
        thrift_bool(thrift, 8, true);
    }
    thrift_end(thrift);
}
