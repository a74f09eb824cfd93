/*
 * Scalars of YAML: what a plain (unquoted) text means by the YAML 1.2 core schema, and whether a
 * text must be quoted to stay text. No state; any thread may call.
 */
#ifndef ENTREPOT_MODEL_SCALAR_H
#define ENTREPOT_MODEL_SCALAR_H

#include "node.h"

#define SCALAR_NUMBER_BYTES 100 /* longest number that is kept */

/**
 * Set kind, truth and text of a node from a plain text. Numbers are brought to the form of JSON:
 * +5 is 5, .5 is 0.5, 0x1F is 31.
 *
 * Fails   by false: a number that JSON does not have (.inf, .nan) or that is too long.
 */
bool scalar_resolve(struct arena *arena, const char *text, struct node *node);

/** Is a number of JSON one that is kept: finite as a double, and not too long? */
bool scalar_number_is_kept(const char *number);

/** Would this text, unquoted, be something else for us or for readers of YAML 1.1 (yes, 1:30)? */
bool scalar_needs_quotes(const char *text);

#endif
