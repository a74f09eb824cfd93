/*
 * One value of a result, from the binary form of the wire into a variable of C.
 *
 * No state; texts and bytes are copied to the arena. Any thread.
 */
#ifndef ENTREPOT_DB_CELL_H
#define ENTREPOT_DB_CELL_H

#include "stream.h"

#include <libpq-fe.h>

/**
 * Do the columns of a result have the types of the signature?
 *
 * Fails   PROBLEM_INTERNAL, naming the statement: the database is not the one it was written for.
 */
struct problem *cell_check_types(struct arena *arena, const struct db_statement *statement,
                                 const PGresult *result) MUST_USE;

/**
 * Read one row; nothing is written unless all of it can be.
 *
 * Takes   out: as many as the statement has columns, of its types.
 * Fails   PROBLEM_INTERNAL: a NULL in a column that is not marked `?`, or a size that is not the
 *         type's.
 */
struct problem *cell_read_row(struct arena *arena, const struct db_statement *statement,
                              const PGresult *result, int row,
                              const struct db_column *out) MUST_USE;

#endif
