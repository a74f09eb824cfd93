/*
 * Messages of the Arrow IPC stream: the schema first, a head before each batch of rows, the end.
 *
 * No state; any thread.
 */
#ifndef ENTREPOT_FORMATS_ARROW_SCHEMA_H
#define ENTREPOT_FORMATS_ARROW_SCHEMA_H

#include "native.h"

#define ARROW_ALIGNMENT 64 /* of each run of values within a batch */
#define ARROW_DIGITS 76    /* of the widest decimals */

/** Takes natives: how each column's values are held. */
void arrow_write_schema(struct buffer *out, const struct columns *columns,
                        const struct native *natives);

/**
 * What stands before the bytes of a batch.
 *
 * Takes   nodes: rows and NULLs of each column; buffers: offset and size of each run of bytes;
 *         body_bytes: of all of them with their alignment.
 */
void arrow_write_batch_head(struct buffer *out, int64_t rows, const int64_t (*nodes)[2],
                            size_t node_count, const int64_t (*buffers)[2], size_t buffer_count,
                            int64_t body_bytes);

void arrow_write_end(struct buffer *out);

#endif
