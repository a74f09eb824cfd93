/*
 * Which columns of a query of the WITH list a statement uses, read from the probe's tree.
 *
 * For `run`, which has the id and the instant of a run: a statement that looks at neither gives the
 * same rows at any time. Where a name is hidden by another WITH list of the same name, or the query
 * is read in a way that is not understood, it says used. No state, any thread.
 */
#ifndef ENTREPOT_SANDBOX_CTE_USE_H
#define ENTREPOT_SANDBOX_CTE_USE_H

#include "node_tree.h"

/** Is one of its first columns, or the whole row of it, used anywhere in a QUERY? */
bool cte_use(const struct tree *query, const char *name, int64_t columns);

#endif
