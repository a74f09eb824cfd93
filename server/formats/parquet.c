#include "parquet.h"

#include "parquet_column.h"

#include <endian.h>

#define GROUP_ROWS 131072
#define GROUP_BYTES ((size_t)8 << 20)
#define MAGIC "PAR1"
#define FORMAT_VERSION 2
#define VALUE_OVERHEAD 8 /* bytes that a value may take beside its own */

struct parquet {
    struct arena *arena;
    const struct columns *columns;
    struct parquet_column *list;
    struct parquet_pager pager;
    struct buffer scratch;
    struct buffer groups; /* metadata of the groups that are finished */
    size_t group_count;
    int64_t offset;     /* of the next group in the file */
    int64_t rows;       /* in the groups that are finished */
    int64_t group_rows; /* in the present one */
    size_t most_held;   /* bytes that the present group can hold at most, as far as is known */
};

struct parquet *parquet_new(struct arena *arena, enum parquet_codec codec,
                            const struct columns *columns)
{
    struct parquet *parquet = arena_new_of(arena, struct parquet);
    parquet->arena = arena;
    parquet->columns = columns;
    parquet->pager.codec = codec;
    parquet->list = arena_array_of(arena, struct parquet_column, columns->count);
    for (size_t i = 0; i < columns->count; i++)
        parquet_column_init(&parquet->list[i], &columns->list[i]);
    return parquet;
}

void parquet_free(struct parquet *parquet)
{
    if (!parquet)
        return;
    for (size_t i = 0; i < parquet->columns->count; i++)
        parquet_column_clear(&parquet->list[i]);
    parquet_pager_clear(&parquet->pager);
    buffer_clear(&parquet->scratch);
    buffer_clear(&parquet->groups);
}

void parquet_begin(struct parquet *parquet, struct buffer *out)
{
    buffer_add_text(out, MAGIC);
    parquet->offset = (int64_t)strlen(MAGIC);
}

/* Write the row group, and keep what the footer must tell of it (RowGroup of parquet.thrift). */
static void end_group(struct parquet *parquet, struct buffer *out)
{
    struct thrift group;
    size_t start = out->size;
    size_t count = parquet->columns->count;
    int64_t raw_bytes = 0;
    thrift_begin(&group, &parquet->groups);
    thrift_list(&group, 1, THRIFT_STRUCT, count);
    for (size_t i = 0; i < count; i++)
        raw_bytes += parquet_column_end_group(&parquet->list[i], &parquet->pager,
                                              parquet->offset + (int64_t)(out->size - start),
                                              GROUP_BYTES / count, &group, out);
    int64_t bytes = (int64_t)(out->size - start);
    thrift_int64(&group, 2, raw_bytes);
    thrift_int64(&group, 3, parquet->group_rows);
    thrift_int64(&group, 5, parquet->offset);
    thrift_int64(&group, 6, bytes);
    thrift_end(&group);
    parquet->offset += bytes;
    parquet->rows += parquet->group_rows;
    parquet->group_rows = 0;
    parquet->group_count++;
    parquet->most_held = 0;
}

/* Pages are compressed as they fill, so less may be held than was added. */
static bool is_full(struct parquet *parquet)
{
    if (parquet->group_rows == GROUP_ROWS)
        return true;
    if (parquet->most_held < GROUP_BYTES)
        return false;
    parquet->most_held = 0;
    for (size_t i = 0; i < parquet->columns->count; i++)
        parquet->most_held += parquet_column_held(&parquet->list[i]);
    /* not to look again at every row, the group ends a little early */
    return parquet->most_held >= GROUP_BYTES - GROUP_BYTES / 16;
}

struct problem *parquet_row(struct parquet *parquet, const struct row_value *values,
                            struct buffer *out)
{
    for (size_t i = 0; i < parquet->columns->count; i++) {
        struct parquet_column *column = &parquet->list[i];
        if (values[i].size < 0) {
            if (column->column->required)
                return native_null_problem(parquet->arena, column->column);
            parquet_column_add_null(column, &parquet->pager);
            parquet->most_held += VALUE_OVERHEAD;
            continue;
        }
        struct native_value value;
        enum native_fault fault = parquet_take(&column->type, values[i], &parquet->scratch, &value);
        if (fault)
            return native_problem(parquet->arena, column->column, fault);
        parquet_column_add(column, value, &parquet->pager);
        parquet->most_held += value.size + VALUE_OVERHEAD;
    }
    parquet->group_rows++;
    if (is_full(parquet))
        end_group(parquet, out);
    return NULL;
}

static void write_schema(const struct parquet *parquet, struct thrift *footer)
{
    size_t count = parquet->columns->count;
    thrift_list(footer, 2, THRIFT_STRUCT, 1 + count);
    thrift_item_struct(footer);
    thrift_text(footer, 4, "rows");
    thrift_int32(footer, 5, (int32_t)count);
    thrift_end(footer);
    for (size_t i = 0; i < count; i++)
        parquet_type_write(footer, parquet->list[i].column, &parquet->list[i].type);
}

/* FileMetaData of parquet.thrift. */
static void write_footer(const struct parquet *parquet, struct buffer *out)
{
    struct thrift footer;
    thrift_begin(&footer, out);
    thrift_int32(&footer, 1, FORMAT_VERSION);
    write_schema(parquet, &footer);
    thrift_int64(&footer, 3, parquet->rows);
    thrift_list(&footer, 4, THRIFT_STRUCT, parquet->group_count);
    buffer_add(out, parquet->groups.data, parquet->groups.size);
    thrift_text(&footer, 6, "entrepot version " ENTREPOT_VERSION);
    /* the statistics follow the order that the types define */
    thrift_list(&footer, 7, THRIFT_STRUCT, parquet->columns->count);
    for (size_t i = 0; i < parquet->columns->count; i++) {
        thrift_item_struct(&footer);
        thrift_empty(&footer, 1);
        thrift_end(&footer);
    }
    thrift_end(&footer);
}

void parquet_end(struct parquet *parquet, struct buffer *out)
{
    if (parquet->group_rows)
        end_group(parquet, out);
    size_t start = out->size;
    write_footer(parquet, out);
    uint32_t size = htole32((uint32_t)(out->size - start));
    buffer_add(out, &size, sizeof size);
    buffer_add_text(out, MAGIC);
}
