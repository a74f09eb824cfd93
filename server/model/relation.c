#include "relation.h"

#include "server/base/buffer.h"

#include <string.h>

const char *relation_segment(struct arena *arena, int64_t segment_id)
{
    return arena_join(arena, "data.\"s_", arena_int64(arena, segment_id), "\"");
}

const char *relation_input(struct arena *arena, int64_t datum_id)
{
    return arena_print(arena, "input.\"i_%lld\"", (long long)datum_id);
}

const char *relation_column_list(struct arena *arena, const struct columns *columns)
{
    CLEANUP(buffer_clear) struct buffer list = { 0 };
    for (size_t i = 0; i < columns->count; i++)
        buffer_print(&list, "%s%s", i ? ", " : "", db_identifier(arena, columns->list[i].name));
    return arena_copy(arena, list.data, list.size);
}

static void add_column(struct arena *arena, struct buffer *sql, const struct column *column)
{
    buffer_print(sql, "%s %s", db_identifier(arena, column->name), column_sql_type(arena, column));
}

const char *relation_create_segment(struct arena *arena, int64_t segment_id,
                                    const struct columns *columns)
{
    CLEANUP(buffer_clear) struct buffer sql = { 0 };
    buffer_print(&sql, "CREATE TABLE %s (", relation_segment(arena, segment_id));
    for (size_t i = 0; i < columns->count; i++) {
        const struct column *column = &columns->list[i];
        buffer_add_text(&sql, i ? ", " : "");
        add_column(arena, &sql, column);
    }
    buffer_add_char(&sql, ')');
    return arena_copy(arena, sql.data, sql.size);
}

const char *relation_add_key(struct arena *arena, int64_t segment_id, const struct columns *key)
{
    return arena_print(arena, "ALTER TABLE %s ADD PRIMARY KEY (%s)",
                       relation_segment(arena, segment_id), relation_column_list(arena, key));
}

const char *relation_add_unique(struct arena *arena, int64_t segment_id,
                                const struct column *column)
{
    return arena_print(arena, "CREATE UNIQUE INDEX ON %s (%s)", relation_segment(arena, segment_id),
                       db_identifier(arena, column->name));
}

const char *relation_open_segment(struct arena *arena, int64_t segment_id)
{
    const char *table = relation_segment(arena, segment_id);
    return arena_print(arena, "ANALYZE %s; GRANT SELECT ON %s TO entrepot_pipeline", table, table);
}

const char *relation_publish_segment(struct arena *arena, int64_t segment_id)
{
    return arena_print(arena, "GRANT SELECT ON %s TO entrepot_reader",
                       relation_segment(arena, segment_id));
}

bool relation_is_ours(const char *column)
{
    return strcmp(column, "_delivery") == 0 || strcmp(column, "_row") == 0;
}

const char *relation_create_input(struct arena *arena, int64_t datum_id,
                                  const struct columns *columns)
{
    CLEANUP(buffer_clear) struct buffer sql = { 0 };
    const char *table = relation_input(arena, datum_id);
    buffer_print(&sql, "CREATE TABLE %s (_delivery bigint NOT NULL, _row bigint NOT NULL", table);
    for (size_t i = 0; i < columns->count; i++) {
        buffer_add_text(&sql, ", ");
        add_column(arena, &sql, &columns->list[i]);
    }
    /* deliveries come in order, so a block range index finds one at next to no cost */
    buffer_print(&sql,
                 ");CREATE INDEX ON %s USING brin (_delivery);"
                 "GRANT SELECT ON %s TO entrepot_pipeline",
                 table, table);
    return arena_copy(arena, sql.data, sql.size);
}

const char *relation_add_input_column(struct arena *arena, int64_t datum_id,
                                      const struct column *column)
{
    return arena_print(arena, "ALTER TABLE %s ADD COLUMN %s %s", relation_input(arena, datum_id),
                       db_identifier(arena, column->name), column_sql_type(arena, column));
}

const char *catalogue_snapshot_from(struct arena *arena, const struct catalogue_snapshot *snapshot)
{
    if (snapshot->segment_count == 1)
        return relation_segment(arena, snapshot->segments[0]);
    CLEANUP(buffer_clear) struct buffer sql = { 0 };
    const char *columns = relation_column_list(arena, &snapshot->contract->columns);
    buffer_add_char(&sql, '(');
    for (size_t i = 0; i < snapshot->segment_count; i++)
        buffer_print(&sql, "%sSELECT %s FROM %s", i ? " UNION ALL " : "", columns,
                     relation_segment(arena, snapshot->segments[i]));
    buffer_add_text(&sql, ") AS segments");
    return arena_copy(arena, sql.data, sql.size);
}

const char *catalogue_snapshot_table(struct arena *arena, const struct catalogue_snapshot *snapshot,
                                     const struct columns *columns)
{
    if (snapshot->segment_count != 1)
        return NULL;
    return arena_join(arena, relation_segment(arena, snapshot->segments[0]), " (",
                      relation_column_list(arena, columns), ")");
}

const char *catalogue_input_select(struct arena *arena, const struct catalogue_datum *datum,
                                   int64_t number)
{
    const char *columns = relation_column_list(arena, &datum->contract->columns);
    const char *table = relation_input(arena, datum->id);
    long long n = number;
    switch (datum->mode) {
    case CONTRACT_APPEND:
        return arena_print(arena, "SELECT %s FROM %s WHERE _delivery <= %lld", columns, table, n);
    case CONTRACT_UPSERT: {
        const char *key = relation_column_list(arena, &datum->contract->key);
        return arena_print(arena,
                           "SELECT DISTINCT ON (%s) %s FROM %s WHERE _delivery <= %lld "
                           "ORDER BY %s, _delivery DESC, _row DESC",
                           key, columns, table, n, key);
    }
    case CONTRACT_REPLACE:
    case CONTRACT_NO_MODE:
        break;
    }
    return arena_print(arena, "SELECT %s FROM %s WHERE _delivery = %lld", columns, table, n);
}
