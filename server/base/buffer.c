#include "buffer.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void buffer_clear(struct buffer *buffer)
{
    if (!buffer)
        return;
    free(buffer->data);
    *buffer = (struct buffer){ 0 };
}

void buffer_grow(struct buffer *buffer, size_t more)
{
    size_t needed;
    if (__builtin_add_overflow(buffer->size, more, &needed) || needed > SIZE_MAX / 2)
        abort();
    size_t capacity = buffer->capacity ? buffer->capacity : 256;
    while (capacity < needed)
        capacity *= 2;
    buffer->data = realloc(buffer->data, capacity);
    if (!buffer->data)
        abort();
    buffer->capacity = capacity;
}

void buffer_print(struct buffer *buffer, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    va_list again;
    va_copy(again, arguments);
    int size = vsnprintf(NULL, 0, format, arguments);
    assert(size >= 0);
    char *room = buffer_room(buffer, (size_t)size + 1);
    (void)vsnprintf(room, (size_t)size + 1, format, again); /* the size is known to fit */
    buffer->size += (size_t)size;
    va_end(again);
    va_end(arguments);
}

void buffer_consume(struct buffer *buffer, size_t size)
{
    assert(size <= buffer->size);
    if (!size)
        return;
    buffer->size -= size;
    memmove(buffer->data, buffer->data + size, buffer->size);
}

const char *buffer_text(struct buffer *buffer)
{
    *buffer_room(buffer, 1) = '\0';
    return buffer->data;
}

/* The byte after the backslash for the short escapes of JSON, or 0. */
static char short_escape(unsigned char byte)
{
    switch (byte) {
    case '"':
        return '"';
    case '\\':
        return '\\';
    case '\b':
        return 'b';
    case '\f':
        return 'f';
    case '\n':
        return 'n';
    case '\r':
        return 'r';
    case '\t':
        return 't';
    default:
        return 0;
    }
}

void buffer_add_json_string(struct buffer *buffer, const char *text, size_t size)
{
    buffer_add_char(buffer, '"');
    size_t start = 0;
    for (size_t i = 0; i < size; i++) {
        unsigned char byte = (unsigned char)text[i];
        if (byte >= 0x20 && byte != '"' && byte != '\\')
            continue;
        buffer_add(buffer, text + start, i - start);
        start = i + 1;
        char letter = short_escape(byte);
        if (letter) {
            buffer_add_char(buffer, '\\');
            buffer_add_char(buffer, letter);
        } else {
            buffer_print(buffer, "\\u%04x", byte);
        }
    }
    buffer_add(buffer, text + start, size - start);
    buffer_add_char(buffer, '"');
}
