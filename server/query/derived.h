/*
 * Derived columns: those that aggregate, groupby and compute make, with the names the client gives
 * them.
 */
#ifndef ENTREPOT_QUERY_DERIVED_H
#define ENTREPOT_QUERY_DERIVED_H

#include "parser.h"

/**
 * Read what stands in the parentheses of aggregate: `amount with sum as total,$count as rows`.
 * Gives   step->values, and step->columns: those of the groups, then these.
 */
struct problem *derived_read_aggregates(struct parser *parser, struct step *step) MUST_USE;

/** The columns of a step that only groups. */
void derived_take_groups(struct parser *parser, struct step *step);

/**
 * Read what stands in the parentheses of compute: `amount mul qty as total`.
 * Gives   step->values, and step->columns: those of its input, then these.
 */
struct problem *derived_read_computed(struct parser *parser, struct step *step) MUST_USE;

#endif
