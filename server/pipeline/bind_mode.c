#include "bind_mode.h"

#include "server/base/buffer.h"
#include "server/db/db.h"

#include <assert.h>
#include <string.h>

static const char *quoted(struct arena *arena, const struct column *column)
{
    return db_identifier(arena, column->name);
}

/* The author's columns with the contract's types. */
static void add_casts(struct arena *arena, const struct bind_output *output, struct buffer *sql)
{
    bool first = true;
    for (size_t i = 0; i < output->columns->count; i++) {
        const struct column *column = &output->columns->list[i];
        const char *name = quoted(arena, column);
        if (bind_is_ours(output->mode, column->name))
            continue;
        buffer_print(sql, "%sq.%s::%s AS %s", first ? "" : ", ", name,
                     column_sql_type(arena, column), name);
        first = false;
    }
}

static bool is_key(const struct bind_output *output, const struct column *column)
{
    return columns_find(&output->key, column->name, false) != NULL;
}

/* new."id" = old."id" AND … */
static void add_same_key(struct arena *arena, const struct bind_output *output, struct buffer *sql)
{
    for (size_t i = 0; i < output->key.count; i++) {
        const char *name = quoted(arena, &output->key.list[i]);
        buffer_print(sql, "%sn.%s = o.%s", i ? " AND " : "", name, name);
    }
}

static void add_key(struct arena *arena, const struct bind_output *output, struct buffer *sql)
{
    for (size_t i = 0; i < output->key.count; i++)
        buffer_print(sql, "%s%s", i ? ", " : "", quoted(arena, &output->key.list[i]));
}

/* The columns of the contract in their order, of the table `from`, with ours given. */
static void add_columns(struct arena *arena, const struct bind_output *output, const char *from,
                        const char *valid_from, const char *valid_to, struct buffer *sql)
{
    for (size_t i = 0; i < output->columns->count; i++) {
        const struct column *column = &output->columns->list[i];
        buffer_add_text(sql, i ? ", " : "");
        if (!bind_is_ours(output->mode, column->name)) {
            buffer_print(sql, "%s.%s", from, quoted(arena, column));
            continue;
        }
        const char *given = strcmp(column->name, BIND_VALID_FROM) == 0 ? valid_from : valid_to;
        assert(given); /* only a mode that has columns of ours is asked about them */
        buffer_add_text(sql, given);
    }
}

/* Are the values beside the key the same? */
static void add_same_values(struct arena *arena, const struct bind_output *output,
                            struct buffer *sql)
{
    bool first = true;
    for (size_t i = 0; i < output->columns->count; i++) {
        const struct column *column = &output->columns->list[i];
        if (is_key(output, column) || bind_is_ours(output->mode, column->name))
            continue;
        const char *name = quoted(arena, column);
        buffer_print(sql, "%sn.%s IS NOT DISTINCT FROM o.%s", first ? "" : " AND ", name, name);
        first = false;
    }
    if (first)
        buffer_add_text(sql, "true");
}

static bool is_plain(const struct bind_output *output)
{
    return !output || output->mode == PIPELINE_FULL || output->mode == PIPELINE_APPEND;
}

void bind_mode_before(struct arena *arena, const struct bind_output *output, struct buffer *sql)
{
    if (!is_plain(output))
        buffer_add_text(sql, ",\n\" new\" AS MATERIALIZED (");
    buffer_add_text(sql, "\nSELECT ");
    if (output)
        add_casts(arena, output, sql);
    else
        buffer_add_text(sql, "q.*");
    if (!is_plain(output)) /* of two rows with one key the later one wins */
        buffer_add_text(sql, ", row_number() OVER () AS \" place\"");
    buffer_add_text(sql, " FROM (\n");
}

static void add_last(struct arena *arena, const struct bind_output *output, struct buffer *sql)
{
    buffer_add_text(sql, "),\n\" last\" AS MATERIALIZED (SELECT DISTINCT ON (");
    add_key(arena, output, sql);
    buffer_add_text(sql, ") * FROM \" new\" ORDER BY ");
    add_key(arena, output, sql);
    buffer_print(sql, ", \" place\" DESC),\n\" old\" AS NOT MATERIALIZED (%s)\n", output->previous);
}

static void add_merge(struct arena *arena, const struct bind_output *output, struct buffer *sql)
{
    buffer_add_text(sql, "SELECT ");
    add_columns(arena, output, "o", NULL, NULL, sql);
    buffer_add_text(sql, " FROM \" old\" AS o WHERE NOT EXISTS (SELECT FROM \" last\" AS n WHERE ");
    add_same_key(arena, output, sql);
    buffer_add_text(sql, ")\nUNION ALL\nSELECT ");
    add_columns(arena, output, "n", NULL, NULL, sql);
    buffer_add_text(sql, " FROM \" last\" AS n");
}

/* What is over stays as it was; what is open stays open while it is the same, and ends now where it
 * changed or is gone; what is new or changed begins now. */
static void add_scd2(struct arena *arena, const struct bind_output *output, struct buffer *sql)
{
    const char *now = output->as_of
                          ? arena_print(arena, "%s::timestamptz", db_literal(arena, output->as_of))
                          : "NULL::timestamptz";
    buffer_add_text(sql, "SELECT ");
    add_columns(arena, output, "o", "o." BIND_VALID_FROM, "o." BIND_VALID_TO, sql);
    buffer_add_text(sql, " FROM \" old\" AS o WHERE o." BIND_VALID_TO " IS NOT NULL"
                         "\nUNION ALL\nSELECT ");
    add_columns(arena, output, "o", "o." BIND_VALID_FROM,
                arena_print(arena, "CASE WHEN n.\" place\" IS NULL THEN %s END", now), sql);
    buffer_add_text(sql, " FROM \" old\" AS o LEFT JOIN \" last\" AS n ON ");
    add_same_key(arena, output, sql);
    buffer_add_text(sql, " AND ");
    add_same_values(arena, output, sql);
    /* a row that began at this very instant never was */
    buffer_print(sql,
                 " WHERE o." BIND_VALID_TO " IS NULL AND (n.\" place\" IS NOT NULL OR "
                 "o." BIND_VALID_FROM " < %s)\nUNION ALL\nSELECT ",
                 now);
    add_columns(arena, output, "n", now, "NULL::timestamptz", sql);
    buffer_add_text(sql, " FROM \" last\" AS n WHERE NOT EXISTS (SELECT FROM \" old\" AS o WHERE "
                         "o." BIND_VALID_TO " IS NULL AND ");
    add_same_key(arena, output, sql);
    buffer_add_text(sql, " AND ");
    add_same_values(arena, output, sql);
    buffer_add_char(sql, ')');
}

void bind_mode_after(struct arena *arena, const struct bind_output *output, struct buffer *sql)
{
    if (is_plain(output))
        return;
    add_last(arena, output, sql);
    if (output->mode == PIPELINE_MERGE)
        add_merge(arena, output, sql);
    else
        add_scd2(arena, output, sql);
}
