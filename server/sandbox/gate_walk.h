/*
 * Inside the gate: the walk over the parse tree, and the rules for what it meets.
 *
 * gate_walk.c knows the shape of the tree and which names are visible where; gate_rules.c judges
 * functions, types, operators and written values by the lists (allowed.h). For gate.c alone.
 */
#ifndef ENTREPOT_SANDBOX_GATE_WALK_H
#define ENTREPOT_SANDBOX_GATE_WALK_H

#include "gate.h"

#include <jansson.h>

struct gate {
    struct arena *arena;
    const char *step;
    const char *sql;
    const char *const *names;
    bool *uses;  /* same order as names; NULL: nobody asks */
    size_t size; /* of the statement in sql, without what follows it */
    struct problem *problem;
};

/** All of a statement: {"SelectStmt": …}. */
struct problem *gate_walk(struct gate *gate, const json_t *statement) MUST_USE;

/** Judge a member of the tree by its key and value: construct, function, type, operator. */
struct problem *gate_rule(struct gate *gate, const char *key, const json_t *value) MUST_USE;

/** Where a node stands, in bytes; -1: it does not say. */
int64_t gate_location(const json_t *node);

/** A refusal by the gate at a node. */
#define gate_deny(gate, rule, at, ...)                                                             \
    gate_refuse((gate)->arena, (gate)->step, "parser", (rule), (gate)->sql, (at), __VA_ARGS__)

#endif
