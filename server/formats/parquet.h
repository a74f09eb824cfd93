/*
 * Rows out as a Parquet file, in one pass: it can be streamed.
 *
 * Memory does not grow with the rows but by a few hundred bytes of metadata a row group and column:
 * a row group ends when it has 131072 rows or holds 8 MB, compressed. Decimals of up to 38 digits
 * are DECIMAL, others and those without a bound are text. A file that was cut has no footer, so no
 * reader takes it. It owns buffers: parquet_free. One thread.
 */
#ifndef ENTREPOT_FORMATS_PARQUET_H
#define ENTREPOT_FORMATS_PARQUET_H

#include "native.h"
#include "parquet_page.h"

struct parquet;

/** As the functions of encoder.h. */
struct parquet *parquet_new(struct arena *arena, enum parquet_codec codec,
                            const struct columns *columns);
void parquet_free(struct parquet *parquet);
void parquet_begin(struct parquet *parquet, struct buffer *out);
struct problem *parquet_row(struct parquet *parquet, const struct row_value *values,
                            struct buffer *out) MUST_USE;
void parquet_end(struct parquet *parquet, struct buffer *out);

#endif
