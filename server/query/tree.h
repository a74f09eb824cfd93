/*
 * The tree of a query: what the parser makes, typing completes, and the writers read.
 *
 * Plain data in the arena of the request. The parser sets kind, operation, names and literals;
 * typing resolves names to columns, sets type and nullable, and turns literals into the type they
 * are compared with. After typing nothing changes any more.
 */
#ifndef ENTREPOT_QUERY_TREE_H
#define ENTREPOT_QUERY_TREE_H

#include "query.h"
#include "value.h"

enum node_kind {
    NODE_NONE,
    NODE_LITERAL,
    NODE_COLUMN,
    NODE_NOT,
    NODE_AND, /* two operands or more */
    NODE_OR,
    NODE_COMPARE, /* two operands; a column or expression stands left of a literal */
    NODE_IN       /* the operand, then the literals of the list */
};

enum comparison { COMPARE_EQ, COMPARE_NE, COMPARE_GT, COMPARE_GE, COMPARE_LT, COMPARE_LE };

struct node {
    enum node_kind kind;
    enum comparison comparison;
    enum value_type type; /* of its value; VALUE_NULL of the literal null */
    bool nullable;        /* may its value be null? never true of comparisons */
    bool holds_null;      /* of NODE_IN: null is in the list */
    int depth;            /* levels of the tree below and with it */

    const char *option; /* where it stands, for messages */
    size_t position;
    const char *source; /* its text, for messages */
    size_t source_size;

    struct node *first; /* operands, in order */
    struct node *last;
    struct node *next; /* operand of the same node */
    size_t count;

    struct value value;          /* of a literal */
    const struct column *column; /* of a column */
};

/* One item of an order. */
struct order {
    const struct node *node;
    bool descending;
};

struct orders {
    const struct order *list;
    size_t count;
};

struct query {
    const struct columns *source; /* what filter and orderby may name */
    struct columns selected;
    struct node *filter;   /* NULL: none */
    struct orders asked;   /* what the client wrote, without repetitions */
    struct orders total;   /* asked, completed to a total order */
    struct columns places; /* the columns a place has values of */
    bool keyed;            /* is the order total by the key, or by the row number? */
    bool count;
    int64_t top; /* -1: none */
    int64_t skip;
    const char *token; /* NULL: none */
};

/** Hang an operand behind those a node has. */
void node_add(struct node *node, struct node *operand);

/** Do two trees mean the same by the same words? */
bool node_equal(const struct node *left, const struct node *right);

#endif
