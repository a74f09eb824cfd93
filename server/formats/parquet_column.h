/*
 * A column of a Parquet file being written: its open page, and its chunk of the present row group.
 *
 * A column begins with a dictionary. Where values turn out to be mostly distinct it is given up and
 * the open page is written PLAIN; where it becomes too large, later pages are PLAIN. Values go to
 * pages of at most 20000 rows and about 256 KB, which are compressed at once. It owns buffers:
 * parquet_column_clear. One thread.
 */
#ifndef ENTREPOT_FORMATS_PARQUET_COLUMN_H
#define ENTREPOT_FORMATS_PARQUET_COLUMN_H

#include "dictionary.h"
#include "parquet_page.h"
#include "parquet_statistics.h"

struct parquet_column {
    const struct column *column;
    struct parquet_type type;

    struct buffer levels; /* uint16 of each row: is a value there? made when the first NULL comes */
    struct buffer numbers; /* uint16: of the values in the dictionary */
    struct buffer values;  /* PLAIN; booleans a byte each */
    size_t page_rows;
    size_t page_nulls;

    bool numbered;   /* values go by the dictionary */
    bool any_number; /* a page of the chunk does */
    struct dictionary dictionary;
    struct parquet_statistics statistics;
    struct buffer pages; /* those that are finished */
    int64_t raw_bytes;   /* of them before they were compressed */
    int64_t rows;        /* in them */
    int64_t nulls;
};

void parquet_column_init(struct parquet_column *column, const struct column *of);
void parquet_column_clear(struct parquet_column *column);

/** A row. The column of a NULL is not required. */
void parquet_column_add(struct parquet_column *column, struct native_value value,
                        struct parquet_pager *pager);
void parquet_column_add_null(struct parquet_column *column, struct parquet_pager *pager);

/** Bytes of the present row group in memory. */
size_t parquet_column_held(const struct parquet_column *column);

/**
 * The row group ends: append its chunk to the file, and what is to be known of it to the group's
 * metadata. The next row begins another.
 *
 * Takes   offset: of the end of out in the file; kept_bytes: of memory that may stay for later.
 * Gives   bytes of the chunk before it was compressed.
 */
int64_t parquet_column_end_group(struct parquet_column *column, struct parquet_pager *pager,
                                 int64_t offset, size_t kept_bytes, struct thrift *group,
                                 struct buffer *out);

#endif
