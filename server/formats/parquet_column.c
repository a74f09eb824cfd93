#include "parquet_column.h"

#include "run_length.h"

#include <endian.h>

#define PAGE_ROWS 20000
#define PAGE_BYTES ((size_t)256 << 10)
#define TRIAL_VALUES 4096 /* by then a dictionary has shown whether it is worth it */

static void begin_page(struct parquet_column *column)
{
    buffer_reset(&column->levels);
    buffer_reset(&column->numbers);
    buffer_reset(&column->values);
    column->page_rows = 0;
    column->page_nulls = 0;
}

static void begin_chunk(struct parquet_column *column)
{
    begin_page(column);
    dictionary_reset(&column->dictionary);
    parquet_statistics_reset(&column->statistics);
    buffer_reset(&column->pages);
    column->numbered = column->type.physical != PARQUET_BOOLEAN;
    column->any_number = false;
    column->raw_bytes = 0;
    column->rows = 0;
    column->nulls = 0;
}

void parquet_column_init(struct parquet_column *column, const struct column *of)
{
    *column = (struct parquet_column){ .column = of, .type = parquet_type_of(of) };
    column->dictionary.width = (size_t)column->type.native.width;
    begin_chunk(column);
}

void parquet_column_clear(struct parquet_column *column)
{
    buffer_clear(&column->levels);
    buffer_clear(&column->numbers);
    buffer_clear(&column->values);
    buffer_clear(&column->pages);
    dictionary_clear(&column->dictionary);
}

size_t parquet_column_held(const struct parquet_column *column)
{
    return column->pages.size + column->levels.size + column->numbers.size + column->values.size
           + dictionary_bytes(&column->dictionary);
}

static size_t memory_of(const struct parquet_column *column)
{
    return column->pages.capacity + column->levels.capacity + column->numbers.capacity
           + column->values.capacity + dictionary_bytes(&column->dictionary);
}

/* Eight booleans a byte, the first in the lowest bit. */
static void add_bits(struct buffer *out, const struct buffer *booleans)
{
    size_t size = (booleans->size + 7) / 8;
    char *to = buffer_room(out, size);
    memset(to, 0, size);
    for (size_t i = 0; i < booleans->size; i++)
        to[i / 8] =
            (char)(unsigned char)((unsigned char)to[i / 8] | (unsigned)booleans->data[i] << i % 8);
    out->size += size;
}

/* Which rows of the page have a value, behind the size of telling it. */
static void add_levels(const struct parquet_column *column, struct buffer *raw)
{
    size_t start = raw->size;
    (void)buffer_room(raw, sizeof(uint32_t));
    raw->size += sizeof(uint32_t);
    if (column->page_nulls)
        run_length_write(raw, (const uint16_t *)(const void *)column->levels.data,
                         column->page_rows, 1);
    else
        run_length_repeat(raw, 1, column->page_rows, 1);
    uint32_t size = htole32((uint32_t)(raw->size - start - sizeof size));
    memcpy(raw->data + start, &size, sizeof size);
}

static void end_page(struct parquet_column *column, struct parquet_pager *pager)
{
    struct buffer *raw = &pager->raw;
    if (!column->page_rows)
        return;
    if (!column->column->required)
        add_levels(column, raw);
    if (column->numbered) {
        size_t count = column->dictionary.count;
        unsigned width = run_length_width(count ? (unsigned)count - 1 : 0);
        buffer_add_char(raw, (char)width);
        run_length_write(raw, (const uint16_t *)(const void *)column->numbers.data,
                         column->numbers.size / sizeof(uint16_t), width);
        column->any_number = true;
    } else {
        if (column->type.physical == PARQUET_BOOLEAN)
            add_bits(raw, &column->values);
        else
            buffer_add(raw, column->values.data, column->values.size);
    }
    column->raw_bytes += parquet_page_write(pager, PARQUET_DATA_PAGE,
                                            column->numbered ? PARQUET_DICTIONARY : PARQUET_PLAIN,
                                            column->page_rows, &column->pages);
    column->rows += (int64_t)column->page_rows;
    column->nulls += (int64_t)column->page_nulls;
    begin_page(column);
}

static void add_plain(struct parquet_column *column, struct native_value value)
{
    uint32_t size = htole32((uint32_t)value.size);
    if (column->type.physical == PARQUET_BYTES)
        buffer_add(&column->values, &size, sizeof size);
    native_add(&column->values, value);
}

/* No more values by number: what the chunk has of them stays, what the open page has need not. */
static void give_up_numbers(struct parquet_column *column, struct parquet_pager *pager)
{
    if (column->any_number) {
        end_page(column, pager);
    } else {
        dictionary_write(&column->dictionary, (const uint16_t *)(const void *)column->numbers.data,
                         column->numbers.size / sizeof(uint16_t), &column->values);
        buffer_reset(&column->numbers);
        dictionary_reset(&column->dictionary);
    }
    column->numbered = false;
}

static bool add_number(struct parquet_column *column, struct native_value value)
{
    bool is_new;
    int number = dictionary_number(&column->dictionary, value.data, value.size, &is_new);
    if (number == DICTIONARY_FULL)
        return false;
    uint16_t kept = (uint16_t)number;
    buffer_add(&column->numbers, &kept, sizeof kept);
    if (is_new)
        parquet_statistics_add(&column->statistics, &column->type, value);
    return true;
}

/* Are most of the first values distinct? */
static bool is_in_vain(const struct parquet_column *column)
{
    return !column->any_number && column->numbers.size == TRIAL_VALUES * sizeof(uint16_t)
           && column->dictionary.count > TRIAL_VALUES / 2;
}

static void end_row(struct parquet_column *column, struct parquet_pager *pager)
{
    column->page_rows++;
    if (column->page_rows == PAGE_ROWS || column->values.size >= PAGE_BYTES)
        end_page(column, pager);
}

void parquet_column_add(struct parquet_column *column, struct native_value value,
                        struct parquet_pager *pager)
{
    static const uint16_t there = 1;
    if (column->numbered && (is_in_vain(column) || !add_number(column, value)))
        give_up_numbers(column, pager);
    if (!column->numbered) {
        add_plain(column, value);
        parquet_statistics_add(&column->statistics, &column->type, value);
    }
    if (column->page_nulls)
        buffer_add(&column->levels, &there, sizeof there);
    end_row(column, pager);
}

void parquet_column_add_null(struct parquet_column *column, struct parquet_pager *pager)
{
    static const uint16_t missing = 0;
    if (!column->page_nulls++) { /* all rows before it are there */
        size_t size = column->page_rows * sizeof(uint16_t);
        uint16_t *levels = (uint16_t *)(void *)buffer_room(&column->levels, size);
        for (size_t i = 0; i < column->page_rows; i++)
            levels[i] = 1;
        column->levels.size = size;
    }
    buffer_add(&column->levels, &missing, sizeof missing);
    end_row(column, pager);
}

/* What readers must know of the chunk (ColumnChunk and ColumnMetaData of parquet.thrift). */
static void describe_chunk(const struct parquet_column *column, const struct parquet_pager *pager,
                           int64_t offset, int64_t dictionary_bytes, int64_t bytes,
                           struct thrift *group)
{
    thrift_item_struct(group);
    thrift_int64(group, 2, 0); /* where this stands once more: nowhere */
    thrift_struct(group, 3);
    thrift_int32(group, 1, (int32_t)column->type.physical);
    thrift_list(group, 2, THRIFT_INT32, 2 + (size_t)column->any_number);
    thrift_item_int32(group, PARQUET_RLE);
    thrift_item_int32(group, PARQUET_PLAIN); /* of values, or of the dictionary itself */
    if (column->any_number)
        thrift_item_int32(group, PARQUET_DICTIONARY);
    thrift_list(group, 3, THRIFT_BYTES, 1);
    thrift_item_text(group, column->column->name);
    thrift_int32(group, 4, (int32_t)pager->codec);
    thrift_int64(group, 5, column->rows);
    thrift_int64(group, 6, column->raw_bytes);
    thrift_int64(group, 7, bytes);
    thrift_int64(group, 9, offset + dictionary_bytes);
    if (column->any_number)
        thrift_int64(group, 11, offset);
    parquet_statistics_write(group, 12, &column->statistics, &column->type, column->nulls);
    thrift_end(group);
    thrift_end(group);
}

int64_t parquet_column_end_group(struct parquet_column *column, struct parquet_pager *pager,
                                 int64_t offset, size_t kept_bytes, struct thrift *group,
                                 struct buffer *out)
{
    size_t start = out->size;
    end_page(column, pager);
    if (column->any_number) {
        const struct dictionary *dictionary = &column->dictionary;
        buffer_add(&pager->raw, dictionary->plain.data, dictionary->plain.size);
        column->raw_bytes += parquet_page_write(pager, PARQUET_DICTIONARY_PAGE, PARQUET_PLAIN,
                                                dictionary->count, out);
    }
    int64_t dictionary_bytes = (int64_t)(out->size - start);
    buffer_add(out, column->pages.data, column->pages.size);
    describe_chunk(column, pager, offset, dictionary_bytes, (int64_t)(out->size - start), group);
    int64_t raw_bytes = column->raw_bytes;
    if (memory_of(column) > kept_bytes)
        parquet_column_clear(column);
    begin_chunk(column);
    return raw_bytes;
}
