#include "parquet_page.h"

#include "thrift.h"

#include <assert.h>
#include <stdlib.h>
#include <zstd.h>

#define LEVEL 1 /* smaller and faster than snappy; higher levels cost more than they save */
#define HEAD_BYTES 64

void parquet_pager_clear(struct parquet_pager *pager)
{
    ZSTD_freeCCtx(pager->zstd); /* NULL is fine */
    pager->zstd = NULL;
    buffer_clear(&pager->raw);
}

/* Append raw as it is in the file. */
static void add_packed(struct parquet_pager *pager, struct buffer *out)
{
    const struct buffer *raw = &pager->raw;
    if (pager->codec == PARQUET_UNCOMPRESSED) {
        buffer_add(out, raw->data, raw->size);
        return;
    }
    size_t most = ZSTD_compressBound(raw->size);
    char *to = buffer_room(out, most);
    if (!pager->zstd)
        pager->zstd = ZSTD_createCCtx();
    if (!pager->zstd)
        abort();
    size_t size = ZSTD_compressCCtx(pager->zstd, to, most, raw->data, raw->size, LEVEL);
    assert(!ZSTD_isError(size)); /* there is room, and no parameter to be wrong */
    out->size += size;
}

static void write_head(enum parquet_page_type type, enum parquet_encoding encoding, size_t values,
                       size_t raw_size, size_t packed_size, struct buffer *out)
{
    struct thrift thrift;
    thrift_begin(&thrift, out);
    thrift_int32(&thrift, 1, (int32_t)type);
    thrift_int32(&thrift, 2, (int32_t)raw_size);
    thrift_int32(&thrift, 3, (int32_t)packed_size);
    thrift_struct(&thrift, type == PARQUET_DATA_PAGE ? 5 : 7);
    thrift_int32(&thrift, 1, (int32_t)values);
    thrift_int32(&thrift, 2, (int32_t)encoding);
    if (type == PARQUET_DATA_PAGE) {
        thrift_int32(&thrift, 3, PARQUET_RLE); /* of which values are there */
        thrift_int32(&thrift, 4, PARQUET_RLE); /* of repetitions, which we have none of */
    }
    thrift_end(&thrift);
    thrift_end(&thrift);
}

int64_t parquet_page_write(struct parquet_pager *pager, enum parquet_page_type type,
                           enum parquet_encoding encoding, size_t values, struct buffer *out)
{
    CLEANUP(buffer_clear) struct buffer head = { 0 };
    size_t start = out->size;
    size_t raw_size = pager->raw.size;
    (void)buffer_room(out, HEAD_BYTES);
    out->size += HEAD_BYTES; /* the head tells the size of what follows: it is moved up to it */
    add_packed(pager, out);
    size_t packed_size = out->size - start - HEAD_BYTES;
    write_head(type, encoding, values, raw_size, packed_size, &head);
    assert(head.size <= HEAD_BYTES);
    memcpy(out->data + start, head.data, head.size);
    memmove(out->data + start + head.size, out->data + start + HEAD_BYTES, packed_size);
    out->size = start + head.size + packed_size;
    buffer_reset(&pager->raw);
    return (int64_t)(head.size + raw_size);
}
