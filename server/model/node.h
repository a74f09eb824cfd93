/*
 * A node: one value of a document (YAML or JSON), with where it was written.
 *
 * Numbers keep the digits they were written with, so a bound of 0.1 stays 0.1. The whole tree lives
 * in one arena and is not changed once made; any thread may read. document.h makes trees from text.
 */
#ifndef ENTREPOT_MODEL_NODE_H
#define ENTREPOT_MODEL_NODE_H

#include "server/base/problem.h"

enum node_kind { NODE_NULL, NODE_BOOL, NODE_NUMBER, NODE_TEXT, NODE_LIST, NODE_OBJECT };

struct node {
    enum node_kind kind;
    bool truth;        /* of a NODE_BOOL */
    const char *text;  /* of NODE_TEXT: UTF-8 without NUL; of NODE_NUMBER: as JSON writes numbers */
    const char *key;   /* the name in its object; NULL in lists and at the root */
    size_t index;      /* the place in its list or object, from 0 */
    int64_t line;      /* where its key, or else itself, begins; from 1, 0 when unknown */
    int64_t column;    /* in characters from 1; 0 when unknown */
    int64_t text_line; /* of NODE_TEXT: where its first letter is; 0 when unknown */
    const char *file;  /* at the root only; NULL where there is none */
    const struct node *parent; /* NULL at the root */
    const struct node *first;  /* first item or member, in written order */
    const struct node *next;   /* the next in the same list or object */
    size_t count;              /* items or members */
};

/** The member of a name; NULL when there is none or node is no object (NULL included). */
const struct node *node_member(const struct node *node, const char *name);

/** The text of a member; NULL when there is none or it is no text. */
const char *node_text(const struct node *node, const char *name);

/** Read a number node as a whole number. False when it is none (1.0 is one), or too big. */
bool node_to_int64(const struct node *node, int64_t *out_value);

/** Equal values; the order of members does not matter, nor where they were written. */
bool node_equal(const struct node *left, const struct node *right);

/** The JSON pointer (RFC 6901) of a node from its root; "" at the root. */
const char *node_path(struct arena *arena, const struct node *node);

/** "text", "a number", "a list": for messages. */
const char *node_kind_name(enum node_kind kind);

/** Add a fault at the file, line and path of a node. */
void node_fault(struct faults *faults, const struct node *node, const char *reason, ...)
    PRINTF_LIKE(3, 4);

/** The JSON of a tree, members in written order, no blanks. */
const char *node_json(struct arena *arena, const struct node *node);

/**
 * The canonical JSON of a tree: members sorted by the bytes of their names, no blanks. Equal
 * documents have equal text, so its SHA-256 names the content.
 */
const char *node_canonical_json(struct arena *arena, const struct node *node);

/**
 * Hang child into parent as its last item or member; *end is the place for the next one.
 * For those who build trees: the parent's end starts as &parent->first.
 */
void node_append(struct node *parent, const struct node ***end, struct node *child);

/** Add a fault for each member of an object whose name is there before it. */
void node_find_repeated(struct arena *arena, const struct node *object, struct faults *faults);

#endif
