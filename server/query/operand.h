/*
 * Operands: what stands between operators. Literals, aliases, columns and calls.
 */
#ifndef ENTREPOT_QUERY_OPERAND_H
#define ENTREPOT_QUERY_OPERAND_H

#include "parser.h"

/** Read one operand that is not in parentheses and has no sign. */
struct problem *operand_read(struct parser *parser, struct term **out_term) MUST_USE;

/** Read one literal of a list, or an alias of one. */
struct problem *operand_read_item(struct parser *parser, struct term **out_term) MUST_USE;

#endif
