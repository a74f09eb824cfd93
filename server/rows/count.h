/*
 * The number of rows a query finds (count=true, $count).
 *
 * It is exact: snapshots never change, so it is counted once and remembered for all who may see the
 * same rows.
 */
#ifndef ENTREPOT_ROWS_COUNT_H
#define ENTREPOT_ROWS_COUNT_H

#include "selection.h"

/** What is known without asking the database; false: it must be counted. */
bool count_find(struct request *rq, const struct selection *selection, int64_t *out_rows);

/** The statement that counts: one row, one int8. */
struct problem *count_sql(struct request *rq, const struct selection *selection,
                          struct db_query *out_sql) MUST_USE;

/** What the statement gave; it is remembered. */
int64_t count_keep(struct request *rq, const struct selection *selection, struct db_value value);

/** Count on the connection of a worker. */
struct problem *count_now(struct request *rq, const struct selection *selection,
                          int64_t *out_rows) MUST_USE;

#endif
