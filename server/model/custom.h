/* customProperties of ODPS and ODCS: what those standards have no place for is under entrepot.… */
#ifndef ENTREPOT_MODEL_CUSTOM_H
#define ENTREPOT_MODEL_CUSTOM_H

#include "node.h"

/** Add a fault for each property that begins with entrepot. and is not known, or is there twice. */
void custom_check(const struct node *owner, const char *const *known, struct faults *faults);

/** The value of a property of owner, or NULL. */
const struct node *custom_find(const struct node *owner, const char *property);

/**
 * The place in choices (ended by NULL) of a property's value.
 *
 * Gives   -1 when the property is not there, or when it is none of the choices, which is a fault.
 */
int custom_choice(const struct node *owner, const char *property, const char *const *choices,
                  struct faults *faults);

#endif
