/*
 * Thrift's compact protocol, written: what the metadata of Parquet is in.
 *
 * Fields of a struct are written in the order of their ids. A struct thrift is the caller's and
 * plain; it writes at the end of its buffer. No state but that; one thread.
 */
#ifndef ENTREPOT_FORMATS_THRIFT_H
#define ENTREPOT_FORMATS_THRIFT_H

#include "server/base/buffer.h"

#include <stdbool.h>

#define THRIFT_DEPTH 8 /* structs within each other */

/* Types of what a list holds. */
enum thrift_type {
    THRIFT_TRUE = 1,
    THRIFT_FALSE = 2,
    THRIFT_INT32 = 5,
    THRIFT_INT64 = 6,
    THRIFT_BYTES = 8,
    THRIFT_LIST = 9,
    THRIFT_STRUCT = 12
};

struct thrift {
    struct buffer *out;
    int last[THRIFT_DEPTH]; /* id of the field written last, for each struct that is open */
    int depth;
};

/** The outermost struct begins. thrift_end ends it, and each struct begun in it. */
void thrift_begin(struct thrift *thrift, struct buffer *out);
void thrift_end(struct thrift *thrift);

void thrift_bool(struct thrift *thrift, int id, bool value);
void thrift_int32(struct thrift *thrift, int id, int32_t value);
void thrift_int64(struct thrift *thrift, int id, int64_t value);
void thrift_bytes(struct thrift *thrift, int id, const void *data, size_t size);
void thrift_text(struct thrift *thrift, int id, const char *text);

/** A struct as a field, ended by thrift_end; one without fields. */
void thrift_struct(struct thrift *thrift, int id);
void thrift_empty(struct thrift *thrift, int id);

/** A list as a field; its items follow. */
void thrift_list(struct thrift *thrift, int id, enum thrift_type type, size_t count);
void thrift_item_int32(struct thrift *thrift, int32_t value);
void thrift_item_text(struct thrift *thrift, const char *text);
void thrift_item_struct(struct thrift *thrift);

/** A number of seven bits a byte, the lowest first; also what Parquet's pages count with. */
void thrift_varint(struct buffer *out, uint64_t value);

#endif
