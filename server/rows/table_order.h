/*
 * Rows in the order of their tables: what makes an answer without an order the same bytes each
 * time, as its strong entity tag promises, and the files that several servers make of one snapshot.
 *
 * The tables of a snapshot never change, so their own order is one that needs no sorting. Postgres
 * keeps to it unless its plan reads an index in the order of the index, parts a scan among
 * processes, or begins where another scan is. The last is off for all our connections (conninfo.c);
 * the others are good plans elsewhere, and off in these transactions. See
 * docs/decisions/0008-the-same-rows-in-the-same-order.md.
 */
#ifndef ENTREPOT_ROWS_TABLE_ORDER_H
#define ENTREPOT_ROWS_TABLE_ORDER_H

#include "server/db/db.h"

/**
 * Begin a transaction that only reads, in which queries without ORDER BY give rows in the order of
 * their tables. It is for the caller to roll back; where a worker's handler ends, that is done.
 *
 * Fails   PROBLEM_STORE.
 */
struct problem *table_order_begin(struct db *db, struct arena *arena) MUST_USE;

/**
 * The same for queries that are sorted to a total order: however they are read they give the same
 * rows, so two more processes of Postgres may help to read and sort them.
 */
struct problem *table_order_begin_sorted(struct db *db, struct arena *arena) MUST_USE;

#endif
