#include "value.h"

#include "server/base/clock.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define SECOND INT64_C(1000000)

enum value_type value_type_of(enum column_type type)
{
    static const enum value_type types[] = {
        [COLUMN_BOOL] = VALUE_BOOL,           [COLUMN_INT32] = VALUE_INTEGER,
        [COLUMN_INT64] = VALUE_INTEGER,       [COLUMN_DECIMAL] = VALUE_DECIMAL,
        [COLUMN_DOUBLE] = VALUE_DOUBLE,       [COLUMN_TEXT] = VALUE_TEXT,
        [COLUMN_DATE] = VALUE_DATE,           [COLUMN_TIME] = VALUE_TIME,
        [COLUMN_TIMESTAMP] = VALUE_TIMESTAMP, [COLUMN_UUID] = VALUE_UUID,
        [COLUMN_BYTES] = VALUE_BYTES,         [COLUMN_JSON] = VALUE_JSON,
    };
    assert(type > COLUMN_NO_TYPE && type < COUNT(types));
    return types[type];
}

enum column_type value_column_type(enum value_type type)
{
    static const enum column_type columns[] = {
        [VALUE_BOOL] = COLUMN_BOOL,       [VALUE_INTEGER] = COLUMN_INT64,
        [VALUE_DECIMAL] = COLUMN_DECIMAL, [VALUE_DOUBLE] = COLUMN_DOUBLE,
        [VALUE_TEXT] = COLUMN_TEXT,       [VALUE_DATE] = COLUMN_DATE,
        [VALUE_TIME] = COLUMN_TIME,       [VALUE_TIMESTAMP] = COLUMN_TIMESTAMP,
        [VALUE_UUID] = COLUMN_UUID,       [VALUE_BYTES] = COLUMN_BYTES,
        [VALUE_JSON] = COLUMN_JSON,
    };
    return type < COUNT(columns) ? columns[type] : COLUMN_NO_TYPE;
}

static const struct {
    const char *name;
    const char *sql;
} types[] = {
    [VALUE_NULL] = { "null", "text" },
    [VALUE_BOOL] = { "boolean", "bool" },
    [VALUE_INTEGER] = { "integer", "int8" },
    [VALUE_DECIMAL] = { "decimal", "numeric" },
    [VALUE_DOUBLE] = { "number", "float8" },
    [VALUE_TEXT] = { "text", "text" },
    [VALUE_DATE] = { "date", "date" },
    [VALUE_TIME] = { "time", "time" },
    [VALUE_TIMESTAMP] = { "timestamp", "timestamptz" },
    [VALUE_DURATION] = { "duration", "interval" },
    [VALUE_UUID] = { "uuid", "uuid" },
    [VALUE_BYTES] = { "bytes", "bytea" },
    [VALUE_JSON] = { "json", "jsonb" },
};

const char *value_type_name(enum value_type type)
{
    assert(type > VALUE_NO_TYPE && type < COUNT(types));
    return types[type].name;
}

const char *value_sql_type(enum value_type type)
{
    assert(type > VALUE_NO_TYPE && type < COUNT(types));
    return types[type].sql;
}

bool value_is_number(enum value_type type)
{
    return type == VALUE_INTEGER || type == VALUE_DECIMAL || type == VALUE_DOUBLE;
}

/* The fraction of a second with its point, without zeros at the end; "" where it is 0. */
static const char *fraction_text(char out[8], int64_t microseconds)
{
    int size = snprintf(out, 8, ".%06d", (int)microseconds);
    while (size > 0 && (out[size - 1] == '0' || out[size - 1] == '.'))
        size--;
    out[size] = '\0';
    return out;
}

static const char *double_text(struct arena *arena, double real)
{
    if (isnan(real))
        return "NaN";
    if (isinf(real))
        return real > 0 ? "Infinity" : "-Infinity";
    /* the shortest that reads back as the same number */
    char text[32];
    for (int digits = 15; digits <= 17; digits++) {
        (void)snprintf(text, sizeof text, "%.*g", digits, real);
        if (strtod(text, NULL) == real)
            break;
    }
    return arena_text(arena, text);
}

static const char *date_text(struct arena *arena, int64_t days)
{
    int year, month, day;
    clock_date((int32_t)days, &year, &month, &day);
    return arena_print(arena, "%04d-%02d-%02d", year, month, day);
}

static const char *time_text(struct arena *arena, int64_t of_day)
{
    char fraction[8];
    int64_t seconds = of_day / SECOND;
    return arena_print(arena, "%02d:%02d:%02d%s", (int)(seconds / 3600), (int)(seconds / 60 % 60),
                       (int)(seconds % 60), fraction_text(fraction, of_day % SECOND));
}

static const char *duration_text(struct arena *arena, int64_t span)
{
    char fraction[8];
    uint64_t size = span < 0 ? 0 - (uint64_t)span : (uint64_t)span;
    return arena_print(arena, "%s%llu%s seconds", span < 0 ? "-" : "",
                       (unsigned long long)(size / SECOND),
                       fraction_text(fraction, (int64_t)(size % SECOND)));
}

const char *value_text(struct arena *arena, const struct value *value)
{
    switch (value->type) {
    case VALUE_NO_TYPE:
    case VALUE_NULL:
        return NULL;
    case VALUE_BOOL:
        return value->boolean ? "true" : "false";
    case VALUE_INTEGER:
        return arena_int64(arena, value->integer);
    case VALUE_DOUBLE:
        return double_text(arena, value->real);
    case VALUE_DECIMAL:
    case VALUE_TEXT:
    case VALUE_UUID:
    case VALUE_JSON:
        return value->text;
    case VALUE_DATE:
        return date_text(arena, value->integer);
    case VALUE_TIME:
        return time_text(arena, value->integer);
    case VALUE_TIMESTAMP:
        return clock_text(arena, value->integer);
    case VALUE_DURATION:
        return duration_text(arena, value->integer);
    case VALUE_BYTES:
        return arena_print(arena, "\\x%s", arena_hex(arena, value->bytes.data, value->bytes.size));
    }
    assert(false && "a value has a type");
    return NULL;
}

bool value_equal(const struct value *left, const struct value *right)
{
    if (left->type != right->type)
        return false;
    switch (left->type) {
    case VALUE_NO_TYPE:
    case VALUE_NULL:
        return true;
    case VALUE_BOOL:
        return left->boolean == right->boolean;
    case VALUE_DOUBLE:
        return left->real == right->real;
    case VALUE_BYTES:
        return left->bytes.size == right->bytes.size
               && memcmp(left->bytes.data, right->bytes.data, left->bytes.size) == 0;
    case VALUE_DECIMAL:
    case VALUE_TEXT:
    case VALUE_UUID:
    case VALUE_JSON:
        return strcmp(left->text, right->text) == 0;
    default:
        return left->integer == right->integer;
    }
}

struct db_param value_param(struct arena *arena, const struct value *value)
{
    switch (value->type) {
    case VALUE_BOOL:
        return db_bool(value->boolean);
    case VALUE_INTEGER:
        return db_int64(value->integer);
    case VALUE_DOUBLE:
        return db_double(value->real);
    case VALUE_TIMESTAMP:
        return db_time(value->integer);
    case VALUE_BYTES:
        return db_bytes(value->bytes.data, value->bytes.size);
    default: /* as text; the SQL casts it to what it is */
        return db_text(value_text(arena, value));
    }
}
