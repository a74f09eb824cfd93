#include "contract_column.h"

#include "server/base/text.h"

#include <string.h>

/* physicalType says which of several types is meant. The first row of a logicalType is its default.
 */
static const struct {
    const char *logical;
    const char *physical;
    enum column_type type;
} types[] = {
    { "string", "text", COLUMN_TEXT },
    { "string", "varchar", COLUMN_TEXT },
    { "string", "character varying", COLUMN_TEXT },
    { "string", "string", COLUMN_TEXT },
    { "string", "uuid", COLUMN_UUID },
    { "string", "bytea", COLUMN_BYTES },
    { "string", "bytes", COLUMN_BYTES },
    { "string", "jsonb", COLUMN_JSON },
    { "string", "json", COLUMN_JSON },
    { "integer", "bigint", COLUMN_INT64 },
    { "integer", "int8", COLUMN_INT64 },
    { "integer", "integer", COLUMN_INT32 },
    { "integer", "int", COLUMN_INT32 },
    { "integer", "int4", COLUMN_INT32 },
    { "integer", "smallint", COLUMN_INT32 },
    { "integer", "int2", COLUMN_INT32 },
    { "number", "numeric", COLUMN_DECIMAL },
    { "number", "decimal", COLUMN_DECIMAL },
    { "number", "double precision", COLUMN_DOUBLE },
    { "number", "double", COLUMN_DOUBLE },
    { "number", "float8", COLUMN_DOUBLE },
    { "boolean", "boolean", COLUMN_BOOL },
    { "boolean", "bool", COLUMN_BOOL },
    { "date", "date", COLUMN_DATE },
    { "time", "time", COLUMN_TIME },
    { "timestamp", "timestamptz", COLUMN_TIMESTAMP },
    { "timestamp", "timestamp with time zone", COLUMN_TIMESTAMP },
    { "timestamp", "timestamp", COLUMN_TIMESTAMP },
    { "object", "jsonb", COLUMN_JSON },
    { "object", "json", COLUMN_JSON },
    { "array", "jsonb", COLUMN_JSON },
    { "array", "json", COLUMN_JSON },
};

/* The physical types of a logical one, for messages. */
static const char *physical_types(struct arena *arena, const char *logical)
{
    const char *text = NULL;
    for (size_t i = 0; i < COUNT(types); i++) {
        if (strcmp(types[i].logical, logical) != 0)
            continue;
        text = text ? arena_print(arena, "%s, %s", text, types[i].physical) : types[i].physical;
    }
    return text;
}

/* numeric(12,2) is a name and up to two numbers in brackets. */
struct physical {
    const char *name; /* lower case, blanks before the bracket left out */
    int64_t numbers[2];
    int count;
};

static bool physical_parse(struct arena *arena, const char *text, struct physical *out_physical)
{
    struct physical physical = { 0 };
    size_t length = strcspn(text, "(");
    const char *rest = text + length;
    while (length && text[length - 1] == ' ')
        length--;
    char *name = arena_copy(arena, text, length);
    for (char *c = name; *c; c++)
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c - 'A' + 'a');
    physical.name = name;
    if (*rest) {
        const char *end = strchr(rest, ')');
        if (!end || end[1])
            return false;
        char **words =
            text_split(arena, arena_copy(arena, rest + 1, (size_t)(end - rest - 1)), " ,");
        for (; words[physical.count]; physical.count++)
            if (physical.count == 2
                || !text_to_int64(words[physical.count], &physical.numbers[physical.count]))
                return false;
        if (!physical.count)
            return false;
    }
    *out_physical = physical;
    return true;
}

/* What the numbers in brackets mean for the type. */
static bool apply_numbers(const struct physical *physical, struct column *column)
{
    if (!physical->count)
        return true;
    if (column->type == COLUMN_DECIMAL) {
        int64_t precision = physical->numbers[0];
        int64_t scale = physical->numbers[1];
        if (precision < 1 || precision > 1000 || scale < 0 || scale > precision)
            return false;
        column->precision = (int)precision;
        column->scale = (int)scale;
        return true;
    }
    if (column->type == COLUMN_TEXT && strstr(physical->name, "var") && physical->count == 1
        && physical->numbers[0] > 0) {
        column->longest = physical->numbers[0];
        return true;
    }
    return false;
}

static bool read_physical(struct arena *arena, const struct node *node, const char *logical,
                          struct column *column)
{
    struct physical physical;
    if (!physical_parse(arena, node->text, &physical))
        return false;
    for (size_t i = 0; i < COUNT(types); i++) {
        if (strcmp(types[i].logical, logical) != 0 || strcmp(types[i].physical, physical.name) != 0)
            continue;
        column->type = types[i].type;
        return apply_numbers(&physical, column);
    }
    return false;
}

/* i32 and f64 choose a type where there is no physicalType. */
static void read_format(const struct node *property, const char *logical, struct column *column,
                        struct faults *faults)
{
    const struct node *format = node_member(node_member(property, "logicalTypeOptions"), "format");
    if (!format || (strcmp(logical, "integer") != 0 && strcmp(logical, "number") != 0))
        return;
    if (strcmp(format->text, "i32") == 0)
        column->type = COLUMN_INT32;
    else if (strcmp(format->text, "i64") == 0)
        column->type = COLUMN_INT64;
    else if (strcmp(format->text, "f64") == 0)
        column->type = COLUMN_DOUBLE;
    else
        node_fault(faults, format,
                   "the format %s is not kept by this server; use i32, i64 or f64, and minimum and "
                   "maximum for narrower ranges",
                   format->text);
}

static void read_type(struct arena *arena, const struct node *property, struct column *column,
                      struct faults *faults)
{
    const char *logical = node_text(property, "logicalType");
    const struct node *physical = node_member(property, "physicalType");
    if (!logical) {
        node_fault(faults, property,
                   "a column needs a logicalType: string, integer, number, boolean, date, time, "
                   "timestamp, object or array");
        return;
    }
    size_t row = 0;
    while (strcmp(types[row].logical, logical) != 0)
        row++;
    column->type = types[row].type;
    read_format(property, logical, column, faults);
    if (physical && !read_physical(arena, physical, logical, column))
        node_fault(
            faults, physical, "\"%s\" is not known here for logicalType %s; use one of: %s%s",
            physical->text, logical, physical_types(arena, logical),
            strcmp(logical, "number") == 0 ? ", as numeric(12,2) where digits are limited" : "");
}

static bool is_true(const struct node *node, const char *name)
{
    const struct node *member = node_member(node, name);
    return member && member->truth;
}

static void read_key(const struct node *property, struct column *column, struct faults *faults)
{
    const struct node *position = node_member(property, "primaryKeyPosition");
    int64_t place = -1;
    if (position && !node_to_int64(position, &place))
        place = 0;
    if (position && (place == 0 || place < -1 || place > 100)) {
        node_fault(faults, position, "places in the key are counted from 1");
        return;
    }
    if (!is_true(property, "primaryKey")) {
        if (place > 0)
            node_fault(faults, position, "a place in the key needs primaryKey: true");
        return;
    }
    if (column->type == COLUMN_JSON)
        node_fault(faults, property, "a column of JSON cannot be in the key");
    column->key_position = (int)place;
    column->required = true; /* a key is never null */
}

bool contract_column_read(struct arena *arena, const struct node *property,
                          struct column *out_column, struct faults *faults)
{
    int before = faults->count;
    const struct node *name = node_member(property, "name");
    struct column column = {
        .name = name->text,
        .shortest = -1,
        .longest = -1,
        .required = is_true(property, "required"),
        .unique = is_true(property, "unique"),
        .title = node_text(property, "businessName"),
        .description = node_text(property, "description"),
    };
    if (!text_is_name(name->text))
        node_fault(faults, name,
                   "\"%s\" cannot be the name of a column: names begin with a small letter, have "
                   "small letters, digits and _, and at most 48 of them",
                   name->text);
    read_type(arena, property, &column, faults);
    read_key(property, &column, faults);
    if (column.type)
        contract_rules_read(arena, property, &column, faults);
    if (faults->count != before) {
        pattern_free((struct pattern *)column.pattern); /* made here, const only for readers */
        return false;
    }
    *out_column = column;
    return true;
}
