/*
 * Pages of Parquet: a head, and bytes that are compressed with zstd or left as they are.
 *
 * A struct parquet_pager owns what compresses: parquet_pager_clear. One thread.
 */
#ifndef ENTREPOT_FORMATS_PARQUET_PAGE_H
#define ENTREPOT_FORMATS_PARQUET_PAGE_H

#include "server/base/buffer.h"

#include <stdbool.h>

enum parquet_encoding { PARQUET_PLAIN = 0, PARQUET_RLE = 3, PARQUET_DICTIONARY = 8 };
enum parquet_codec { PARQUET_UNCOMPRESSED = 0, PARQUET_ZSTD = 6 };
enum parquet_page_type { PARQUET_DATA_PAGE = 0, PARQUET_DICTIONARY_PAGE = 2 };

struct parquet_pager {
    enum parquet_codec codec;
    struct ZSTD_CCtx_s *zstd; /* made on first use */
    struct buffer raw;        /* for who makes a page: what is in it before it is compressed */
};

void parquet_pager_clear(struct parquet_pager *pager);

/**
 * Append a page of what stands in raw, which is emptied.
 *
 * Takes   values: how many are in it, NULLs counted.
 * Gives   its bytes as if they were not compressed, the head counted.
 */
int64_t parquet_page_write(struct parquet_pager *pager, enum parquet_page_type type,
                           enum parquet_encoding encoding, size_t values, struct buffer *out);

#endif
