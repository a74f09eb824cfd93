/*
 * Inside the probe: how large a statement grows when Postgres plans it.
 *
 * The planner puts queries in FROM and WITH into the query that reads them, an expression for each
 * column that names it: thirty queries, each reading x || x of the one before, become a billion
 * nodes, and no limit of Postgres stops that before its memory ends. For probe.c alone; no state.
 */
#ifndef ENTREPOT_SANDBOX_PROBE_WEIGHT_H
#define ENTREPOT_SANDBOX_PROBE_WEIGHT_H

#include "node_tree.h"

/** Nodes of a QUERY node when everything is put into it; infinity where that has no end. */
double probe_weight(struct arena *arena, const struct tree *query);

#endif
