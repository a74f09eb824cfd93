/*
 * The text of an analysed query. It comes from Postgres, but names and constants in it are the
 * author's: whatever stands there must be refused or become a tree that is whole: children counted,
 * keys exactly in nodes, depth bounded. Its lineage must come back too, of whatever it is.
 */
#include "fuzz.h"
#include "server/sandbox/lineage.h"

#include <assert.h>

#define MAX_DEPTH 2000

static void check_tree(const struct tree *tree, int depth)
{
    assert(depth <= MAX_DEPTH && tree->text);
    size_t count = 0;
    for (const struct tree *child = tree->first; child; child = child->next, count++) {
        assert((child->key != NULL) == (tree->kind == TREE_NODE));
        check_tree(child, depth + 1);
    }
    assert(count == tree->count);
    assert(!count || tree->kind == TREE_LIST || tree->kind == TREE_NODE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(16384);
    const char *text = arena_copy(arena, data, size);
    const struct tree *tree = NULL;
    struct problem *problem = node_tree_parse(arena, text, &tree);
    if (problem) {
        assert(problem->kind == &PROBLEM_INTERNAL && !tree);
        return 0;
    }
    assert(!tree->key && !tree->next);
    check_tree(tree, 0);
    for (const struct tree *member = tree->first; member; member = member->next)
        if (member->key)
            (void)tree_number(tree, member->key, 0); /* any key may be asked for */
    const struct probe probe = { .query = tree->kind == TREE_LIST ? tree->first : tree };
    struct lineage lineage;
    if (!probe.query)
        return 0;
    lineage_of(arena, &probe, &lineage);
    assert(lineage.column_count && !lineage.columns[lineage.column_count - 1].name);
    return 0;
}
