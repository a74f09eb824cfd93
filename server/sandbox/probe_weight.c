#include "probe_weight.h"

#include <math.h>
#include <string.h>

/* Kinds of entries in FROM: RTEKind of Postgres. */
enum { RTE_SUBQUERY = 1, RTE_JOIN = 2, RTE_CTE = 6 };

/* Deeper chains of queries are not weighed. */
#define MAX_DEPTH 4000

/* A query, weighed once however often it is read. */
struct weighed {
    const struct weighed *next;
    const struct tree *query;
    const struct weighed *outer;       /* the query it stands in */
    const struct tree *const *entries; /* of its FROM, by number from 1 */
    size_t entry_count;
    double *columns; /* of its result, by number from 1; negative: not weighed yet */
    size_t column_count;
    double total; /* negative: not weighed yet */
};

struct scale {
    struct arena *arena;
    struct weighed *queries;
    int depth;
};

static double weigh_query(struct scale *scale, struct weighed *weighed);
static double weigh(struct scale *scale, const struct weighed *in, const struct tree *tree);

static size_t members_of(struct arena *arena, const struct tree *list,
                         const struct tree *const **out_members)
{
    size_t count = 0;
    size_t room = list ? list->count : 0;
    const struct tree **members = arena_array_of(arena, const struct tree *, room);
    for (const struct tree *child = list ? list->first : NULL; child && count < room;
         child = child->next)
        members[count++] = child;
    *out_members = members;
    return count;
}

static struct weighed *find(struct scale *scale, const struct tree *query,
                            const struct weighed *outer)
{
    for (const struct weighed *known = scale->queries; known; known = known->next)
        if (known->query == query)
            return (struct weighed *)(uintptr_t)known; /* all of them are ours */
    struct weighed *weighed = arena_new_of(scale->arena, struct weighed);
    const struct tree *targets = tree_member(query, "targetList");
    *weighed =
        (struct weighed){ .next = scale->queries, .query = query, .outer = outer, .total = -1 };
    weighed->entry_count =
        members_of(scale->arena, tree_member(query, "rtable"), &weighed->entries);
    weighed->column_count = targets ? targets->count : 0;
    weighed->columns = arena_array_of(scale->arena, double, weighed->column_count);
    for (size_t i = 0; i < weighed->column_count; i++)
        weighed->columns[i] = -1;
    scale->queries = weighed;
    return weighed;
}

static const struct weighed *outward(const struct weighed *from, int64_t levels)
{
    while (from && levels-- > 0)
        from = from->outer;
    return from;
}

/* The query an entry of FROM reads, NULL: a table, a function, values, or a query that reads
 * itself.
 */
static struct weighed *query_of(struct scale *scale, const struct weighed *in,
                                const struct tree *entry)
{
    int64_t kind = tree_number(entry, "rtekind", -1);
    if (kind == RTE_SUBQUERY) {
        const struct tree *query = tree_member(entry, "subquery");
        return query ? find(scale, query, in) : NULL;
    }
    const char *name = tree_text(entry, "ctename");
    const char *reads_itself = tree_text(entry, "self_reference");
    const struct weighed *where = outward(in, tree_number(entry, "ctelevelsup", 0));
    if (kind != RTE_CTE || !name || !where || (reads_itself && strcmp(reads_itself, "true") == 0))
        return NULL;
    const struct tree *list = tree_member(where->query, "cteList");
    for (const struct tree *cte = list ? list->first : NULL; cte; cte = cte->next) {
        const char *own = tree_text(cte, "ctename");
        const struct tree *query = tree_member(cte, "ctequery");
        if (own && query && strcmp(own, name) == 0)
            return find(scale, query, where);
    }
    return NULL;
}

/* A column of a query's result, or all of them for number 0. */
static double weigh_column(struct scale *scale, struct weighed *weighed, int64_t number)
{
    double all = 1;
    const struct tree *targets = tree_member(weighed->query, "targetList");
    const struct tree *target = targets ? targets->first : NULL;
    for (size_t i = 0; target && i < weighed->column_count; i++, target = target->next) {
        if (number && number != (int64_t)i + 1)
            continue;
        if (weighed->columns[i] < 0)
            weighed->columns[i] = weigh(scale, weighed, tree_member(target, "expr"));
        all += weighed->columns[i];
    }
    return all;
}

static double weigh_variable(struct scale *scale, const struct weighed *in,
                             const struct tree *variable)
{
    const struct weighed *where = outward(in, tree_number(variable, "varlevelsup", 0));
    int64_t entry = tree_number(variable, "varno", 0);
    int64_t column = tree_number(variable, "varattno", 0);
    if (!where || entry < 1 || (size_t)entry > where->entry_count)
        return 1;
    const struct tree *from = where->entries[entry - 1];
    struct weighed *query = query_of(scale, where, from);
    if (query)
        return weigh_column(scale, query, column);
    if (tree_number(from, "rtekind", -1) != RTE_JOIN)
        return 1;
    const struct tree *aliases = tree_member(from, "joinaliasvars");
    const struct tree *alias = aliases ? aliases->first : NULL;
    for (; alias && column > 1; column--)
        alias = alias->next;
    return 1 + (alias ? weigh(scale, where, alias) : 0);
}

static double weigh(struct scale *scale, const struct weighed *in, const struct tree *tree)
{
    if (!tree || tree->kind == TREE_ATOM || tree->kind == TREE_NOTHING)
        return 0;
    if (scale->depth >= MAX_DEPTH)
        return INFINITY;
    scale->depth++;
    double all = tree->kind == TREE_NODE;
    if (tree_is(tree, "VAR"))
        all = weigh_variable(scale, in, tree);
    else if (tree_is(tree, "QUERY")) /* a query as a value */
        all += weigh_query(scale, find(scale, tree, in));
    else
        for (const struct tree *child = tree->first; child; child = child->next)
            all += weigh(scale, in, child);
    scale->depth--;
    return all;
}

/* What the queries it reads weigh, as often as it reads them, and its own expressions. */
static double weigh_query(struct scale *scale, struct weighed *weighed)
{
    if (weighed->total >= 0)
        return weighed->total;
    double all = 1;
    weighed->total = 0; /* a query that reads itself ends here */
    for (size_t i = 0; i < weighed->entry_count; i++) {
        const struct tree *entry = weighed->entries[i];
        struct weighed *query = query_of(scale, weighed, entry);
        if (query)
            all += weigh_query(scale, query);
        all += weigh(scale, weighed, tree_member(entry, "functions"))
               + weigh(scale, weighed, tree_member(entry, "values_lists"));
    }
    for (const struct tree *member = weighed->query->first; member; member = member->next)
        if (member->key && strcmp(member->key, "rtable") != 0
            && strcmp(member->key, "cteList") != 0)
            all += weigh(scale, weighed, member);
    weighed->total = all;
    return all;
}

double probe_weight(struct arena *arena, const struct tree *query)
{
    struct scale scale = { .arena = arena };
    return weigh_query(&scale, find(&scale, query, NULL));
}
