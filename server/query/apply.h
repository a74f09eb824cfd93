/*
 * apply: a pipeline of steps, each of which makes rows of the rows before it.
 *
 * The steps are read against the columns of the dataset, and give the columns that filter, select
 * and orderby then see. In SQL each is a subselect around the one before. The names a client gives
 * to new columns never stand in the SQL: there they are called by their place, c1, c2, ….
 */
#ifndef ENTREPOT_QUERY_APPLY_H
#define ENTREPOT_QUERY_APPLY_H

#include "parser.h"
#include "sql_writer.h"

/**
 * Read the value of apply; the parser has begun on it.
 *
 * Takes   query: with the columns of the dataset as source.
 * Gives   query->steps, query->source behind them, and query->asked by steps that order.
 */
struct problem *apply_read(struct parser *parser, struct query *query) MUST_USE;

/** Write what stands behind FROM: from itself, or the steps around it. */
void apply_add_from(struct sql_writer *writer, const struct query *query, const char *from);

#endif
