/*
 * The distinct values of a column, each once and numbered, as long as they are few.
 *
 * Values are kept as Parquet's PLAIN has them: those of a fixed width one behind the other, others
 * with their size before them. However the values are chosen, a look-up is short: where too many
 * fall together, the dictionary says that it is full. It owns buffers: dictionary_clear. One
 * thread.
 */
#ifndef ENTREPOT_FORMATS_DICTIONARY_H
#define ENTREPOT_FORMATS_DICTIONARY_H

#include "server/base/buffer.h"

#include <stdbool.h>

#define DICTIONARY_MOST 32767                /* values */
#define DICTIONARY_BYTES ((size_t)512 << 10) /* of PLAIN */
#define DICTIONARY_FULL (-1)

struct dictionary {
    size_t width; /* of each value; 0: each its own */
    size_t count;
    struct buffer plain;
    struct buffer offsets; /* uint32: where each begins in plain; none where the width is fixed */
    struct buffer hashes;  /* uint32 of each */
    struct buffer slots;   /* uint16: number of a value + 1, or 0; a power of two of them */
};

/** Forget the values; the memory is kept by reset, released by clear. */
void dictionary_reset(struct dictionary *dictionary);
void dictionary_clear(struct dictionary *dictionary);

/** The number of a value, which may be added by this; DICTIONARY_FULL: it is new and has no room.
 */
int dictionary_number(struct dictionary *dictionary, const char *data, size_t size, bool *out_new);

/** Append values by their numbers as PLAIN. */
void dictionary_write(const struct dictionary *dictionary, const uint16_t *numbers, size_t count,
                      struct buffer *out);

/** Bytes of memory in use. */
size_t dictionary_bytes(const struct dictionary *dictionary);

#endif
