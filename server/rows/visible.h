/*
 * What a subject sees of the rows of a dataset, by the decision of the access rules. No state.
 */
#ifndef ENTREPOT_ROWS_VISIBLE_H
#define ENTREPOT_ROWS_VISIBLE_H

#include "server/server.h"

/**
 * The columns that rows of a snapshot have for a subject.
 *
 * Takes   columns: of the contract; keyed: rows without a key that Edm knows get one.
 * Gives   the columns not denied, in arena. A key of which a part is denied is none. *out_number:
 *         the name of the column put in front to number rows that have no key, or NULL.
 */
struct columns visible_columns(struct arena *arena, const struct columns *columns,
                               const struct access_decision *decision, bool keyed,
                               const char **out_number);

/** Does a decision hide rows, or any of these columns? */
bool visible_hides(const struct access_decision *decision, const struct columns *columns);

#endif
