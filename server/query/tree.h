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

enum term_kind {
    TERM_NONE,
    TERM_LITERAL,
    TERM_COLUMN,
    TERM_NOT,
    TERM_AND, /* two operands or more */
    TERM_OR,
    TERM_COMPARE, /* two operands; a column or expression stands left of a literal */
    TERM_IN,      /* the operand, then the literals of the list */
    TERM_CALL,    /* a function or arithmetic operator of its operands */
    TERM_CASE     /* pairs: a condition, what it gives */
};

enum comparison { COMPARE_EQ, COMPARE_NE, COMPARE_GT, COMPARE_GE, COMPARE_LT, COMPARE_LE };

struct signature;

struct term {
    enum term_kind kind;
    enum comparison comparison;
    enum value_type type; /* of its value; VALUE_NULL of the literal null */
    bool nullable;        /* may its value be null? never true of comparisons */
    bool holds_null;      /* of TERM_IN: null is in the list */
    bool moving;          /* of a literal: it is the time of the request */
    int depth;            /* levels of the tree below and with it */

    const char *option; /* where it stands, for messages */
    size_t position;
    const char *source; /* its text, for messages */
    size_t source_size;

    struct term *first; /* operands, in order */
    struct term *last;
    struct term *next; /* operand of the same term */
    size_t count;

    struct value value;                /* of a literal */
    const char *name;                  /* of a call, as functions.h spells it */
    const struct signature *signature; /* of a call */
    const struct column *column;       /* of a column */
};

/* One item of an order. */
struct order {
    const struct term *term;
    bool descending;
};

struct orders {
    const struct order *list;
    size_t count;
};

/* A step of apply: it makes rows of the rows before it. Those that cut keep the columns, the others
 * make new ones. */
enum step_kind {
    STEP_FILTER,
    STEP_CUT,    /* skip, then top, in a total order */
    STEP_GROUP,  /* one row per value of the groups, or one in all where there are none */
    STEP_COMPUTE /* the columns before, and more */
};

struct method;

/* A column a step makes. */
struct step_value {
    const struct term *term;     /* NULL: rows are counted */
    const struct method *method; /* of aggregation; NULL: the value itself */
};

struct step {
    enum step_kind kind;
    const struct step *before;     /* NULL: the rows of the dataset */
    const struct columns *columns; /* of the rows it makes */
    const struct columns *input;   /* of those it reads */
    const struct term *filter;
    struct orders order;
    int64_t skip;
    int64_t top;                        /* -1: none */
    const struct column *const *groups; /* of input; the first columns it makes */
    size_t group_count;
    const struct step_value *values; /* the columns behind them */
    size_t value_count;
};

struct query {
    const char *name;             /* what the rows are of; NULL: not said */
    const struct columns *source; /* what filter and orderby may name: behind the steps */
    const struct step *steps;     /* the last of apply; NULL: none */
    const struct term *rule; /* of access, in front of the steps; without them it is in filter */
    struct columns selected;
    struct term *filter;   /* NULL: none */
    struct orders asked;   /* what the client wrote, without repetitions */
    struct orders total;   /* asked, completed to a total order */
    struct columns places; /* the columns a place has values of */
    bool keyed;            /* is the order total by the key, or by the row number? */
    bool count;
    int64_t top; /* -1: none */
    int64_t skip;
    const char *token; /* NULL: none */
};

/** Hang an operand behind those a term has. */
void term_add(struct term *term, struct term *operand);

/** The columns that are called by their place (c1, c2, …) in the SQL of a step's rows, because a
 *  step made them; NULL: they are those of the dataset, called by their names. */
const struct columns *step_scope(const struct step *step);

/** Do two trees mean the same by the same words? */
bool term_equal(const struct term *left, const struct term *right);

#endif
