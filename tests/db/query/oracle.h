/*
 * A second opinion on queries: random rows, random filters in the words of OData, and what they
 * should give, found by the plainest means row by row. It shares no code with server/query.
 *
 * Numbers of the rows are such that doubles hold them exactly; all else is text whose order is that
 * of its bytes. Everything follows from the seed, so a failure can be repeated.
 */
#ifndef ENTREPOT_TESTS_DB_QUERY_ORACLE_H
#define ENTREPOT_TESTS_DB_QUERY_ORACLE_H

#include "server/base/buffer.h"
#include "server/model/column.h"

#define ORACLE_ROWS 150
#define ORACLE_COLUMNS 14

struct cell {
    bool is_null;
    bool is_text;
    double number; /* also of booleans: 0 and 1 */
    const char *text;
};

struct oracle {
    struct arena *arena;
    uint64_t state; /* of the random numbers */
    struct cell rows[ORACLE_ROWS][ORACLE_COLUMNS];
};

extern const struct columns oracle_columns;

struct oracle *oracle_new(struct arena *arena, uint64_t seed);

/** A random number below a bound. */
unsigned oracle_random(struct oracle *oracle, unsigned bound);

/** The statement that makes the table, and the one that fills it. */
const char *oracle_create_sql(void);
const char *oracle_insert_sql(struct oracle *oracle);

/** A condition made up; its text, and whether it holds for a row. */
struct condition;
const struct condition *oracle_condition(struct oracle *oracle, int depth);
const char *condition_text(struct oracle *oracle, const struct condition *condition);
bool condition_holds(const struct condition *condition, const struct cell *row);

/** Order of two values as OData sorts: nulls first. */
int cell_compare(const struct cell *left, const struct cell *right);

#endif
