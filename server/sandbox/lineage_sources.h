/*
 * Sets of sources, while lineage is being read: columns of tables, each with the kinds in which it
 * reaches a result.
 *
 * Tables are numbered as they are met; a column is its table's number and its own place in it, so a
 * set is an array of numbers with bits. Everything lives in the arena of the sources; one thread.
 */
#ifndef ENTREPOT_SANDBOX_LINEAGE_SOURCES_H
#define ENTREPOT_SANDBOX_LINEAGE_SOURCES_H

#include "lineage.h"

/* Postgres has at most 1,600 columns in a table, and system columns down to -7. */
#define SOURCE_COLUMNS 2048
#define SOURCE_SYSTEM_COLUMNS 8

/* Beside the bits of the kinds: the table is read, whatever becomes of its columns. */
#define SOURCE_IS_READ (1U << 15)

struct source_table {
    int64_t relation;
    bool reached;                        /* stands in a FROM of the statement */
    const char **names;                  /* by place; NULL where not known */
    unsigned char marks[SOURCE_COLUMNS]; /* enum source_mark, by place */
};

enum source_mark {
    MARK_NAMED = 1, /* the tree names the column */
    MARK_WHOLE = 2, /* it is part of a row that is taken whole */
    MARK_USED = 4   /* pg_depend has it */
};

struct sources {
    struct arena *arena;
    struct source_table **tables;
    size_t table_count;
    size_t work;       /* sources added and nodes seen */
    int depth;         /* of expressions within expressions */
    const char *doubt; /* the first reason not to believe what was read */
};

struct source_entry {
    uint32_t column;
    uint16_t kinds; /* bits by enum lineage_kind, SOURCE_IS_READ */
    uint16_t open;  /* those of kinds in which the value was not masked */
};

struct source_set {
    struct source_entry *list;
    size_t count;
    size_t room;
    size_t sorted; /* so many are sorted, each column once */
};

/* How an expression is used by what is around it. */
struct source_use {
    enum lineage_kind kind;
    bool masks;
};

/** Remember why the result cannot be believed; the first reason stays. */
void sources_doubt(struct sources *sources, const char *why);

/** Count work. True where going on is no use: there was too much, or there is a doubt already. */
bool sources_exhausted(struct sources *sources, size_t work);

/** The number of a table; of a column (place 0: the table itself). */
uint32_t source_table(struct sources *sources, int64_t relation);
uint32_t source_column(uint32_t table, int64_t place);
int64_t source_place(uint32_t column);

/** The use of a part of what is used so: a stronger direct kind, or the same indirect one. */
struct source_use source_use_within(struct source_use use, enum lineage_kind kind);

/** Add a column; add all of a set, which is used so. */
void source_set_add(struct sources *sources, struct source_set *set, uint32_t column,
                    struct source_use use);
void source_set_add_read(struct sources *sources, struct source_set *set, uint32_t table);
void source_set_add_set(struct sources *sources, struct source_set *set,
                        const struct source_set *from, struct source_use use);

/** Add all of a set as it is. */
void source_set_merge(struct sources *sources, struct source_set *set,
                      const struct source_set *from);

/** Sort it, each column once; needed before it is compared or given out. */
void source_set_sort(struct source_set *set);
bool source_set_equal(const struct source_set *left, const struct source_set *right);

#endif
