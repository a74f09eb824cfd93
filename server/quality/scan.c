/* All rules that count rows, as columns of one SELECT: the table is read once. */
#include "check_parts.h"
#include "predicate.h"

#include "server/base/buffer.h"
#include "server/base/clock.h"
#include "server/formats/wire.h"

#include <assert.h>

/* Seconds from the newest value to the instant of the run; a date begins at midnight, UTC. */
static const char *latency(struct arena *arena, const struct column *column, int64_t as_of)
{
    const char *name = check_column(arena, column);
    const char *newest = column->type == COLUMN_DATE
                             ? arena_print(arena, "max(%s)::timestamp AT TIME ZONE 'UTC'", name)
                             : arena_print(arena, "max(%s)", name);
    return arena_print(arena, "extract(epoch FROM %s::timestamptz - (%s))::float8",
                       db_literal(arena, clock_text(arena, as_of)), newest);
}

/* What the SELECT has for a rule; NULL: nothing. */
static const char *measure(struct arena *arena, const struct quality_rule *rule, int64_t as_of)
{
    if (rule->metric == QUALITY_LATENCY)
        return latency(arena, rule->columns.list, as_of);
    if (rule->metric == QUALITY_REQUIRED || rule->metric == QUALITY_NULL_VALUES)
        return arena_print(arena, "count(*) - count(%s)", check_column(arena, rule->columns.list));
    const char *fails = predicate_fails(arena, rule);
    return fails ? arena_print(arena, "count(*) FILTER (WHERE %s)", fails) : NULL;
}

static void add_measure(struct arena *arena, struct buffer *sql, const struct quality_rule *rule,
                        int64_t as_of)
{
    const char *sum = measure(arena, rule, as_of);
    if (sum)
        buffer_print(sql, ",\n       %s", sum);
}

const char *quality_scan_sql(struct arena *arena, const struct contract *contract, const char *from,
                             int64_t as_of)
{
    CLEANUP(buffer_clear) struct buffer sql = { 0 };
    buffer_add_text(&sql, "SELECT count(*)");
    for (size_t i = 0; i < contract->rules.count; i++)
        add_measure(arena, &sql, &contract->rules.list[i], as_of);
    buffer_print(&sql, "\n  FROM %s", check_rows(arena, contract, from));
    return arena_copy(arena, sql.data, sql.size);
}

/* The one row's columns, in the order of the rules that have one. */
static void take_row(struct checking *checking, const struct check_row *row)
{
    size_t next = 1;
    for (size_t i = 0; i < checking->count; i++) {
        struct quality_result *result = &checking->results[i];
        if (result->rule->metric == QUALITY_ROW_COUNT)
            result_value(checking, result, (double)checking->total);
        if (!measure(checking->arena, result->rule, checking->request->as_of))
            continue;
        assert(next < row->count);
        const struct db_value *value = &row->values[next++];
        if (result->rule->metric != QUALITY_LATENCY)
            result_count(checking, result, (int64_t)wire_get64(value->data));
        else if (value->size < 0)
            result_skip(result, "there is no value to be old");
        else
            result_value(checking, result, wire_get_double(value->data));
    }
}

struct problem *measure_scan(struct checking *checking)
{
    CLEANUP(buffer_clear) struct buffer sql = { 0 };
    struct arena *arena = checking->arena;
    struct check_row row;
    buffer_add_text(&sql, "SELECT count(*)");
    for (size_t i = 0; i < checking->count; i++)
        add_measure(arena, &sql, checking->results[i].rule, checking->request->as_of);
    buffer_print(&sql, " FROM %s", checking->rows);
    int64_t began = clock_monotonic_ms();
    TRY(check_row(checking->db, arena, buffer_text(&sql), &row));
    checking->total = (int64_t)wire_get64(row.values[0].data);
    for (size_t i = 0; i < checking->count; i++) {
        checking->results[i].total = checking->total;
        checking->results[i].ms = clock_monotonic_ms() - began;
    }
    take_row(checking, &row);
    return NULL;
}
