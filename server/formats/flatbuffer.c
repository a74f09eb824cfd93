#include "flatbuffer.h"

#include <assert.h>
#include <endian.h>

#define MOST_FIELDS 8

static size_t position(const struct flat *flat)
{
    return flat->out->size - flat->start;
}

/* A number of size bytes at a position. */
static void put(struct flat *flat, size_t at, uint64_t value, size_t size)
{
    value = htole64(value);
    memcpy(flat->out->data + flat->start + at, &value, size); /* the lowest bytes come first */
}

/* Zeros at the end. */
static size_t add_room(struct flat *flat, size_t size)
{
    size_t at = position(flat);
    memset(buffer_room(flat->out, size), 0, size);
    flat->out->size += size;
    return at;
}

/* Zeros until position + ahead is a multiple of a power of two. */
static void align(struct flat *flat, size_t ahead, size_t to)
{
    (void)add_room(flat, -(position(flat) + ahead) & (to - 1));
}

/* The place refers to what begins at a position. */
static void refer(struct flat *flat, size_t place, size_t at)
{
    assert(at > place && at - place <= INT32_MAX);
    put(flat, place, at - place, 4);
}

void flat_begin(struct flat *flat, struct buffer *out)
{
    *flat = (struct flat){ out, out->size };
    (void)add_room(flat, 4);
}

void flat_table(struct flat *flat, size_t place, const struct flat_field *fields, size_t count,
                size_t *out_places)
{
    assert(count <= MOST_FIELDS);
    size_t offsets[MOST_FIELDS];
    size_t size = 4; /* the distance to the table of offsets */
    for (size_t i = 0; i < count; i++) {
        size_t wide = fields[i].size;
        size = wide ? (size + wide - 1) & ~(wide - 1) : size;
        offsets[i] = wide ? size : 0;
        size += wide;
    }
    align(flat, 0, 2);
    size_t index = add_room(flat, 4 + 2 * count);
    put(flat, index, 4 + 2 * count, 2);
    put(flat, index + 2, size, 2);
    align(flat, 0, 8);
    size_t table = add_room(flat, size);
    put(flat, table, table - index, 4);
    for (size_t i = 0; i < count; i++) {
        put(flat, index + 4 + 2 * i, offsets[i], 2);
        put(flat, table + offsets[i], (uint64_t)fields[i].value, fields[i].size);
        if (out_places)
            out_places[i] = table + offsets[i];
    }
    refer(flat, place, table);
}

/* The count that stands before a list, whose items are aligned. */
static size_t add_list(struct flat *flat, size_t place, size_t count, size_t alignment)
{
    align(flat, 4, alignment);
    size_t at = add_room(flat, 4);
    put(flat, at, count, 4);
    refer(flat, place, at);
    return at + 4;
}

void flat_text(struct flat *flat, size_t place, const char *text)
{
    size_t size = strlen(text);
    (void)add_list(flat, place, size, 4);
    buffer_add(flat->out, text, size + 1);
}

size_t flat_references(struct flat *flat, size_t place, size_t count)
{
    size_t first = add_list(flat, place, count, 4);
    (void)add_room(flat, 4 * count);
    return first;
}

void flat_pairs(struct flat *flat, size_t place, const int64_t (*pairs)[2], size_t count)
{
    (void)add_list(flat, place, count, 8);
    size_t at = add_room(flat, 16 * count);
    for (size_t i = 0; i < count; i++) {
        put(flat, at + 16 * i, (uint64_t)pairs[i][0], 8);
        put(flat, at + 16 * i + 8, (uint64_t)pairs[i][1], 8);
    }
}
