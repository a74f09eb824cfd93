/* Keys and unique columns: measured by building the indexes that are wanted for reading anyway. How
 * many rows break them is only counted when Postgres refuses. */
#include "check_parts.h"
#include "predicate.h"

#include "server/base/buffer.h"
#include "server/base/clock.h"
#include "server/model/relation.h"
#include "sql.h"

#include <string.h>

/* Rows beyond the first of each group of equal values; NULL equals nothing. */
static struct problem *count_surplus(struct checking *checking, const struct columns *columns,
                                     int64_t *out_count)
{
    struct arena *arena = checking->arena;
    return check_count(
        checking,
        arena_print(arena,
                    "SELECT coalesce(sum(n - 1), 0)::int8 FROM (SELECT count(*) AS n FROM %s "
                    "WHERE %s GROUP BY %s HAVING count(*) > 1) AS groups",
                    checking->rows, predicate_given(arena, columns),
                    relation_column_list(arena, columns)),
        out_count);
}

/* An index as its own transaction: one that cannot be built takes no other with it. */
static struct problem *build(struct checking *checking, const char *sql, bool *out_built)
{
    struct db *db = checking->db;
    TRY(check_begin(checking, db, false));
    struct problem *problem = db_run(db, checking->arena, sql);
    *out_built = !problem;
    if (!problem)
        return db_commit(db, checking->arena);
    bool broken = strncmp(db_sqlstate(db), "23", 2) == 0; /* a key twice, or NULL in it */
    db_rollback(db);
    return broken ? NULL : problem;
}

/* A table that an earlier run has made may have it already. */
static struct problem *has_index(struct checking *checking, const struct columns *columns,
                                 bool *out_has)
{
    struct arena *arena = checking->arena;
    const char **names = arena_array_of(arena, const char *, columns->count + 1);
    for (size_t i = 0; i < columns->count; i++)
        names[i] = columns->list[i].name;
    const struct db_param in[] = { db_int64(checking->request->segment_id), db_texts(names) };
    const struct db_column out[] = { db_to_bool(out_has) };
    return db_one(checking->db, arena, &sql_quality_index, in, COUNT(in), out, COUNT(out));
}

static struct problem *measure_index(struct checking *checking, struct quality_result *result)
{
    struct arena *arena = checking->arena;
    int64_t segment_id = checking->request->segment_id;
    const struct columns *columns = &result->rule->columns;
    int64_t began = clock_monotonic_ms();
    int64_t surplus = 0;
    bool built;
    const char *sql = result->rule->metric == QUALITY_PRIMARY_KEY
                          ? relation_add_key(arena, segment_id, columns)
                          : relation_add_unique(arena, segment_id, columns->list);
    TRY(has_index(checking, columns, &built));
    if (!built)
        TRY(build(checking, sql, &built));
    if (!built) {
        TRY(check_begin(checking, checking->db, true));
        struct problem *problem = count_surplus(checking, columns, &surplus);
        db_rollback(checking->db);
        TRY(problem);
    }
    result->ms = clock_monotonic_ms() - began;
    result_count(checking, result, surplus);
    if (surplus)
        result->message = arena_print(arena, "%lld rows have a value of %s that an earlier row has",
                                      (long long)surplus, relation_column_list(arena, columns));
    else if (!built)
        result_error(checking, result, "the key cannot be built: there are rows without a value");
    return NULL;
}

/* What is never NULL says so in the table: planners and readers go by it. */
static struct problem *forbid_nulls(struct checking *checking)
{
    CLEANUP(buffer_clear) struct buffer sql = { 0 };
    struct arena *arena = checking->arena;
    bool built;
    buffer_print(&sql, "ALTER TABLE %s ", relation_segment(arena, checking->request->segment_id));
    size_t empty = sql.size;
    for (size_t i = 0; i < checking->count; i++) {
        const struct quality_result *result = &checking->results[i];
        if (result->rule->metric == QUALITY_REQUIRED && !result->failing)
            buffer_print(&sql, "%sALTER COLUMN %s SET NOT NULL", sql.size > empty ? ", " : "",
                         db_identifier(arena, result->rule->columns.list[0].name));
    }
    return sql.size > empty ? build(checking, buffer_text(&sql), &built) : NULL;
}

struct problem *measure_indexes(struct checking *checking)
{
    TRY(forbid_nulls(checking));
    for (size_t i = 0; i < checking->count; i++) {
        enum quality_metric metric = checking->results[i].rule->metric;
        if (metric == QUALITY_PRIMARY_KEY || metric == QUALITY_UNIQUE)
            TRY(measure_index(checking, &checking->results[i]));
    }
    return NULL;
}

/* Does an index that was built say already that the values of columns differ? */
static bool is_implied(const struct checking *checking, const struct columns *columns)
{
    for (size_t i = 0; i < checking->count && !checking->request->from; i++) {
        const struct quality_rule *rule = checking->results[i].rule;
        bool inside = (rule->metric == QUALITY_PRIMARY_KEY || rule->metric == QUALITY_UNIQUE)
                      && checking->results[i].outcome == QUALITY_PASS;
        for (size_t k = 0; inside && k < rule->columns.count; k++)
            inside = columns_find(columns, rule->columns.list[k].name, false) != NULL;
        if (inside)
            return true;
    }
    return false;
}

struct problem *measure_duplicates(struct checking *checking)
{
    for (size_t i = 0; i < checking->count; i++) {
        struct quality_result *result = &checking->results[i];
        int64_t surplus = 0;
        if (result->rule->metric != QUALITY_DUPLICATE_VALUES)
            continue;
        int64_t began = clock_monotonic_ms();
        if (!is_implied(checking, &result->rule->columns))
            TRY(count_surplus(checking, &result->rule->columns, &surplus));
        result->ms = clock_monotonic_ms() - began;
        result_count(checking, result, surplus);
    }
    return NULL;
}
