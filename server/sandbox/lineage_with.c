#include "lineage_scope.h"

#include <string.h>

/* A recursive query is read until nothing is added; each round adds a column's move at least. */
#define MAX_ROUNDS 200

static const struct source_use changed = { LINEAGE_TRANSFORMATION, false };
static const struct source_use filters = { LINEAGE_FILTER, false };

static bool same_sources(const struct query_sources *left, const struct query_sources *right)
{
    bool same =
        left->column_count == right->column_count && source_set_equal(&left->whole, &right->whole);
    for (size_t i = 0; same && i < left->column_count; i++)
        same = source_set_equal(&left->columns[i], &right->columns[i]);
    return same;
}

/* Columns named in a list of a SEARCH or CYCLE clause. */
static void add_named(struct scope *scope, const struct tree *with, const struct tree *list,
                      struct source_use use, const struct query_sources *from,
                      struct source_set *out)
{
    const struct tree *names = tree_member(with, "ctecolnames");
    for (const struct tree *wanted = list ? list->first : NULL; wanted; wanted = wanted->next) {
        size_t place = 0;
        for (const struct tree *name = names ? names->first : NULL; name;
             name = name->next, place++)
            if (place < from->column_count && strcmp(name->text, wanted->text) == 0)
                source_set_add_set(scope->sources, out, &from->columns[place], use);
    }
}

/* SEARCH adds a column of order, CYCLE a mark and a path; Postgres writes them in later. */
static void add_search_and_cycle(struct scope *scope, const struct tree *with,
                                 struct query_sources *result)
{
    const struct tree *search = tree_member(with, "search_clause");
    const struct tree *cycle = tree_member(with, "cycle_clause");
    struct query_sources wider = *result;
    size_t more = (search ? 1U : 0U) + (cycle ? 2U : 0U);
    query_sources_init(scope->sources, &wider, result->column_count + more);
    memcpy(wider.columns, result->columns, result->column_count * sizeof *wider.columns);
    size_t next = result->column_count;
    if (search)
        add_named(scope, with, tree_member(search, "search_col_list"), changed, result,
                  &wider.columns[next++]);
    for (size_t end = cycle ? next + 2 : next; next < end; next++)
        add_named(scope, with, tree_member(cycle, "cycle_col_list"), changed, result,
                  &wider.columns[next]);
    if (cycle)
        add_named(scope, with, tree_member(cycle, "cycle_col_list"), filters, result, &wider.whole);
    query_sources_sort(&wider);
    *result = wider;
}

static void read_with_query(struct scope *scope, const struct tree *with, struct with_query *entry)
{
    const struct tree *names = tree_member(with, "ctecolnames");
    bool recursive = tree_is_true(with, "cterecursive");
    bool extended = tree_member(with, "search_clause") || tree_member(with, "cycle_clause");
    query_sources_init(scope->sources, &entry->result, names ? names->count : 0);
    for (int round = 0; round < MAX_ROUNDS; round++) {
        struct query_sources next;
        query_read(scope->sources, scope, tree_member(with, "ctequery"), &next);
        if (extended)
            add_search_and_cycle(scope, with, &next);
        bool done = !recursive || same_sources(&next, &entry->result);
        entry->result = next;
        if (done || scope->sources->doubt)
            return;
    }
    sources_doubt(scope->sources, "a recursive query moves its columns too often");
}

void with_read(struct scope *scope)
{
    const struct tree *list = tree_member(scope->query, "cteList");
    scope->with = arena_array_of(scope->sources->arena, struct with_query, list ? list->count : 0);
    for (const struct tree *with = list ? list->first : NULL; with; with = with->next) {
        const char *name = tree_text(with, "ctename");
        struct with_query *entry = &scope->with[scope->with_count++];
        entry->name = name ? name : "";
        read_with_query(scope, with, entry); /* Postgres keeps them in the order of their needs */
    }
}
