#include "column.h"

#include "server/base/text.h"

#include <assert.h>
#include <string.h>

const struct column *columns_find(const struct columns *columns, const char *name, bool caseless)
{
    for (size_t i = 0; i < columns->count; i++)
        if (strcmp(columns->list[i].name, name) == 0)
            return &columns->list[i];
    if (!caseless)
        return NULL;
    /* only where no name is equal in every letter, so that "Id" finds "Id" beside "id" */
    for (size_t i = 0; i < columns->count; i++)
        if (text_equal_caseless(columns->list[i].name, name))
            return &columns->list[i];
    return NULL;
}

/* The column at a place of the key, or NULL. */
static const struct column *key_column(const struct columns *columns, size_t position)
{
    for (size_t i = 0; i < columns->count; i++)
        if (columns->list[i].key_position > 0 && (size_t)columns->list[i].key_position == position)
            return &columns->list[i];
    return NULL;
}

struct columns columns_key(struct arena *arena, const struct columns *columns)
{
    size_t count = 0;
    for (size_t i = 0; i < columns->count; i++)
        count += columns->list[i].key_position > 0;
    struct column *list = arena_array_of(arena, struct column, count);
    for (size_t i = 0; i < count; i++) {
        const struct column *column = key_column(columns, i + 1);
        assert(column); /* a contract with a gap in its key was refused */
        list[i] = *column;
    }
    return (struct columns){ list, count };
}

static const struct {
    const char *sql;
    const char *name;
} types[] = {
    [COLUMN_BOOL] = { "bool", "boolean" },
    [COLUMN_INT32] = { "int4", "integer" },
    [COLUMN_INT64] = { "int8", "integer" },
    [COLUMN_DECIMAL] = { "numeric", "decimal" },
    [COLUMN_DOUBLE] = { "float8", "number" },
    [COLUMN_TEXT] = { "text", "text" },
    [COLUMN_DATE] = { "date", "date" },
    [COLUMN_TIME] = { "time", "time" },
    [COLUMN_TIMESTAMP] = { "timestamptz", "timestamp" },
    [COLUMN_UUID] = { "uuid", "uuid" },
    [COLUMN_BYTES] = { "bytea", "bytes" },
    [COLUMN_JSON] = { "jsonb", "json" },
};

const char *column_sql_type(struct arena *arena, const struct column *column)
{
    assert(column->type > COLUMN_NO_TYPE && column->type < COUNT(types));
    if (column->type == COLUMN_DECIMAL && column->precision)
        return arena_print(arena, "numeric(%d,%d)", column->precision, column->scale);
    return types[column->type].sql;
}

const char *column_type_name(enum column_type type)
{
    assert(type > COLUMN_NO_TYPE && type < COUNT(types));
    return types[type].name;
}

static bool is_number(enum column_type type)
{
    return type == COLUMN_INT32 || type == COLUMN_INT64 || type == COLUMN_DECIMAL
           || type == COLUMN_DOUBLE;
}

bool column_compares(const struct column *left, const struct column *right)
{
    return left->type == right->type || (is_number(left->type) && is_number(right->type));
}
