#include "cte_use.h"

#include <string.h>

#define DEEPEST 200 /* of queries in queries; deeper ones are taken to use it */

enum { RANGE_JOIN = 2, RANGE_CTE = 6 }; /* RTEKind of Postgres, as in lineage_scope.h */

/* The queries around a node, from the outermost. */
struct looking {
    const char *name;
    int64_t columns;
    const struct tree *queries[DEEPEST];
    size_t depth;
};

static bool look(struct looking *looking, const struct tree *node);

static const struct tree *entry_of(const struct tree *query, int64_t number)
{
    const struct tree *list = tree_member(query, "rtable");
    const struct tree *entry = list ? list->first : NULL;
    while (entry && --number > 0)
        entry = entry->next;
    return entry;
}

/* A column of a join is a column of what it joins. */
static bool look_behind_join(struct looking *looking, const struct tree *join, int64_t column)
{
    const struct tree *list = tree_member(join, "joinaliasvars");
    const struct tree *behind = list ? list->first : NULL;
    if (column < 1)
        return true;
    while (behind && --column > 0)
        behind = behind->next;
    return !behind || look(looking, behind);
}

static bool is_used(struct looking *looking, const struct tree *variable)
{
    int64_t up = tree_number(variable, "varlevelsup", 0);
    int64_t column = tree_number(variable, "varattno", 0);
    if (up < 0 || (size_t)up >= looking->depth)
        return true;
    size_t depth = looking->depth;
    looking->depth -= (size_t)up;
    const struct tree *entry =
        entry_of(looking->queries[looking->depth - 1], tree_number(variable, "varno", 0));
    bool used = false;
    if (entry && tree_number(entry, "rtekind", -1) == RANGE_JOIN)
        used = look_behind_join(looking, entry, column);
    else if (entry && tree_number(entry, "rtekind", -1) == RANGE_CTE
             && strcmp(tree_text(entry, "ctename"), looking->name) == 0)
        used = column <= looking->columns;
    looking->depth = depth;
    return used;
}

/* All below a node, but for the lists that name every column of an entry, used or not. */
static bool look_below(struct looking *looking, const struct tree *node)
{
    for (const struct tree *child = node->first; child; child = child->next) {
        bool names_all =
            child->key
            && (strcmp(child->key, "joinaliasvars") == 0 || strcmp(child->key, "eref") == 0);
        if (!names_all && look(looking, child))
            return true;
    }
    return false;
}

static bool look(struct looking *looking, const struct tree *node)
{
    if (tree_is(node, "VAR"))
        return is_used(looking, node);
    if (!tree_is(node, "QUERY"))
        return look_below(looking, node);
    if (looking->depth == DEEPEST)
        return true;
    looking->queries[looking->depth++] = node;
    bool used = look_below(looking, node);
    looking->depth--;
    return used;
}

bool cte_use(const struct tree *query, const char *name, int64_t columns)
{
    struct looking looking = { .name = name, .columns = columns };
    return look(&looking, query);
}
