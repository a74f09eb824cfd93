/* Rows that refer to nothing. For server/quality only. */
#ifndef ENTREPOT_QUALITY_RELATIONS_H
#define ENTREPOT_QUALITY_RELATIONS_H

#include "check_parts.h"

/** The SQL that is true of a row of t which refers to no row of the rule's other dataset. */
const char *relation_fails(struct checking *checking, const struct quality_rule *rule);

#endif
