/*
 * A node tree: what Postgres keeps of an analysed query (pg_node_tree), read from its text.
 *
 * The text is nested nodes `{QUERY :commandType 1 :rtable (…) …}`, lists in brackets, texts,
 * numbers and `<>` for nothing. Which nodes and members there are differs between major versions of
 * Postgres; this reader knows the form only. Plain const data in the caller's arena; no state, any
 * thread.
 */
#ifndef ENTREPOT_SANDBOX_NODE_TREE_H
#define ENTREPOT_SANDBOX_NODE_TREE_H

#include "server/base/problem.h"

enum tree_kind {
    TREE_NOTHING, /* <> */
    TREE_ATOM,    /* a number, a truth, a name: text */
    TREE_LIST,    /* ( … ), also of integers and oids: (i 1 2), (o 1 2), (b 1 2) */
    TREE_NODE     /* { LABEL :member value … }: text is the label, children have keys */
};

struct tree {
    enum tree_kind kind;
    const char *key;  /* of a member, without its colon; NULL in a list */
    const char *text; /* of an atom, unescaped; label of a node; "i", "o", "b" or "" of a list */
    const struct tree *first; /* child */
    const struct tree *next;  /* sibling */
    size_t count;             /* of children */
};

/**
 * Parse one tree.
 *
 * Fails   PROBLEM_INTERNAL: it is not one, or nested deeper than 2,000.
 */
struct problem *node_tree_parse(struct arena *arena, const char *text,
                                const struct tree **out_tree) MUST_USE;

/** The member of a node; NULL: it has none of that name, or it is nothing (<>). */
const struct tree *tree_member(const struct tree *node, const char *key);

/** Its text, or NULL; its number, or the value given where there is none. */
const char *tree_text(const struct tree *node, const char *key);
int64_t tree_number(const struct tree *node, const char *key, int64_t missing);

/** Is it a node of this label? NULL is none. */
bool tree_is(const struct tree *node, const char *label);

#endif
