/*
 * What a column chunk's statistics tell: the least and the greatest value, and how many are NULL.
 *
 * They are for readers who skip what they do not need, so they may be left out but never be wrong:
 * there are none where a value is long, or where all are NaN. JSON has no order, so it has none.
 * Plain; one thread.
 */
#ifndef ENTREPOT_FORMATS_PARQUET_STATISTICS_H
#define ENTREPOT_FORMATS_PARQUET_STATISTICS_H

#include "parquet_type.h"

#define STATISTICS_BYTES 128 /* of the longest value that is told */

struct parquet_extreme {
    size_t size;
    char data[STATISTICS_BYTES];
};

struct parquet_statistics {
    bool any;
    bool unknown; /* a value was too long to be kept */
    /* what can be compared quickly: integers, or the first eight bytes of text */
    int64_t least_number;
    int64_t greatest_number;
    struct parquet_extreme least;
    struct parquet_extreme greatest;
};

void parquet_statistics_reset(struct parquet_statistics *statistics);

void parquet_statistics_add(struct parquet_statistics *statistics, const struct parquet_type *type,
                            struct native_value value);

void parquet_statistics_write(struct thrift *thrift, int id,
                              const struct parquet_statistics *statistics,
                              const struct parquet_type *type, int64_t nulls);

#endif
