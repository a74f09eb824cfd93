/*
 * A growing run of bytes on the heap, for what is written piece by piece: encoded rows, JSON, SQL.
 *
 * The struct is the caller's and plain; data is the buffer's, released by buffer_clear (or
 * CLEANUP(buffer_clear)). buffer_reset keeps the memory. Aborts when out of memory.
 * The inline functions are the hot path of the row encoders.
 */
#ifndef ENTREPOT_BASE_BUFFER_H
#define ENTREPOT_BASE_BUFFER_H

#include "cleanup.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct buffer {
    char *data;
    size_t size;     /* bytes written */
    size_t capacity; /* bytes allocated */
};

void buffer_clear(struct buffer *buffer);
void buffer_grow(struct buffer *buffer, size_t more);
void buffer_print(struct buffer *buffer, const char *format, ...) PRINTF_LIKE(2, 3);

static inline void buffer_reset(struct buffer *buffer)
{
    buffer->size = 0;
}

/** Gives room for more bytes at the end; the caller adds what it wrote to size. */
static inline char *buffer_room(struct buffer *buffer, size_t more)
{
    if (buffer->capacity - buffer->size < more)
        buffer_grow(buffer, more);
    return buffer->data + buffer->size;
}

static inline void buffer_add(struct buffer *buffer, const void *data, size_t size)
{
    if (!size)
        return;
    memcpy(buffer_room(buffer, size), data, size);
    buffer->size += size;
}

static inline void buffer_add_char(struct buffer *buffer, char byte)
{
    *buffer_room(buffer, 1) = byte;
    buffer->size++;
}

static inline void buffer_add_text(struct buffer *buffer, const char *text)
{
    buffer_add(buffer, text, strlen(text));
}

/** Drop the first size bytes and move the rest to the front. */
void buffer_consume(struct buffer *buffer, size_t size);

/** Gives data with a NUL behind it (not counted in size). */
const char *buffer_text(struct buffer *buffer);

/** Append text as a JSON string with its quotes; text must be valid UTF-8. */
void buffer_add_json_string(struct buffer *buffer, const char *text, size_t size);

#endif
