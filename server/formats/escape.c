#include "escape.h"

#include "scan.h"

#include <stdbool.h>

static void add_json_escape(struct buffer *out, unsigned char byte)
{
    static const char letters[] = "uuuuuuuubtnufruuuuuuuuuuuuuuuuuu"; /* of the bytes below 0x20 */
    static const char hex[] = "0123456789abcdef";
    char *to = buffer_room(out, 6);
    char letter = byte < 0x20 ? letters[byte] : (char)byte;
    to[0] = '\\';
    to[1] = letter;
    out->size += 2;
    if (letter != 'u')
        return;
    to[2] = '0';
    to[3] = '0';
    to[4] = hex[byte >> 4];
    to[5] = hex[byte & 15];
    out->size += 4;
}

void escape_json(struct buffer *out, const char *text, size_t size)
{
    const char *end = text + size;
    char *to = buffer_room(out, size + 2 + SCAN_BLOCK);
    *to++ = '"';
    while (text < end) { /* the spaces behind the end of a block are never escaped */
        char filled[SCAN_BLOCK];
        size_t left = (size_t)(end - text);
        const char *block = scan_block(text, left, filled);
        uint32_t marks = scan_json(block);
        memcpy(to, block, SCAN_BLOCK); /* all of it; what is not wanted is written over */
        size_t clean = marks ? (size_t)__builtin_ctz(marks) : left < SCAN_BLOCK ? left : SCAN_BLOCK;
        to += clean;
        text += clean;
        if (!marks)
            continue;
        out->size = (size_t)(to - out->data);
        add_json_escape(out, (unsigned char)*text++);
        to = buffer_room(out, (size_t)(end - text) + 2 + SCAN_BLOCK);
    }
    *to++ = '"';
    out->size = (size_t)(to - out->data);
}

static void add_quoted(struct buffer *out, const char *text, size_t size)
{
    const char *end = text + size;
    buffer_add_char(out, '"');
    for (const char *quote; (quote = memchr(text, '"', (size_t)(end - text))); text = quote + 1) {
        buffer_add(out, text, (size_t)(quote + 1 - text));
        buffer_add_char(out, '"');
    }
    buffer_add(out, text, (size_t)(end - text));
    buffer_add_char(out, '"');
}

void escape_csv(struct buffer *out, const char *text, size_t size)
{
    char *to = buffer_room(out, size + SCAN_BLOCK);
    for (size_t i = 0; i < size; i += SCAN_BLOCK) {
        char filled[SCAN_BLOCK];
        const char *block = scan_block(text + i, size - i, filled);
        if (scan_any(block, '"', ',', '\n', '\r')) {
            add_quoted(out, text, size);
            return;
        }
        memcpy(to + i, block, SCAN_BLOCK);
    }
    if (!size)
        add_quoted(out, text, 0);
    out->size += size;
}
