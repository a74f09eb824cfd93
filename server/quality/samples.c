/* Some of the rows that broke a rule: a second statement for each rule that failed. */
#include "check_parts.h"
#include "predicate.h"
#include "relations.h"

#include "server/base/buffer.h"
#include "server/model/relation.h"

#include <string.h>

/* A row that would be longer as JSON is not kept. */
#define ROW_BYTES 8192

static void add_column(struct checking *checking, struct columns *list, const struct column *column)
{
    if (columns_find(list, column->name, false))
        return;
    struct column *grown =
        arena_grown(checking->arena, (void *)(uintptr_t)list->list, list->count, sizeof *grown);
    grown[list->count++] = *column;
    list->list = grown;
}

/* What a row is told by: its key, or else all of it; and the columns of the rule. */
static struct columns columns_of(struct checking *checking, const struct quality_rule *rule)
{
    const struct contract *contract = checking->request->contract;
    const struct columns *key = contract->key.count ? &contract->key : &contract->columns;
    struct columns list = { 0 };
    for (size_t i = 0; i < key->count; i++)
        add_column(checking, &list, &key->list[i]);
    for (size_t i = 0; i < rule->columns.count; i++)
        add_column(checking, &list, &rule->columns.list[i]);
    return list;
}

/* Texts that did not match were remembered when they went by. */
static const char *pattern_predicate(struct checking *checking, const struct quality_result *result)
{
    const struct quality_rule *rule = result->rule;
    const char *const *texts = checking->texts[result - checking->results];
    CLEANUP(buffer_clear) struct buffer sql = { 0 };
    buffer_add_text(&sql, rule->values ? predicate_not_listed(checking->arena, rule) : "false");
    for (size_t i = 0; texts && texts[i]; i++)
        buffer_print(&sql, "%s%s",
                     i ? ", "
                       : arena_print(checking->arena, " OR %s IN (",
                                     check_column(checking->arena, rule->columns.list)),
                     db_literal(checking->arena, texts[i]));
    if (texts && texts[0])
        buffer_add_char(&sql, ')');
    return arena_copy(checking->arena, sql.data, sql.size);
}

/* Values that are there more than once, with how often. */
static const char *select_groups(struct checking *checking, const struct quality_rule *rule)
{
    struct arena *arena = checking->arena;
    const char *names = relation_column_list(arena, &rule->columns);
    return arena_print(arena,
                       "SELECT %s, count(*) AS _rows FROM %s WHERE %s GROUP BY %s "
                       "HAVING count(*) > 1 LIMIT %d",
                       names, checking->rows, predicate_given(arena, &rule->columns), names,
                       QUALITY_SAMPLE_ROWS);
}

/* The rows of a rule that failed; NULL: they cannot be told one by one. */
static const char *select_rows(struct checking *checking, const struct quality_result *result)
{
    struct arena *arena = checking->arena;
    const struct quality_rule *rule = result->rule;
    const char *fails;
    switch (rule->metric) {
    case QUALITY_PRIMARY_KEY:
    case QUALITY_UNIQUE:
    case QUALITY_DUPLICATE_VALUES:
        return select_groups(checking, rule);
    case QUALITY_RELATIONSHIP:
        fails = relation_fails(checking, rule);
        break;
    default:
        fails = rule->pattern ? pattern_predicate(checking, result) : predicate_fails(arena, rule);
    }
    struct columns columns = columns_of(checking, rule);
    return fails ? arena_print(arena, "SELECT %s FROM %s WHERE %s LIMIT %d",
                               relation_column_list(arena, &columns), checking->rows, fails,
                               QUALITY_SAMPLE_ROWS)
                 : NULL;
}

static struct problem *sample(struct checking *checking, struct quality_result *result,
                              const char *select)
{
    struct arena *arena = checking->arena;
    const struct db_query query = {
        arena_print(arena, "SELECT to_jsonb(sample)::text FROM (%s) AS sample", select), NULL, 0
    };
    const char **rows = arena_array_of(arena, const char *, QUALITY_SAMPLE_ROWS + 1);
    TRY(db_stream_begin(checking->db, arena, &query));
    for (;;) {
        const struct db_value *row;
        size_t columns;
        TRY(db_stream_next(checking->db, arena, &row, &columns));
        if (!row)
            break;
        if (row[0].size >= 0 && row[0].size <= ROW_BYTES)
            rows[result->row_count++] = arena_copy(arena, row[0].data, (size_t)row[0].size);
    }
    result->rows = rows;
    return NULL;
}

struct problem *sample_rows(struct checking *checking)
{
    for (size_t i = 0; i < checking->count; i++) {
        struct quality_result *result = &checking->results[i];
        bool failed = result->outcome == QUALITY_FAIL || result->outcome == QUALITY_WARN;
        const char *select = failed && result->failing > 0 ? select_rows(checking, result) : NULL;
        if (select)
            TRY(sample(checking, result, select));
    }
    return NULL;
}
