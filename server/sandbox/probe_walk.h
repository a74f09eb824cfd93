/*
 * Inside the probe: what an analysed statement names by object id, gathered and judged.
 *
 * For probe.c alone. Everything lives in the caller's arena; no state.
 */
#ifndef ENTREPOT_SANDBOX_PROBE_WALK_H
#define ENTREPOT_SANDBOX_PROBE_WALK_H

#include "probe.h"

enum probe_kind { PROBE_FUNCTION, PROBE_OPERATOR, PROBE_TYPE, PROBE_RELATION };

/* Something the tree names, at the first place where it does so. */
struct probe_object {
    enum probe_kind kind;
    bool as_cast;     /* a function that is called for a cast */
    int64_t id;       /* its object id */
    int64_t code;     /* the function the tree says an operator calls; 0: it does not say */
    int64_t location; /* in the statement, in bytes; -1: unknown */
};

/* What stopped the walk. */
struct probe_objection {
    const char *rule;
    const char *detail;
    int64_t location;
};

struct probe_objects {
    struct arena *arena;
    struct probe_object *list;
    size_t count;
    const char *statement;            /* the text the locations are in */
    struct probe_objection objection; /* rule NULL: none */
};

/** Walk the tree: fills objects, or its objection at the first node that may not be there. */
void probe_gather(struct probe_objects *objects, const struct tree *tree);

/**
 * Ask Postgres what the objects are, and judge them by the lists.
 *
 * Takes   view: of the probe; tables: those that may be read.
 * Gives   the objection in objects.
 */
struct problem *probe_judge(struct db *db, struct probe_objects *objects, int64_t view,
                            const int64_t *tables, size_t table_count) MUST_USE;

#endif
