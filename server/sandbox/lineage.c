#include "lineage.h"

#include "lineage_scope.h"

#include <stdlib.h>
#include <string.h>

static const char *const kind_names[LINEAGE_KINDS] = {
    [LINEAGE_IDENTITY] = "IDENTITY",
    [LINEAGE_TRANSFORMATION] = "TRANSFORMATION",
    [LINEAGE_AGGREGATION] = "AGGREGATION",
    [LINEAGE_JOIN] = "JOIN",
    [LINEAGE_GROUP_BY] = "GROUP_BY",
    [LINEAGE_FILTER] = "FILTER",
    [LINEAGE_SORT] = "SORT",
    [LINEAGE_WINDOW] = "WINDOW",
    [LINEAGE_CONDITIONAL] = "CONDITIONAL",
};

bool lineage_is_direct(enum lineage_kind kind)
{
    return kind < LINEAGE_JOIN;
}

const char *lineage_kind_name(enum lineage_kind kind)
{
    return kind_names[kind];
}

/* The columns Postgres says are used, beside what the tree will say. */
static void mark_uses(struct sources *sources, const struct probe *probe)
{
    for (size_t i = 0; i < probe->use_count; i++) {
        const struct probe_use *use = &probe->uses[i];
        uint32_t number = source_table(sources, use->relation);
        struct source_table *table = sources->tables[number];
        uint32_t at = source_column(0, use->attnum);
        if (at >= SOURCE_COLUMNS) {
            sources_doubt(sources, "a column of a table is out of range");
            continue;
        }
        table->marks[at] |= MARK_USED;
        if (use->attnum)
            table->names[at] = use->column;
    }
}

/* Every column of pg_depend was met, and every column the tree names is in pg_depend. Postgres
 * keeps no columns of a row that is taken whole. */
static void check_uses(struct sources *sources)
{
    for (size_t i = 0; i < sources->table_count; i++) {
        const struct source_table *table = sources->tables[i];
        bool used = false;
        for (uint32_t at = 0; at < SOURCE_COLUMNS; at++) {
            unsigned marks = table->marks[at];
            used = used || (marks & MARK_USED);
            if (at == source_column(0, 0))
                continue;
            if ((marks & MARK_USED) && !(marks & (MARK_NAMED | MARK_WHOLE)))
                sources_doubt(sources, "pg_depend has a column that the tree does not have");
            if ((marks & MARK_NAMED) && !(marks & MARK_USED))
                sources_doubt(sources, "the tree has a column that pg_depend does not have");
        }
        if (used != table->reached)
            sources_doubt(sources, "pg_depend and the tree read different tables");
    }
}

static size_t count_kinds(const struct source_set *set)
{
    size_t count = 0;
    for (size_t i = 0; i < set->count; i++)
        for (unsigned kinds = set->list[i].kinds & ~SOURCE_IS_READ; kinds; kinds &= kinds - 1)
            count++;
    return count;
}

static int by_source(const void *left, const void *right)
{
    const struct lineage_source *a = left;
    const struct lineage_source *b = right;
    int order = (a->relation > b->relation) - (a->relation < b->relation);
    if (!order)
        order = strcmp(a->column ? a->column : "", b->column ? b->column : "");
    return order ? order : (a->kind > b->kind) - (a->kind < b->kind);
}

size_t lineage_sort(struct lineage_source *list, size_t count)
{
    if (count > 1)
        qsort(list, count, sizeof *list, by_source);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (kept && by_source(&list[kept - 1], &list[i]) == 0)
            list[kept - 1].masked = list[kept - 1].masked && list[i].masked;
        else
            list[kept++] = list[i];
    }
    return kept;
}

static struct lineage_column column_of(struct sources *sources, const char *name,
                                       const struct source_set *set)
{
    struct lineage_source *list =
        arena_array_of(sources->arena, struct lineage_source, count_kinds(set));
    size_t count = 0;
    for (size_t i = 0; i < set->count; i++) {
        const struct source_entry *entry = &set->list[i];
        const struct source_table *table = sources->tables[entry->column / SOURCE_COLUMNS];
        for (unsigned kind = 0; kind < LINEAGE_KINDS; kind++)
            if (entry->kinds & (1U << kind))
                list[count++] =
                    (struct lineage_source){ table->relation,
                                             table->names[entry->column % SOURCE_COLUMNS], kind,
                                             !(entry->open & (1U << kind)) };
    }
    return (struct lineage_column){ name, list, lineage_sort(list, count) };
}

static const char *const *output_names(struct arena *arena, const struct tree *query,
                                       size_t *out_count)
{
    const struct tree *list = tree_member(query, "targetList");
    const char **names = arena_array_of(arena, const char *, list ? list->count : 0);
    size_t count = 0;
    for (const struct tree *entry = list ? list->first : NULL; entry; entry = entry->next) {
        const char *name = tree_text(entry, "resname");
        if (!tree_is_true(entry, "resjunk"))
            names[count++] = name ? name : "";
    }
    *out_count = count;
    return names;
}

static int by_number(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left;
    int64_t b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

size_t lineage_sort_relations(int64_t *list, size_t count)
{
    if (count > 1)
        qsort(list, count, sizeof *list, by_number);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (!kept || list[kept - 1] != list[i])
            list[kept++] = list[i];
    return kept;
}

/* The tables that what was read reaches the result from. */
static void add_relations(struct sources *sources, const struct query_sources *result,
                          struct lineage *lineage)
{
    int64_t *list = arena_array_of(sources->arena, int64_t, sources->table_count);
    bool *found = arena_array_of(sources->arena, bool, sources->table_count);
    for (size_t i = 0; i <= result->column_count; i++) {
        const struct source_set *set =
            i < result->column_count ? &result->columns[i] : &result->whole;
        for (size_t j = 0; j < set->count; j++)
            found[set->list[j].column / SOURCE_COLUMNS] = true;
    }
    size_t count = 0;
    for (size_t i = 0; i < sources->table_count; i++)
        if (found[i])
            list[count++] = sources->tables[i]->relation;
    lineage->relations = list;
    lineage->relation_count = lineage_sort_relations(list, count);
}

/* What Postgres says is used, where no more can be said. */
static void add_used_relations(struct arena *arena, const struct probe *probe,
                               struct lineage *lineage)
{
    int64_t *list = arena_array_of(arena, int64_t, probe->use_count);
    for (size_t i = 0; i < probe->use_count; i++)
        list[i] = probe->uses[i].relation;
    lineage->relations = list;
    lineage->relation_count = lineage_sort_relations(list, probe->use_count);
}

void lineage_of(struct arena *arena, const struct probe *probe, struct lineage *out_lineage)
{
    struct sources sources = { .arena = arena };
    struct query_sources result;
    size_t count;
    const char *const *names = output_names(arena, probe->query, &count);
    struct lineage_column *columns = arena_array_of(arena, struct lineage_column, count + 1);
    mark_uses(&sources, probe);
    query_read(&sources, NULL, probe->query, &result);
    check_uses(&sources);
    if (result.column_count != count)
        sources_doubt(&sources, "the query has not the columns of its list");
    *out_lineage =
        (struct lineage){ .columns = columns, .column_count = count + 1, .doubt = sources.doubt };
    for (size_t i = 0; i < count; i++)
        columns[i].name = names[i];
    if (sources.doubt) {
        add_used_relations(arena, probe, out_lineage);
        return;
    }
    for (size_t i = 0; i < count; i++)
        columns[i] = column_of(&sources, names[i], &result.columns[i]);
    columns[count] = column_of(&sources, NULL, &result.whole);
    add_relations(&sources, &result, out_lineage);
}
