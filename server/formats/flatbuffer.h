/*
 * FlatBuffers, written from front to back: what the metadata of Arrow is in.
 *
 * An object is written behind the one that refers to it. What refers is a place of four bytes,
 * which the object fills in as it begins; the place of the root is FLAT_ROOT. A struct flat is the
 * caller's and plain; it writes at the end of its buffer. One thread.
 */
#ifndef ENTREPOT_FORMATS_FLATBUFFER_H
#define ENTREPOT_FORMATS_FLATBUFFER_H

#include "server/base/buffer.h"

#define FLAT_ROOT ((size_t)0)

struct flat {
    struct buffer *out;
    size_t start; /* where the first byte is in the buffer */
};

/* A field of a table by its position; size 0: it is not there, its default is meant. */
struct flat_field {
    size_t size; /* 1, 2, 4 or 8 */
    int64_t value;
};

/* A field that refers to an object which follows. */
#define FLAT_REFERENCE                                                                             \
    {                                                                                              \
        4, 0                                                                                       \
    }
#define FLAT_NONE                                                                                  \
    {                                                                                              \
        0, 0                                                                                       \
    }

void flat_begin(struct flat *flat, struct buffer *out);

/** Gives out_places: of each field, for those that are references; NULL: none is wanted. */
void flat_table(struct flat *flat, size_t place, const struct flat_field *fields, size_t count,
                size_t *out_places);

void flat_text(struct flat *flat, size_t place, const char *text);

/** A list of references. Gives the place of the first; the others follow in steps of 4. */
size_t flat_references(struct flat *flat, size_t place, size_t count);

/** A list of structs that are two int64 each. */
void flat_pairs(struct flat *flat, size_t place, const int64_t (*pairs)[2], size_t count);

#endif
