/*
 * ODCS: is a document a Bitol Open Data Contract Standard v3.1.0 contract, by its published schema?
 *
 * What this says yes to, the schema says yes to as well (apiVersion v2 is refused: its documents
 * are of another make). contract.h reads what the server needs after this. Any thread may call.
 */
#ifndef ENTREPOT_MODEL_ODCS_H
#define ENTREPOT_MODEL_ODCS_H

#include "node.h"

/** Check a document. Gives true when no fault was added. */
bool odcs_check(const struct node *root, struct faults *faults);

/** Is one property of a schema object right? Tells nothing: odcs_check has told. */
bool odcs_property_is_right(struct arena *arena, const struct node *property);

#endif
