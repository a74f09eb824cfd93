/* Rules of values: logicalTypeOptions, and the valid values a quality rule of ODCS lists. */
#include "contract_column.h"
#include "shape.h"

#include "server/base/text.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* These are of ODCS but are not checked by this server; better refused than passed over. */
static const char *const unchecked[] = { "multipleOf", "minProperties", "maxProperties", "required",
                                         "minItems",   "maxItems",      "uniqueItems",   NULL };

static bool is_number_type(enum column_type type)
{
    return type == COLUMN_INT32 || type == COLUMN_INT64 || type == COLUMN_DECIMAL
           || type == COLUMN_DOUBLE;
}

static bool is_time_type(enum column_type type)
{
    return type == COLUMN_DATE || type == COLUMN_TIME || type == COLUMN_TIMESTAMP;
}

/* 123e4567-e89b-12d3-a456-426614174000 */
static bool is_uuid(const char *text)
{
    size_t size = 0;
    for (; text[size]; size++) {
        bool dash = size == 8 || size == 13 || size == 18 || size == 23;
        if (dash ? text[size] != '-' : !isxdigit((unsigned char)text[size]))
            return false;
    }
    return size == 36;
}

/* Can this be a value of the column? */
static bool fits(const struct column *column, const struct node *value)
{
    int64_t number;
    switch (column->type) {
    case COLUMN_INT32:
        return node_to_int64(value, &number) && number >= INT32_MIN && number <= INT32_MAX;
    case COLUMN_INT64:
        return node_to_int64(value, &number);
    case COLUMN_DECIMAL:
    case COLUMN_DOUBLE:
        return value->kind == NODE_NUMBER;
    case COLUMN_DATE:
        return value->kind == NODE_TEXT && shape_is_date(value->text);
    case COLUMN_TIME:
        return value->kind == NODE_TEXT && shape_is_time(value->text);
    case COLUMN_TIMESTAMP:
        return value->kind == NODE_TEXT && shape_is_instant(value->text);
    case COLUMN_TEXT:
        return value->kind == NODE_TEXT;
    case COLUMN_BOOL:
        return value->kind == NODE_BOOL;
    case COLUMN_UUID:
        return value->kind == NODE_TEXT && is_uuid(value->text);
    default:
        return false;
    }
}

static const char *whole_text(struct arena *arena, const struct column *column,
                              const struct node *value)
{
    int64_t number;
    if ((column->type == COLUMN_INT32 || column->type == COLUMN_INT64)
        && node_to_int64(value, &number))
        return arena_print(arena, "%lld", (long long)number);
    if (value->kind == NODE_BOOL)
        return value->truth ? "true" : "false";
    return value->text;
}

bool contract_value_read(struct arena *arena, const struct column *column, const struct node *value,
                         const char **out_text)
{
    if (!fits(column, value))
        return false;
    *out_text = whole_text(arena, column, value);
    return true;
}

/* One end of a range: at most one of its two members may be there. */
static const char *read_bound(struct arena *arena, const struct node *options,
                              const struct column *column, const char *closed, const char *open,
                              bool *out_open, struct faults *faults)
{
    const struct node *bound = node_member(options, closed);
    const struct node *open_bound = node_member(options, open);
    if (bound && open_bound)
        node_fault(faults, open_bound, "give %s or %s, not both", closed, open);
    *out_open = open_bound != NULL;
    bound = open_bound ? open_bound : bound;
    if (!bound)
        return NULL;
    if (!fits(column, bound)) {
        node_fault(faults, bound, "\"%s\" is not a value of the type %s", bound->text,
                   column_type_name(column->type));
        return NULL;
    }
    return whole_text(arena, column, bound);
}

static void read_range(struct arena *arena, const struct node *options, struct column *column,
                       struct faults *faults)
{
    column->minimum = read_bound(arena, options, column, "minimum", "exclusiveMinimum",
                                 &column->minimum_open, faults);
    column->maximum = read_bound(arena, options, column, "maximum", "exclusiveMaximum",
                                 &column->maximum_open, faults);
    if (!column->minimum || !column->maximum)
        return;
    bool crossed =
        is_number_type(column->type)
            ? strtod(column->minimum, NULL) > strtod(column->maximum, NULL)
            : column->type != COLUMN_TIMESTAMP && strcmp(column->minimum, column->maximum) > 0;
    if (crossed)
        node_fault(faults, options, "the minimum %s is above the maximum %s", column->minimum,
                   column->maximum);
}

static void read_length(const struct node *options, struct column *column, struct faults *faults)
{
    const struct node *shortest = node_member(options, "minLength");
    const struct node *longest = node_member(options, "maxLength");
    int64_t most;
    if (shortest && !node_to_int64(shortest, &column->shortest))
        node_fault(faults, shortest, "is too large");
    if (longest && !node_to_int64(longest, &most))
        node_fault(faults, longest, "is too large");
    else if (longest && (column->longest < 0 || most < column->longest))
        column->longest = most;
    if (column->longest >= 0 && column->shortest > column->longest)
        node_fault(faults, shortest, "minLength is above the longest length allowed, %lld",
                   (long long)column->longest);
}

static void read_pattern(struct arena *arena, const struct node *source, struct column *column,
                         struct faults *faults)
{
    const char *reason;
    size_t offset;
    if (!source || column->pattern)
        return;
    struct pattern *pattern = pattern_new(arena, source->text, &reason, &offset);
    if (pattern)
        column->pattern = pattern;
    else
        node_fault(faults, source, "the pattern is broken at byte %zu: %s", offset + 1, reason);
}

/* Dates and times are read in one form only, that of ISO 8601. */
static void check_time_options(const struct node *options, const struct column *column,
                               struct faults *faults)
{
    const struct node *format = node_member(options, "format");
    const struct node *zoned = node_member(options, "timezone");
    const struct node *zone = node_member(options, "defaultTimezone");
    const char *iso = column->type == COLUMN_DATE   ? "yyyy-MM-dd"
                      : column->type == COLUMN_TIME ? "HH:mm:ss"
                                                    : "yyyy-MM-ddTHH:mm:ssZ";
    if (format && strcmp(format->text, iso) != 0)
        node_fault(faults, format,
                   "only the form of ISO 8601 is read: leave format out, or write %s", iso);
    if (zoned && zoned->truth != (column->type == COLUMN_TIMESTAMP))
        node_fault(faults, zoned,
                   column->type == COLUMN_TIMESTAMP ? "a timestamp always has a time zone here"
                                                    : "a time never has a time zone here");
    if (zone && strcmp(zone->text, "Etc/UTC") != 0 && strcmp(zone->text, "UTC") != 0)
        node_fault(faults, zone, "only Etc/UTC is kept");
}

static void read_options(struct arena *arena, const struct node *options, struct column *column,
                         struct faults *faults)
{
    for (size_t i = 0; unchecked[i]; i++) {
        const struct node *option = node_member(options, unchecked[i]);
        if (option)
            node_fault(faults, option, "is not checked by this server yet; leave it out");
    }
    if (is_number_type(column->type) || is_time_type(column->type))
        read_range(arena, options, column, faults);
    if (is_time_type(column->type))
        check_time_options(options, column, faults);
    if (column->type == COLUMN_TEXT) {
        read_length(options, column, faults);
        read_pattern(arena, node_member(options, "pattern"), column, faults);
        return;
    }
    static const char *const of_text[] = { "minLength", "maxLength", "pattern", NULL };
    for (size_t i = 0; of_text[i]; i++) {
        const struct node *option = node_member(options, of_text[i]);
        if (option)
            node_fault(faults, option, "does not fit a column of type %s",
                       column_type_name(column->type));
    }
}

/* Is it "no invalid value is allowed", so that each row can be judged by itself? */
static bool is_strict(const struct node *rule)
{
    const char *metric = node_text(rule, "metric");
    int64_t most;
    return metric && strcmp(metric, "invalidValues") == 0
           && node_to_int64(node_member(rule, "mustBe"), &most) && most == 0;
}

static void read_valid_values(struct arena *arena, const struct node *values, struct column *column,
                              struct faults *faults)
{
    if (!values || column->allowed)
        return;
    if (values->kind != NODE_LIST || !values->count) {
        node_fault(faults, values, "must be a list of the valid values");
        return;
    }
    const char **allowed = arena_array_of(arena, const char *, values->count + 1);
    size_t count = 0;
    for (const struct node *value = values->first; value; value = value->next) {
        if (fits(column, value))
            allowed[count++] = whole_text(arena, column, value);
        else
            node_fault(faults, value, "is not a value of the type %s",
                       column_type_name(column->type));
    }
    column->allowed = allowed;
}

void contract_rules_read(struct arena *arena, const struct node *property, struct column *column,
                         struct faults *faults)
{
    const struct node *options = node_member(property, "logicalTypeOptions");
    const struct node *quality = node_member(property, "quality");
    if (options)
        read_options(arena, options, column, faults);
    if (column->type != COLUMN_TEXT && column->type != COLUMN_INT32 && column->type != COLUMN_INT64
        && column->type != COLUMN_DATE)
        return;
    for (const struct node *rule = quality ? quality->first : NULL; rule; rule = rule->next) {
        const struct node *arguments = node_member(rule, "arguments");
        if (!is_strict(rule))
            continue;
        read_valid_values(arena, node_member(arguments, "validValues"), column, faults);
        const struct node *pattern = node_member(arguments, "pattern");
        if (column->type == COLUMN_TEXT && pattern && pattern->kind == NODE_TEXT)
            read_pattern(arena, pattern, column, faults);
    }
}
