/*
 * What is prepared on one connection of the lane, found by text and types of parameters.
 *
 * Bounded: the one not used for longest makes room. A name is given once per connection, so that a
 * statement that failed to be prepared, or to be dropped, is in nobody's way. One loop thread.
 */
#ifndef ENTREPOT_DB_LANE_STATEMENTS_H
#define ENTREPOT_DB_LANE_STATEMENTS_H

#include "params.h"

enum { LANE_STATEMENTS = 512, LANE_DROPS = 1024, LANE_NAME_BYTES = 16 };

struct lane_statement {
    uint64_t hash;
    char *text; /* on the heap, as are the types */
    Oid *types;
    int type_count;
    uint32_t number;  /* of its name; 0: not prepared */
    unsigned flights; /* sent and not answered: it cannot go */
    uint64_t used;
    int next; /* in its bucket; -1: none */
};

struct lane_statements {
    struct lane_statement list[LANE_STATEMENTS];
    int buckets[LANE_STATEMENTS];
    int count;
    uint64_t uses;
    uint32_t last_number;
    uint32_t drops[LANE_DROPS]; /* numbers of what Postgres still has and nobody needs */
    int drop_count;
};

struct lane_statements *lane_statements_new(void);
void lane_statements_free(struct lane_statements *statements);

/** Forget all: the connection is new. */
void lane_statements_clear(struct lane_statements *statements);

/**
 * Find a statement, or make place for it.
 *
 * Gives   the statement, its number 0 when it must be prepared; NULL when all are in flight.
 */
struct lane_statement *lane_statements_find(struct lane_statements *statements, const char *text,
                                            const struct params *params);

/** Give it a new name, for being prepared. */
void lane_statements_number(struct lane_statements *statements, struct lane_statement *statement);

/** It is to be prepared anew; exists: Postgres still has the old one, which is to be dropped. */
void lane_statements_expire(struct lane_statements *statements, struct lane_statement *statement,
                            bool exists);

/** The next number to drop; 0: none. */
uint32_t lane_statements_next_drop(struct lane_statements *statements);

/** The name of a number. */
const char *lane_statements_name(uint32_t number, char out_name[LANE_NAME_BYTES]);

#endif
