#include "diff_sql.h"

#include "server/base/buffer.h"
#include "server/db/db.h"

#include <assert.h>
#include <string.h>

bool diff_same_type(struct arena *arena, const struct column *left, const struct column *right)
{
    return strcmp(column_sql_type(arena, left), column_sql_type(arena, right)) == 0;
}

struct columns diff_common(struct arena *arena, const struct contract *from,
                           const struct contract *to)
{
    struct column *list = arena_array_of(arena, struct column, to->columns.count + 1);
    size_t count = 0;
    for (size_t i = 0; i < to->columns.count; i++) {
        const struct column *column = &to->columns.list[i];
        const struct column *before = columns_find(&from->columns, column->name, false);
        if (!before || !diff_same_type(arena, before, column))
            continue;
        list[count] = *column;
        list[count++].required = before->required && column->required;
    }
    return (struct columns){ list, count };
}

const struct columns *diff_key(const struct columns *columns, const struct contract *from,
                               const struct contract *to)
{
    bool same = to->key.count && to->key.count == from->key.count;
    for (size_t i = 0; same && i < to->key.count; i++)
        same = strcmp(to->key.list[i].name, from->key.list[i].name) == 0
               && columns_find(columns, to->key.list[i].name, false);
    return same ? &to->key : NULL;
}

static void add_list(struct arena *arena, struct buffer *sql, const struct columns *columns,
                     const char *prefix)
{
    for (size_t i = 0; i < columns->count; i++)
        buffer_print(sql, "%s%s%s", i ? ", " : "", prefix,
                     db_identifier(arena, columns->list[i].name));
}

static void add_sides(struct buffer *sql, const struct diff_sides *sides)
{
    buffer_print(sql, "WITH a AS NOT MATERIALIZED (%s), b AS NOT MATERIALIZED (%s) ", sides->from,
                 sides->to);
}

static void add_join(struct arena *arena, struct buffer *sql, const struct columns *key)
{
    buffer_add_text(sql, " FROM a FULL JOIN b ON ");
    for (size_t i = 0; i < key->count; i++) {
        const char *name = db_identifier(arena, key->list[i].name);
        buffer_print(sql, "%sa.%s = b.%s", i ? " AND " : "", name, name);
    }
}

static void add_differs(struct arena *arena, struct buffer *sql, const struct columns *columns)
{
    buffer_add_char(sql, '(');
    add_list(arena, sql, columns, "a.");
    buffer_add_text(sql, ") IS DISTINCT FROM (");
    add_list(arena, sql, columns, "b.");
    buffer_add_char(sql, ')');
}

static void count_by_key(struct arena *arena, struct buffer *sql, const struct diff_sides *sides)
{
    const char *first = db_identifier(arena, sides->key->list[0].name);
    buffer_print(
        sql,
        "SELECT count(*) FILTER (WHERE a.%s IS NULL), count(*) FILTER (WHERE b.%s IS NULL), "
        "count(*) FILTER (WHERE a.%s IS NOT NULL AND b.%s IS NOT NULL AND ",
        first, first, first, first);
    add_differs(arena, sql, sides->columns);
    buffer_add_char(sql, ')');
    add_join(arena, sql, sides->key);
}

const char *diff_counts_sql(struct arena *arena, const struct diff_sides *sides)
{
    CLEANUP(buffer_clear) struct buffer sql = { 0 };
    add_sides(&sql, sides);
    if (sides->key)
        count_by_key(arena, &sql, sides);
    else
        buffer_add_text(&sql, "SELECT (SELECT count(*) FROM (TABLE b EXCEPT ALL TABLE a) AS d), "
                              "(SELECT count(*) FROM (TABLE a EXCEPT ALL TABLE b) AS d), 0::int8");
    return arena_copy(arena, sql.data, sql.size);
}

/* One of the rows that a pair becomes: from a side, when the key is, or is not, on each side. */
static void add_kind(struct arena *arena, struct buffer *sql, const struct diff_sides *sides,
                     const char *kind, const char *prefix, const char *in_a, const char *in_b)
{
    const char *first = db_identifier(arena, sides->key->list[0].name);
    buffer_print(sql, "SELECT '%s'::text COLLATE \"C\" AS change, ", kind);
    add_list(arena, sql, sides->columns, prefix);
    buffer_print(sql, " WHERE a.%s IS %s AND b.%s IS %s", first, in_a, first, in_b);
}

const char *diff_changes_sql(struct arena *arena, const struct diff_sides *sides)
{
    assert(sides->key);
    CLEANUP(buffer_clear) struct buffer sql = { 0 };
    add_sides(&sql, sides);
    buffer_add_text(&sql, "SELECT side.*");
    add_join(arena, &sql, sides->key);
    buffer_add_text(&sql, " CROSS JOIN LATERAL (");
    add_kind(arena, &sql, sides, "added", "b.", "NULL", "NOT NULL");
    buffer_add_text(&sql, " UNION ALL ");
    add_kind(arena, &sql, sides, "removed", "a.", "NOT NULL", "NULL");
    buffer_add_text(&sql, " UNION ALL ");
    add_kind(arena, &sql, sides, "changed_from", "a.", "NOT NULL", "NOT NULL");
    buffer_add_text(&sql, " UNION ALL ");
    add_kind(arena, &sql, sides, "changed_to", "b.", "NOT NULL", "NOT NULL");
    buffer_add_text(&sql, ") AS side WHERE ");
    add_differs(arena, &sql, sides->columns);
    buffer_add_text(&sql, " ORDER BY ");
    add_list(arena, &sql, sides->key, "side.");
    buffer_add_text(&sql, ", side.change"); /* changed_from is before changed_to */
    return arena_copy(arena, sql.data, sql.size);
}
