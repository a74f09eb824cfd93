#include "schema.h"

#include "server/base/buffer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* How a type is written in JSON, and a value of it. */
static const struct {
    const char *type;
    const char *format; /* NULL: none */
    const char *example;
} types[] = {
    [COLUMN_NO_TYPE] = { "string", NULL, "\"\"" },
    [COLUMN_BOOL] = { "boolean", NULL, "true" },
    [COLUMN_INT32] = { "integer", "int32", "1" },
    [COLUMN_INT64] = { "integer", "int64", "1" },
    [COLUMN_DECIMAL] = { "number", NULL, "1.5" },
    [COLUMN_DOUBLE] = { "number", "double", "1.5" },
    [COLUMN_TEXT] = { "string", NULL, "\"text\"" },
    [COLUMN_DATE] = { "string", "date", "\"2026-01-31\"" },
    /* "time" would ask for an offset */
    [COLUMN_TIME] = { "string", NULL, "\"12:30:00\"" },
    [COLUMN_TIMESTAMP] = { "string", "date-time", "\"2026-01-31T12:30:00Z\"" },
    [COLUMN_UUID] = { "string", "uuid", "\"00000000-0000-4000-8000-000000000000\"" },
    [COLUMN_BYTES] = { "string", NULL, "\"AAEC\"" },
    [COLUMN_JSON] = { "object", NULL, "{}" },
};

static bool is_nullable(const struct column *column)
{
    return !column->required && !column->key_position;
}

static json_t *type_json(const struct column *column)
{
    if (column->type == COLUMN_JSON)
        return is_nullable(column) ? json_pack("[s, s, s]", "object", "array", "null")
                                   : json_pack("[s, s]", "object", "array");
    return is_nullable(column) ? json_pack("[s, s]", types[column->type].type, "null")
                               : json_string(types[column->type].type);
}

static bool is_number(const struct column *column)
{
    return column->type == COLUMN_INT32 || column->type == COLUMN_INT64
           || column->type == COLUMN_DECIMAL || column->type == COLUMN_DOUBLE;
}

/* A value of a contract as JSON; NULL: JSON has no such number. */
static json_t *value_json(const struct column *column, const char *text)
{
    return is_number(column) ? json_loads(text, JSON_DECODE_ANY, NULL) : json_string(text);
}

/* The allowed values; NULL where JSON cannot say them all. */
static json_t *allowed_json(const struct column *column)
{
    json_t *list = json_array();
    bool whole = list != NULL;
    for (const char *const *value = column->allowed; *value; value++)
        whole = json_array_append_new(list, value_json(column, *value)) == 0 && whole;
    if (is_nullable(column))
        whole = json_array_append_new(list, json_null()) == 0 && whole;
    if (whole)
        return list;
    json_decref(list);
    return NULL;
}

static int put_bound(json_t *json, const struct column *column, const char *name, const char *text)
{
    json_t *bound = text && is_number(column) ? value_json(column, text) : NULL;
    return bound ? json_object_set_new(json, name, bound) : 0;
}

static json_t *property(const struct column *column)
{
    json_t *json = json_pack("{s:o, s:s*, s:s*, s:s*}", "type", type_json(column), "format",
                             types[column->type].format, "title", column->title, "description",
                             column->description);
    int failures = 0;
    if (column->shortest >= 0)
        failures += json_object_set_new(json, "minLength", json_integer(column->shortest));
    if (column->longest >= 0)
        failures += json_object_set_new(json, "maxLength", json_integer(column->longest));
    if (column->pattern)
        failures +=
            json_object_set_new(json, "pattern", json_string(pattern_source(column->pattern)));
    failures += put_bound(json, column, column->minimum_open ? "exclusiveMinimum" : "minimum",
                          column->minimum);
    failures += put_bound(json, column, column->maximum_open ? "exclusiveMaximum" : "maximum",
                          column->maximum);
    json_t *allowed = column->allowed && (is_number(column) || column->type == COLUMN_TEXT)
                          ? allowed_json(column)
                          : NULL;
    if (allowed)
        failures += json_object_set_new(json, "enum", allowed);
    if (!failures)
        return json;
    json_decref(json);
    return NULL;
}

json_t *schema_of_row(struct arena *arena, const struct contract *contract)
{
    json_t *properties = json_object();
    json_t *required = json_array();
    int failures = 0;
    (void)arena;
    for (size_t i = 0; i < contract->columns.count; i++) {
        const struct column *column = &contract->columns.list[i];
        failures += json_object_set_new(properties, column->name, property(column));
        if (!is_nullable(column))
            failures += json_array_append_new(required, json_string(column->name));
    }
    json_t *json = json_pack("{s:s, s:s, s:s*, s:o, s:o}", "type", "object", "title",
                             contract->title, "description", contract->description, "properties",
                             properties, "required", required);
    if (!failures)
        return json;
    json_decref(json);
    return NULL;
}

/* Texts of one letter or digit, tried until the rules take one: ^[A-Z]{2}$, ^[0-9]{5}$. */
static json_t *text_example(const struct column *column)
{
    char text[256];
    size_t least = column->shortest > 0 ? (size_t)column->shortest : 1;
    size_t most = column->longest >= 0 ? (size_t)column->longest : sizeof text;
    if (least <= 4 && most >= 4
        && (!column->pattern || pattern_matches(column->pattern, "text", 4)))
        return json_string("text");
    for (size_t size = least; size <= most && size <= sizeof text; size++)
        for (const char *letter = "aA10"; *letter; letter++) {
            memset(text, *letter, size);
            if (!column->pattern || pattern_matches(column->pattern, text, size))
                return json_stringn(text, size);
        }
    return is_nullable(column) ? json_null() : json_string("text");
}

static json_t *number_example(const struct column *column)
{
    bool whole = column->type == COLUMN_INT32 || column->type == COLUMN_INT64
                 || (column->type == COLUMN_DECIMAL && column->precision && !column->scale);
    /* open bounds leave their own value out */
    double step = whole ? 1 : column->precision && column->precision == column->scale ? 0.1 : 0.5;
    double value = whole ? 1 : step == 0.1 ? 0.5 : 1.5;
    double low = column->minimum ? strtod(column->minimum, NULL) : value;
    double high = column->maximum ? strtod(column->maximum, NULL) : value;
    if (value < low || (value == low && column->minimum && column->minimum_open))
        value = low + (column->minimum_open ? step : 0);
    if (value > high || (value == high && column->maximum && column->maximum_open))
        value = high - (column->maximum_open ? step : 0);
    if (!(fabs(value) < 9e18)) /* no int64, or no number of JSON */
        return json_loads(types[column->type].example, JSON_DECODE_ANY, NULL);
    return whole ? json_integer((json_int_t)value) : json_real(value);
}

/* The example of a column as JSON, by its rules; one of the allowed values where they are listed.
 */
static json_t *example_of(const struct column *column)
{
    json_t *allowed =
        column->allowed && column->allowed[0] ? value_json(column, column->allowed[0]) : NULL;
    if (allowed)
        return allowed;
    if (column->type == COLUMN_TEXT)
        return text_example(column);
    if (is_number(column))
        return number_example(column);
    if (column->minimum && !column->minimum_open)
        return json_string(column->minimum);
    if (column->maximum && !column->maximum_open)
        return json_string(column->maximum);
    return json_loads(types[column->type].example, JSON_DECODE_ANY, NULL);
}

json_t *schema_example(struct arena *arena, const struct columns *columns)
{
    json_t *row = json_object();
    int failures = 0;
    (void)arena;
    for (size_t i = 0; i < columns->count; i++)
        failures += json_object_set_new(row, columns->list[i].name, example_of(&columns->list[i]));
    if (!failures)
        return row;
    json_decref(row);
    return NULL;
}

const char *schema_example_text(struct arena *arena, const struct columns *columns,
                                const char *media_type)
{
    CLEANUP(buffer_clear) struct buffer text = { 0 };
    json_t *row = schema_example(arena, columns);
    if (strstr(media_type, "ndjson")) {
        char *line = row ? json_dumps(row, JSON_COMPACT) : NULL;
        buffer_print(&text, "%s\n", line ? line : "{}");
        free(line);
    } else {
        for (size_t i = 0; i < columns->count; i++)
            buffer_print(&text, "%s%s", i ? "," : "", columns->list[i].name);
        buffer_add_text(&text, "\r\n");
        for (size_t i = 0; i < columns->count; i++) {
            char *value = json_dumps(json_object_get(row, columns->list[i].name),
                                     JSON_ENCODE_ANY | JSON_COMPACT);
            size_t size = value ? strlen(value) : 0;
            bool quoted = size > 1 && value[0] == '"';
            buffer_print(&text, "%s%.*s", i ? "," : "", (int)(quoted ? size - 2 : size),
                         value ? value + quoted : "");
            free(value);
        }
        buffer_add_text(&text, "\r\n");
    }
    json_decref(row);
    return arena_copy(arena, text.data, text.size);
}
