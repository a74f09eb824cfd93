#include "lineage_scope.h"

#include "server/base/text.h"

#include <string.h>

#define SET_UNION 1 /* SetOperation of Postgres; the others are INTERSECT and EXCEPT */

static const struct source_use identity = { LINEAGE_IDENTITY, false };
static const struct source_use changed = { LINEAGE_TRANSFORMATION, false };
static const struct source_use filters = { LINEAGE_FILTER, false };
static const struct source_use joins = { LINEAGE_JOIN, false };
static const struct source_use groups = { LINEAGE_GROUP_BY, false };

void query_sources_init(struct sources *sources, struct query_sources *result, size_t count)
{
    result->column_count = count;
    result->columns = arena_array_of(sources->arena, struct source_set, count);
}

void query_sources_sort(struct query_sources *result)
{
    for (size_t i = 0; i < result->column_count; i++)
        source_set_sort(&result->columns[i]);
    source_set_sort(&result->whole);
}

static void whole_add_columns(struct sources *sources, struct query_sources *result,
                              const struct query_sources *from, struct source_use use)
{
    for (size_t i = 0; i < from->column_count; i++)
        source_set_add_set(sources, &result->whole, &from->columns[i], use);
}

/* --- ranges --------------------------------------------------------------------------------- */

static void read_functions(struct scope *scope, struct range *range)
{
    struct query_sources *result = &range->result;
    const struct tree *functions = tree_member(range->entry, "functions");
    const struct tree *names = tree_member(tree_member(range->entry, "eref"), "colnames");
    query_sources_init(scope->sources, result, names ? names->count : 0);
    size_t column = 0;
    for (const struct tree *item = functions ? functions->first : NULL; item; item = item->next) {
        struct source_set arguments = { 0 };
        expression_read(scope, tree_member(item, "funcexpr"), changed, &arguments);
        int64_t count = tree_number(item, "funccolcount", 0);
        for (; count > 0 && column < result->column_count; count--)
            source_set_merge(scope->sources, &result->columns[column++], &arguments);
        source_set_add_set(scope->sources, &result->whole, &arguments, joins);
    }
}

static void read_table_function(struct scope *scope, struct range *range)
{
    struct query_sources *result = &range->result;
    const struct tree *names = tree_member(tree_member(range->entry, "eref"), "colnames");
    struct source_set arguments = { 0 };
    query_sources_init(scope->sources, result, names ? names->count : 0);
    expression_read(scope, tree_member(range->entry, "tablefunc"), changed, &arguments);
    for (size_t i = 0; i < result->column_count; i++)
        source_set_merge(scope->sources, &result->columns[i], &arguments);
    source_set_add_set(scope->sources, &result->whole, &arguments, joins);
}

static void read_values(struct scope *scope, struct range *range)
{
    const struct tree *rows = tree_member(range->entry, "values_lists");
    query_sources_init(scope->sources, &range->result,
                       rows && rows->first ? rows->first->count : 0);
    for (const struct tree *row = rows ? rows->first : NULL; row; row = row->next) {
        size_t column = 0;
        for (const struct tree *value = row->first; value; value = value->next)
            if (column < range->result.column_count)
                expression_read(scope, value, identity, &range->result.columns[column++]);
    }
}

static void find_with(struct scope *scope, struct range *range)
{
    const char *name = tree_text(range->entry, "ctename");
    const struct scope *owner = scope;
    for (int64_t up = tree_number(range->entry, "ctelevelsup", 0); owner && up > 0; up--)
        owner = owner->outer;
    for (size_t i = 0; owner && name && i < owner->with_count; i++)
        if (strcmp(owner->with[i].name, name) == 0) {
            range->result = owner->with[i].result;
            return;
        }
    sources_doubt(scope->sources, "a query of a WITH clause is not in sight");
}

const struct query_sources *range_read(struct scope *scope, struct range *range)
{
    if (range->known)
        return &range->result;
    range->known = true; /* before: nothing it reads may read itself */
    bool before = scope->whole_row;
    scope->whole_row = false;
    switch (range->kind) {
    case RANGE_SUBQUERY:
        query_read(scope->sources, scope, tree_member(range->entry, "subquery"), &range->result);
        break;
    case RANGE_FUNCTION:
        read_functions(scope, range);
        break;
    case RANGE_TABLE_FUNCTION:
        read_table_function(scope, range);
        break;
    case RANGE_VALUES:
        read_values(scope, range);
        break;
    case RANGE_CTE:
        find_with(scope, range);
        break;
    case RANGE_RELATION:
    case RANGE_JOIN:
    case RANGE_RESULT:
    case RANGE_GROUP:
        break;
    default:
        sources_doubt(scope->sources, "the FROM names something this server does not know");
    }
    query_sources_sort(&range->result);
    scope->whole_row = before;
    return &range->result;
}

/* --- FROM and WHERE ------------------------------------------------------------------------- */

static struct range *range_of(struct scope *scope, const struct tree *reference)
{
    int64_t number = tree_number(reference, "rtindex", 0);
    if (number >= 1 && number <= (int64_t)scope->range_count)
        return &scope->ranges[number - 1];
    sources_doubt(scope->sources, "a FROM names nothing");
    return NULL;
}

static void read_from_range(struct scope *scope, struct range *range, struct query_sources *result)
{
    if (range->kind != RANGE_RELATION) {
        source_set_merge(scope->sources, &result->whole, &range_read(scope, range)->whole);
        return;
    }
    uint32_t table = source_table(scope->sources, tree_number(range->entry, "relid", 0));
    scope->sources->tables[table]->reached = true;
    source_set_add_read(scope->sources, &result->whole, table);
    expression_read(scope, tree_member(range->entry, "tablesample"), filters, &result->whole);
}

static void read_from(struct scope *scope, const struct tree *from, struct query_sources *result)
{
    struct range *range;
    if (!from || sources_exhausted(scope->sources, 1))
        return;
    if (tree_is(from, "RANGETBLREF")) {
        range = range_of(scope, from);
        if (range)
            read_from_range(scope, range, result);
    } else if (tree_is(from, "JOINEXPR")) {
        read_from(scope, tree_member(from, "larg"), result);
        read_from(scope, tree_member(from, "rarg"), result);
        expression_read(scope, tree_member(from, "quals"), joins, &result->whole);
    } else if (tree_is(from, "FROMEXPR")) {
        const struct tree *list = tree_member(from, "fromlist");
        for (const struct tree *item = list ? list->first : NULL; item; item = item->next)
            read_from(scope, item, result);
        expression_read(scope, tree_member(from, "quals"), filters, &result->whole);
    } else {
        sources_doubt(scope->sources, "the FROM has a form this server does not know");
    }
}

/* --- UNION, INTERSECT, EXCEPT --------------------------------------------------------------- */

static void read_set(struct scope *scope, const struct tree *node, struct query_sources *result);

/* The type of a column as a side gives it; 0 where only an expression could tell. The conversion to
 * the type of the result is not in the tree: Postgres adds it when it plans. */
static int64_t side_type(struct scope *scope, const struct tree *side, int64_t place)
{
    if (tree_is(side, "SETOPERATIONSTMT")) {
        const struct tree *type = tree_item(tree_member(side, "colTypes"), place);
        int64_t number;
        return type && text_to_int64(type->text, &number) ? number : 0;
    }
    const struct range *range = range_of(scope, side);
    const struct tree *query = range ? tree_member(range->entry, "subquery") : NULL;
    const struct tree *target = tree_item(tree_member(query, "targetList"), place);
    const struct tree *value = tree_member(target, "expr");
    return tree_number(value, tree_is(value, "VAR") ? "vartype" : "resulttype", 0);
}

static bool is_plain_text(int64_t type)
{
    return type == 25 || type == 1043; /* text, varchar: the same bytes */
}

static void add_side(struct scope *scope, const struct tree *node, const struct tree *side,
                     const struct query_sources *own, struct query_sources *result)
{
    if (!result->columns)
        query_sources_init(scope->sources, result, own->column_count);
    for (size_t i = 0; i < own->column_count && i < result->column_count; i++) {
        int64_t from = side_type(scope, side, (int64_t)i + 1);
        int64_t to = side_type(scope, node, (int64_t)i + 1);
        bool same = !from || from == to || (is_plain_text(from) && is_plain_text(to));
        source_set_add_set(scope->sources, &result->columns[i], &own->columns[i],
                           same ? identity : changed);
    }
    source_set_merge(scope->sources, &result->whole, &own->whole);
}

/* A side of the same operation adds to the same result, so that long chains are read once. */
static void read_side(struct scope *scope, const struct tree *node, const struct tree *side,
                      struct query_sources *result)
{
    bool is_chain = tree_is(side, "SETOPERATIONSTMT") && tree_number(node, "op", 0) == SET_UNION
                    && tree_number(side, "op", 0) == SET_UNION
                    && tree_is_true(side, "all") == tree_is_true(node, "all");
    if (is_chain) {
        read_side(scope, node, tree_member(side, "larg"), result);
        read_side(scope, node, tree_member(side, "rarg"), result);
        return;
    }
    struct query_sources own = { 0 };
    read_set(scope, side, &own);
    add_side(scope, node, side, &own, result);
}

static void read_set(struct scope *scope, const struct tree *node, struct query_sources *result)
{
    const struct tree *left = tree_member(node, "larg");
    const struct tree *right = tree_member(node, "rarg");
    if (tree_is(node, "RANGETBLREF")) {
        struct range *range = range_of(scope, node);
        if (range)
            *result = *range_read(scope, range);
        return;
    }
    if (!tree_is(node, "SETOPERATIONSTMT") || sources_exhausted(scope->sources, 1)) {
        sources_doubt(scope->sources, "a set operation has a side this server does not know");
        return;
    }
    read_side(scope, node, left, result);
    if (tree_number(node, "op", 0) == SET_UNION) {
        read_side(scope, node, right, result);
        if (!tree_is_true(node, "all"))
            whole_add_columns(scope->sources, result, result, groups);
    } else { /* the values are of the left side; the right one says which */
        struct query_sources others = { 0 };
        read_side(scope, node, right, &others);
        whole_add_columns(scope->sources, result, result, filters);
        whole_add_columns(scope->sources, result, &others, filters);
        source_set_merge(scope->sources, &result->whole, &others.whole);
    }
    query_sources_sort(result);
}

/* --- queries -------------------------------------------------------------------------------- */

static void scope_open(struct scope *scope)
{
    struct arena *arena = scope->sources->arena;
    const struct tree *list = tree_member(scope->query, "rtable");
    scope->ranges = arena_array_of(arena, struct range, list ? list->count : 0);
    for (const struct tree *entry = list ? list->first : NULL; entry; entry = entry->next)
        scope->ranges[scope->range_count++] =
            (struct range){ .entry = entry, .kind = tree_number(entry, "rtekind", -1) };
    list = tree_member(scope->query, "targetList");
    scope->targets = arena_array_of(arena, struct target, list ? list->count : 0);
    for (const struct tree *entry = list ? list->first : NULL; entry; entry = entry->next)
        scope->targets[scope->target_count++] =
            (struct target){ tree_member(entry, "expr"), tree_number(entry, "ressortgroupref", 0),
                             tree_is_true(entry, "resjunk") };
}

static void read_target(struct scope *scope, size_t index, struct source_use use,
                        struct source_set *out)
{
    if (!scope->united)
        expression_read(scope, scope->targets[index].expression, use, out);
    else if (index < scope->united->column_count)
        source_set_add_set(scope->sources, out, &scope->united->columns[index], use);
}

void target_read(struct scope *scope, const struct tree *clause, struct source_use use,
                 struct source_set *out)
{
    int64_t reference = tree_number(clause, "tleSortGroupRef", -1);
    for (size_t i = 0; i < scope->target_count; i++)
        if (scope->targets[i].reference == reference) {
            read_target(scope, i, use, out);
            return;
        }
    sources_doubt(scope->sources, "an order or a group is by nothing");
}

/* What decides for all rows beside FROM and WHERE. */
static void read_clauses(struct scope *scope, struct query_sources *result)
{
    static const struct {
        const char *member;
        struct source_use use;
    } lists[] = { { "groupClause", { LINEAGE_GROUP_BY, false } },
                  { "distinctClause", { LINEAGE_GROUP_BY, false } },
                  { "sortClause", { LINEAGE_SORT, false } } };
    for (size_t i = 0; i < COUNT(lists); i++) {
        const struct tree *list = tree_member(scope->query, lists[i].member);
        for (const struct tree *item = list ? list->first : NULL; item; item = item->next)
            target_read(scope, item, lists[i].use, &result->whole);
    }
    static const char *const filtering[] = { "havingQual", "limitOffset", "limitCount" };
    for (size_t i = 0; i < COUNT(filtering); i++)
        expression_read(scope, tree_member(scope->query, filtering[i]), filters, &result->whole);
}

void query_read(struct sources *sources, struct scope *outer, const struct tree *query,
                struct query_sources *out)
{
    struct scope scope = { .sources = sources, .outer = outer, .query = query };
    struct query_sources result = { 0 };
    struct query_sources united = { 0 };
    struct source_set aside = { 0 };
    *out = result;
    if (!tree_is(query, "QUERY")) {
        sources_doubt(sources, "a query is missing");
        return;
    }
    scope_open(&scope);
    with_read(&scope);
    for (size_t i = 0; i < scope.range_count; i++) /* also those nobody asks for: for the check */
        (void)range_read(&scope, &scope.ranges[i]);
    read_from(&scope, tree_member(query, "jointree"), &result);
    if (tree_member(query, "setOperations")) {
        read_set(&scope, tree_member(query, "setOperations"), &united);
        source_set_merge(sources, &result.whole, &united.whole);
        scope.united = &united;
    }
    query_sources_init(sources, &result, scope.target_count);
    result.column_count = 0;
    for (size_t i = 0; i < scope.target_count; i++)
        read_target(&scope, i, identity,
                    scope.targets[i].hidden ? &aside : &result.columns[result.column_count++]);
    read_clauses(&scope, &result);
    query_sources_sort(&result);
    *out = result;
}
