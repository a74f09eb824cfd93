/*
 * How Parquet holds the types of columns: the physical type, the logical one, the order of values.
 *
 * Values are in PLAIN without the size of texts. No state but the caller's; any thread.
 */
#ifndef ENTREPOT_FORMATS_PARQUET_TYPE_H
#define ENTREPOT_FORMATS_PARQUET_TYPE_H

#include "native.h"
#include "thrift.h"

#define PARQUET_DIGITS 38 /* of the widest decimals; others are text */

/* Numbers as parquet.thrift gives them. */
enum parquet_physical {
    PARQUET_BOOLEAN = 0,
    PARQUET_INT32 = 1,
    PARQUET_INT64 = 2,
    PARQUET_DOUBLE = 5,
    PARQUET_BYTES = 6,
    PARQUET_FIXED = 7
};

struct parquet_type {
    struct native native;
    enum parquet_physical physical;
};

struct parquet_type parquet_type_of(const struct column *column);

/** The element of the schema that tells of the column. */
void parquet_type_write(struct thrift *thrift, const struct column *column,
                        const struct parquet_type *type);

/** native_take, with the decimals of fixed width in the order of bytes that Parquet wants. */
enum native_fault parquet_take(const struct parquet_type *type, struct row_value value,
                               struct buffer *scratch, struct native_value *out);

/** Below 0, 0 or above 0; NaN must not come. */
int parquet_compare(const struct parquet_type *type, struct native_value left,
                    struct native_value right);

#endif
