/*
 * Rows out as an Arrow IPC stream: a schema, batches of rows by column, an end.
 *
 * Memory does not grow with the rows: a batch ends when it has 2 MB or 65536 rows. Text, JSON and
 * decimals without a bound are utf8, other decimals decimal128 or decimal256, uuid and json carry
 * the extension types of that name. It owns buffers: arrow_free. One thread.
 */
#ifndef ENTREPOT_FORMATS_ARROW_H
#define ENTREPOT_FORMATS_ARROW_H

#include "native.h"

struct arrow;

/** As the functions of encoder.h. */
struct arrow *arrow_new(struct arena *arena, const struct columns *columns);
void arrow_free(struct arrow *arrow);
void arrow_begin(struct arrow *arrow, struct buffer *out);
struct problem *arrow_row(struct arrow *arrow, const struct row_value *values,
                          struct buffer *out) MUST_USE;
void arrow_end(struct arrow *arrow, struct buffer *out);

#endif
