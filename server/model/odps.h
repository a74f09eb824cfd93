/*
 * ODPS: is a document a Bitol Open Data Product Standard v1.0.0 product, by its published schema?
 *
 * What this says yes to, the schema says yes to as well. product.h reads what the server needs
 * after this. Any thread may call.
 */
#ifndef ENTREPOT_MODEL_ODPS_H
#define ENTREPOT_MODEL_ODPS_H

#include "node.h"

/** Check a document. Gives true when no fault was added. */
bool odps_check(const struct node *root, struct faults *faults);

#endif
