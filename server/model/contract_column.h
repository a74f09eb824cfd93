/* How contract.c reads a property of ODCS as a column: its type, then its rules. */
#ifndef ENTREPOT_MODEL_CONTRACT_COLUMN_H
#define ENTREPOT_MODEL_CONTRACT_COLUMN_H

#include "contract.h"

/**
 * Read a property that odcs_check found right.
 *
 * Gives   true and *out_column, whose pattern the caller frees; key_position is -1 for a key column
 *         without a place.
 * Fails   by false, with a fault for each thing that is wrong.
 */
bool contract_column_read(struct arena *arena, const struct node *property,
                          struct column *out_column, struct faults *faults) MUST_USE;

/** Read logicalTypeOptions and rules of invalidValues into a column whose type is known: those that
 *  each row can be judged by alone, when it is delivered. */
void contract_rules_read(struct arena *arena, const struct node *property, struct column *column,
                         struct faults *faults);

/**
 * The text of a value of a column, as a document writes it: a number of a number column, a date in
 * the form of ISO 8601.
 *
 * Fails   by false: it is no value of the column's type.
 */
bool contract_value_read(struct arena *arena, const struct column *column, const struct node *value,
                         const char **out_text) MUST_USE;

#endif
