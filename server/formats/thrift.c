#include "thrift.h"

#include <assert.h>

void thrift_varint(struct buffer *out, uint64_t value)
{
    char *to = buffer_room(out, 10);
    for (; value > 0x7f; value >>= 7)
        *to++ = (char)(unsigned char)(value | 0x80);
    *to++ = (char)value;
    out->size = (size_t)(to - out->data);
}

/* Small numbers of both signs become small ones without. */
static uint64_t zigzag(int64_t value)
{
    return ((uint64_t)value << 1) ^ (uint64_t)(value >> 63);
}

static void open_struct(struct thrift *thrift)
{
    assert(thrift->depth < THRIFT_DEPTH);
    thrift->last[thrift->depth++] = 0;
}

void thrift_begin(struct thrift *thrift, struct buffer *out)
{
    *thrift = (struct thrift){ .out = out };
    open_struct(thrift);
}

void thrift_end(struct thrift *thrift)
{
    assert(thrift->depth > 0);
    buffer_add_char(thrift->out, 0);
    thrift->depth--;
}

static void add_header(struct thrift *thrift, int id, enum thrift_type type)
{
    int *last = &thrift->last[thrift->depth - 1];
    int step = id - *last;
    assert(step > 0 && step < 16); /* no struct of Parquet's needs the longer form */
    buffer_add_char(thrift->out, (char)(unsigned char)((unsigned)step << 4 | type));
    *last = id;
}

void thrift_bool(struct thrift *thrift, int id, bool value)
{
    add_header(thrift, id, value ? THRIFT_TRUE : THRIFT_FALSE);
}

void thrift_int32(struct thrift *thrift, int id, int32_t value)
{
    add_header(thrift, id, THRIFT_INT32);
    thrift_varint(thrift->out, zigzag(value));
}

void thrift_int64(struct thrift *thrift, int id, int64_t value)
{
    add_header(thrift, id, THRIFT_INT64);
    thrift_varint(thrift->out, zigzag(value));
}

static void add_bytes(struct buffer *out, const void *data, size_t size)
{
    thrift_varint(out, size);
    buffer_add(out, data, size);
}

void thrift_bytes(struct thrift *thrift, int id, const void *data, size_t size)
{
    add_header(thrift, id, THRIFT_BYTES);
    add_bytes(thrift->out, data, size);
}

void thrift_text(struct thrift *thrift, int id, const char *text)
{
    thrift_bytes(thrift, id, text, strlen(text));
}

void thrift_struct(struct thrift *thrift, int id)
{
    add_header(thrift, id, THRIFT_STRUCT);
    open_struct(thrift);
}

void thrift_empty(struct thrift *thrift, int id)
{
    thrift_struct(thrift, id);
    thrift_end(thrift);
}

void thrift_list(struct thrift *thrift, int id, enum thrift_type type, size_t count)
{
    add_header(thrift, id, THRIFT_LIST);
    if (count < 15) {
        buffer_add_char(thrift->out, (char)(unsigned char)((unsigned)count << 4 | type));
        return;
    }
    buffer_add_char(thrift->out, (char)(unsigned char)(0xf0 | (unsigned)type));
    thrift_varint(thrift->out, count);
}

void thrift_item_int32(struct thrift *thrift, int32_t value)
{
    thrift_varint(thrift->out, zigzag(value));
}

void thrift_item_text(struct thrift *thrift, const char *text)
{
    add_bytes(thrift->out, text, strlen(text));
}

void thrift_item_struct(struct thrift *thrift)
{
    open_struct(thrift);
}
