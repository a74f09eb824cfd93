#include "diff.h"

#include "diff_sql.h"
#include "server/db/stream.h"
#include "server/formats/wire.h"
#include "server/model/relation.h"

#include <string.h>

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
        else if (!diff_same_type(arena, before, &to->list[i]))
            add_name(arena, &retyped, &retyped_count, to->list[i].name);
    }
    for (size_t i = 0; i < from->count; i++)
        if (!columns_find(to, from->list[i].name, false))
            add_name(arena, &removed, &removed_count, from->list[i].name);
    diff->columns_added = end_names(arena, added, added_count);
    diff->columns_removed = end_names(arena, removed, removed_count);
    diff->columns_retyped = end_names(arena, retyped, retyped_count);
}

struct problem *diff_snapshots(struct db *db, struct arena *arena,
                               const struct catalogue_snapshot *from,
                               const struct catalogue_snapshot *to, struct diff *out_diff)
{
    struct diff diff = { .from_rows = from->rows, .to_rows = to->rows };
    const struct db_value *row;
    size_t count;
    diff_columns(arena, &from->contract->columns, &to->contract->columns, &diff);
    const struct columns common = diff_common(arena, from->contract, to->contract);
    const char *list = relation_column_list(arena, &common);
    const struct diff_sides sides = {
        .columns = &common,
        .key = diff_key(&common, from->contract, to->contract),
        .from = arena_print(arena, "SELECT %s FROM %s", list, catalogue_snapshot_from(arena, from)),
        .to = arena_print(arena, "SELECT %s FROM %s", list, catalogue_snapshot_from(arena, to)),
    };
    diff.by_key = sides.key;
    const struct db_query query = { diff_counts_sql(arena, &sides), NULL, 0 };
    TRY(db_stream_begin(db, arena, &query));
    struct problem *problem = db_stream_next(db, arena, &row, &count);
    if (!problem && row) {
        diff.added = (int64_t)wire_get64(row[0].data);
        diff.removed = (int64_t)wire_get64(row[1].data);
        diff.changed = (int64_t)wire_get64(row[2].data);
    }
    db_stream_stop(db);
    *out_diff = diff;
    return problem;
}
