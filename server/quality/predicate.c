#include "predicate.h"

#include "check_parts.h"

#include "server/base/buffer.h"

/* Types without their limits: a bound is not rounded to the scale of the column. */
static const char *bare_type(const struct column *column)
{
    static const char *const types[] = {
        [COLUMN_BOOL] = "bool",
        [COLUMN_INT32] = "int4",
        [COLUMN_INT64] = "int8",
        [COLUMN_DECIMAL] = "numeric",
        [COLUMN_DOUBLE] = "float8",
        [COLUMN_TEXT] = "text",
        [COLUMN_DATE] = "date",
        [COLUMN_TIME] = "time",
        [COLUMN_TIMESTAMP] = "timestamptz",
        [COLUMN_UUID] = "uuid",
    };
    return types[column->type];
}

static const char *literal(struct arena *arena, const struct column *column, const char *value)
{
    return arena_print(arena, "%s::%s", db_literal(arena, value), bare_type(column));
}

/* c IN (…); nothing where no value is listed. */
static const char *listed(struct arena *arena, const struct quality_rule *rule)
{
    const struct column *column = rule->columns.list;
    CLEANUP(buffer_clear) struct buffer sql = { 0 };
    if (!rule->values || !rule->values[0])
        return NULL;
    buffer_print(&sql, "%s IN (", check_column(arena, column));
    for (size_t i = 0; rule->values[i]; i++)
        buffer_print(&sql, "%s%s", i ? ", " : "", literal(arena, column, rule->values[i]));
    buffer_add_char(&sql, ')');
    return arena_copy(arena, sql.data, sql.size);
}

static const char *missing(struct arena *arena, const struct quality_rule *rule)
{
    const char *name = check_column(arena, rule->columns.list);
    const char *in = listed(arena, rule);
    if (!rule->null_is_missing)
        return in;
    return in ? arena_print(arena, "(%s IS NULL OR %s)", name, in)
              : arena_print(arena, "%s IS NULL", name);
}

static const char *out_of_range(struct arena *arena, const struct column *column)
{
    const char *name = check_column(arena, column);
    const char *above = "true";
    const char *below = "true";
    if (column->minimum)
        above =
            arena_print(arena, "%s %s %s", name,
                        column->minimum_open ? ">" : ">=", literal(arena, column, column->minimum));
    if (column->maximum)
        below =
            arena_print(arena, "%s %s %s", name,
                        column->maximum_open ? "<" : "<=", literal(arena, column, column->maximum));
    return arena_print(arena, "NOT (%s AND %s)", above, below);
}

static const char *wrong_length(struct arena *arena, const struct column *column)
{
    const char *name = check_column(arena, column);
    if (column->longest < 0)
        return arena_print(arena, "char_length(%s) < %lld", name, (long long)column->shortest);
    if (column->shortest <= 0)
        return arena_print(arena, "char_length(%s) > %lld", name, (long long)column->longest);
    return arena_print(arena, "char_length(%s) NOT BETWEEN %lld AND %lld", name,
                       (long long)column->shortest, (long long)column->longest);
}

const char *predicate_not_listed(struct arena *arena, const struct quality_rule *rule)
{
    const char *in = listed(arena, rule);
    return in ? arena_print(arena, "NOT (%s)", in) : "false";
}

const char *predicate_given(struct arena *arena, const struct columns *columns)
{
    CLEANUP(buffer_clear) struct buffer sql = { 0 };
    for (size_t i = 0; i < columns->count; i++)
        buffer_print(&sql, "%s%s IS NOT NULL", i ? " AND " : "",
                     check_column(arena, &columns->list[i]));
    return arena_copy(arena, sql.data, sql.size);
}

const char *predicate_fails(struct arena *arena, const struct quality_rule *rule)
{
    const struct column *column = rule->columns.list;
    switch (rule->metric) {
    case QUALITY_REQUIRED:
    case QUALITY_NULL_VALUES:
        return arena_print(arena, "%s IS NULL", check_column(arena, column));
    case QUALITY_RANGE:
        return out_of_range(arena, column);
    case QUALITY_LENGTH:
        return wrong_length(arena, column);
    case QUALITY_MISSING_VALUES:
        return missing(arena, rule);
    case QUALITY_INVALID_VALUES:
        return rule->pattern ? NULL : predicate_not_listed(arena, rule);
    default:
        return NULL;
    }
}
