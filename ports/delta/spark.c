#include "spark.h"

#include "server/formats/parquet_type.h"

/*
 * Types are those of the file, as a reader takes them for what is said here. Spark has no time of
 * day and no UUID: a time is its microseconds since midnight, a UUID its 16 bytes.
 */
static const char *type_of(struct arena *arena, const struct column *column)
{
    const struct native native = parquet_type_of(column).native;
    switch (native.type) {
    case COLUMN_BOOL:
        return "boolean";
    case COLUMN_INT32:
        return "integer";
    case COLUMN_INT64:
    case COLUMN_TIME:
        return "long";
    case COLUMN_DECIMAL:
        return native.precision
                   ? arena_print(arena, "decimal(%d,%d)", native.precision, native.scale)
                   : "string";
    case COLUMN_DOUBLE:
        return "double";
    case COLUMN_DATE:
        return "date";
    case COLUMN_TIMESTAMP:
        return "timestamp";
    case COLUMN_UUID:
    case COLUMN_BYTES:
        return "binary";
    case COLUMN_TEXT:
    case COLUMN_JSON:
    case COLUMN_NO_TYPE:
        break;
    }
    return "string";
}

json_t *spark_schema(struct arena *arena, const struct columns *columns)
{
    json_t *fields = json_array();
    bool failed = false;
    for (size_t i = 0; i < columns->count; i++) {
        const struct column *column = &columns->list[i];
        const char *comment = column->description ? column->description : column->title;
        failed |= json_array_append_new(
                      fields, json_pack("{s:s, s:s, s:b, s:{s:s*}}", "name", column->name, "type",
                                        type_of(arena, column), "nullable", !column->required,
                                        "metadata", "comment", comment))
                  != 0;
    }
    if (!failed)
        return json_pack("{s:s, s:o}", "type", "struct", "fields", fields);
    json_decref(fields);
    return NULL;
}
