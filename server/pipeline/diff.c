#include "diff.h"

#include "server/base/buffer.h"
#include "server/db/stream.h"

#include <endian.h>
#include <string.h>

static bool same_type(struct arena *arena, const struct column *left, const struct column *right)
{
    return strcmp(column_sql_type(arena, left), column_sql_type(arena, right)) == 0;
}

static void add_name(struct arena *arena, const char ***names, size_t *count, const char *name)
{
    *names = arena_grown(arena, (void *)*names, *count, sizeof **names);
    (*names)[(*count)++] = name;
}

static const char *const *end_names(struct arena *arena, const char **names, size_t count)
{
    add_name(arena, &names, &count, NULL);
    return names;
}

static void diff_columns(struct arena *arena, const struct columns *from, const struct columns *to,
                         struct diff *diff)
{
    const char **added = NULL, **removed = NULL, **retyped = NULL;
    size_t added_count = 0, removed_count = 0, retyped_count = 0;
    for (size_t i = 0; i < to->count; i++) {
        const struct column *before = columns_find(from, to->list[i].name, false);
        if (!before)
            add_name(arena, &added, &added_count, to->list[i].name);
        else if (!same_type(arena, before, &to->list[i]))
            add_name(arena, &retyped, &retyped_count, to->list[i].name);
    }
    for (size_t i = 0; i < from->count; i++)
        if (!columns_find(to, from->list[i].name, false))
            add_name(arena, &removed, &removed_count, from->list[i].name);
    diff->columns_added = end_names(arena, added, added_count);
    diff->columns_removed = end_names(arena, removed, removed_count);
    diff->columns_retyped = end_names(arena, retyped, retyped_count);
}

/* The columns both have, of one type: what can be compared. */
static struct columns in_common(struct arena *arena, const struct columns *from,
                                const struct columns *to)
{
    struct column *list = arena_array_of(arena, struct column, to->count + 1);
    size_t count = 0;
    for (size_t i = 0; i < to->count; i++) {
        const struct column *before = columns_find(from, to->list[i].name, false);
        if (before && same_type(arena, before, &to->list[i]))
            list[count++] = to->list[i];
    }
    return (struct columns){ list, count };
}

static void add_list(struct arena *arena, struct buffer *sql, const struct columns *columns,
                     const char *prefix)
{
    for (size_t i = 0; i < columns->count; i++)
        buffer_print(sql, "%s%s%s", i ? ", " : "", prefix,
                     db_identifier(arena, columns->list[i].name));
}

static bool is_keyed(const struct columns *common, const struct contract *from,
                     const struct contract *to)
{
    bool same = to->key.count && to->key.count == from->key.count;
    for (size_t i = 0; same && i < to->key.count; i++)
        same = strcmp(to->key.list[i].name, from->key.list[i].name) == 0
               && columns_find(common, to->key.list[i].name, false);
    return same;
}

static void add_tables(struct arena *arena, struct buffer *sql, const struct columns *common,
                       const struct catalogue_snapshot *from, const struct catalogue_snapshot *to)
{
    buffer_add_text(sql, "WITH a AS NOT MATERIALIZED (SELECT ");
    add_list(arena, sql, common, "");
    buffer_print(sql, " FROM %s), b AS NOT MATERIALIZED (SELECT ",
                 catalogue_snapshot_from(arena, from));
    add_list(arena, sql, common, "");
    buffer_print(sql, " FROM %s) ", catalogue_snapshot_from(arena, to));
}

static const char *by_key(struct arena *arena, const struct columns *common,
                          const struct catalogue_snapshot *from,
                          const struct catalogue_snapshot *to)
{
    const struct columns *key = &to->contract->key;
    CLEANUP(buffer_clear) struct buffer sql = { 0 };
    const char *first = db_identifier(arena, key->list[0].name);
    add_tables(arena, &sql, common, from, to);
    buffer_print(
        &sql,
        "SELECT count(*) FILTER (WHERE a.%s IS NULL), count(*) FILTER (WHERE b.%s IS NULL), "
        "count(*) FILTER (WHERE a.%s IS NOT NULL AND b.%s IS NOT NULL AND (",
        first, first, first, first);
    add_list(arena, &sql, common, "a.");
    buffer_add_text(&sql, ") IS DISTINCT FROM (");
    add_list(arena, &sql, common, "b.");
    buffer_add_text(&sql, ")) FROM a FULL JOIN b ON ");
    for (size_t i = 0; i < key->count; i++) {
        const char *name = db_identifier(arena, key->list[i].name);
        buffer_print(&sql, "%sa.%s = b.%s", i ? " AND " : "", name, name);
    }
    return arena_copy(arena, sql.data, sql.size);
}

static const char *by_row(struct arena *arena, const struct columns *common,
                          const struct catalogue_snapshot *from,
                          const struct catalogue_snapshot *to)
{
    CLEANUP(buffer_clear) struct buffer sql = { 0 };
    add_tables(arena, &sql, common, from, to);
    buffer_add_text(&sql, "SELECT (SELECT count(*) FROM (TABLE b EXCEPT ALL TABLE a) AS d), "
                          "(SELECT count(*) FROM (TABLE a EXCEPT ALL TABLE b) AS d), 0::int8");
    return arena_copy(arena, sql.data, sql.size);
}

static int64_t number_of(const struct db_value *value)
{
    uint64_t big_endian = 0;
    memcpy(&big_endian, value->data, sizeof big_endian);
    return (int64_t)be64toh(big_endian);
}

struct problem *diff_snapshots(struct db *db, struct arena *arena,
                               const struct catalogue_snapshot *from,
                               const struct catalogue_snapshot *to, struct diff *out_diff)
{
    struct diff diff = { .from_rows = from->rows, .to_rows = to->rows };
    const struct db_value *row;
    size_t count;
    diff_columns(arena, &from->contract->columns, &to->contract->columns, &diff);
    struct columns common = in_common(arena, &from->contract->columns, &to->contract->columns);
    diff.by_key = is_keyed(&common, from->contract, to->contract);
    const struct db_query query = { diff.by_key ? by_key(arena, &common, from, to)
                                                : by_row(arena, &common, from, to),
                                    NULL, 0 };
    TRY(db_stream_begin(db, arena, &query));
    struct problem *problem = db_stream_next(db, arena, &row, &count);
    if (!problem && row) {
        diff.added = number_of(&row[0]);
        diff.removed = number_of(&row[1]);
        diff.changed = number_of(&row[2]);
    }
    db_stream_stop(db);
    *out_diff = diff;
    return problem;
}
