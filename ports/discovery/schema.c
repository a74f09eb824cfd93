#include "schema.h"

#include "server/base/buffer.h"

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
    [COLUMN_TIME] = { "string", "time", "\"12:30:00\"" },
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

/* The example of a column as JSON; one of the allowed values where they are listed. */
static json_t *example_of(const struct column *column)
{
    if (column->allowed && column->allowed[0] && column->type == COLUMN_TEXT)
        return json_string(column->allowed[0]);
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
