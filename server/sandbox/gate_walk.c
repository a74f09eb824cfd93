#include "gate_walk.h"

#include <string.h>

/* In nodes and lists of the tree; an operator or bracket makes about three. */
#define MAX_DEPTH 1200

/* A name of a WITH clause, visible in the statement it belongs to. */
struct scope_name {
    const struct scope_name *outer;
    const char *name;
};

static struct problem *check_relation(struct gate *gate, const json_t *relation,
                                      const struct scope_name *scope)
{
    const char *name = json_string_value(json_object_get(relation, "relname"));
    int64_t at = gate_location(relation);
    if (!name)
        return gate_deny(gate, "relation", at, "a relation without a name");
    const char *schema = json_string_value(json_object_get(relation, "schemaname"));
    if (schema || json_object_get(relation, "catalogname"))
        return gate_deny(gate, "qualified-name", at,
                         "%s.%s names a schema; a step reads declared names only",
                         schema ? schema : "", name);
    for (; scope; scope = scope->outer)
        if (strcmp(scope->name, name) == 0)
            return NULL;
    for (size_t i = 0; gate->names[i]; i++)
        if (strcmp(gate->names[i], name) == 0) {
            if (gate->uses)
                gate->uses[i] = true;
            return NULL;
        }
    return gate_deny(gate, "undeclared-name", at,
                     "%s is not declared: a step reads the pipeline's inputs, earlier steps, run "
                     "and this",
                     name);
}

static struct problem *walk(struct gate *gate, const json_t *node, const struct scope_name *scope,
                            int depth);

/* The queries of a WITH clause see each other in order, or all of them when recursive. */
static struct problem *walk_with(struct gate *gate, const json_t *with,
                                 const struct scope_name **scope, int depth)
{
    const json_t *queries = json_object_get(with, "ctes");
    bool recursive = json_is_true(json_object_get(with, "recursive"));
    const struct scope_name *inner = *scope;
    size_t index;
    json_t *entry;
    for (int pass = recursive ? 0 : 1; pass < 2; pass++) {
        json_array_foreach(queries, index, entry)
        {
            const json_t *query = json_object_get(entry, "CommonTableExpr");
            const char *name = json_string_value(json_object_get(query, "ctename"));
            if (!name)
                return gate_deny(gate, "with", gate_location(query), "a WITH query without a name");
            if (pass == 1)
                TRY(walk(gate, entry, inner, depth));
            if (recursive != (pass == 1)) {
                struct scope_name *visible = arena_new_of(gate->arena, struct scope_name);
                visible->outer = inner;
                visible->name = name;
                inner = visible;
            }
        }
    }
    *scope = inner;
    return NULL;
}

static struct problem *walk_object(struct gate *gate, const json_t *object,
                                   const struct scope_name *scope, int depth)
{
    const json_t *with = json_object_get(object, "withClause");
    if (with)
        TRY(walk_with(gate, with, &scope, depth + 1));
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)object, key, value)
    {
        if (value == with)
            continue;
        if (strcmp(key, "RangeVar") == 0)
            TRY(check_relation(gate, value, scope));
        TRY(gate_rule(gate, key, value));
        TRY(walk(gate, value, scope, depth + 1));
    }
    return NULL;
}

static struct problem *walk(struct gate *gate, const json_t *node, const struct scope_name *scope,
                            int depth)
{
    if (depth > MAX_DEPTH)
        return gate_deny(gate, "too-deep", -1, "the SQL is nested too deeply");
    if (json_is_object(node))
        return walk_object(gate, node, scope, depth);
    size_t index;
    json_t *element;
    json_array_foreach(node, index, element) TRY(walk(gate, element, scope, depth + 1));
    return NULL;
}

struct problem *gate_walk(struct gate *gate, const json_t *statement)
{
    return walk(gate, statement, NULL, 0);
}
