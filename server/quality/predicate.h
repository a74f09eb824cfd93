/*
 * Predicates: the SQL that is true of a row that breaks a rule, and false or NULL of any other.
 * NULL breaks a rule only where the rule is about missing values. Names are quoted; values stand as
 * literals of their type, so that Postgres reads each once. No state, any thread.
 */
#ifndef ENTREPOT_QUALITY_PREDICATE_H
#define ENTREPOT_QUALITY_PREDICATE_H

#include "server/model/quality_rule.h"

/** The predicate over t of a rule that is measured row by row; NULL: it is not. */
const char *predicate_fails(struct arena *arena, const struct quality_rule *rule);

/** Of validValues: none of them is the value. */
const char *predicate_not_listed(struct arena *arena, const struct quality_rule *rule);

/** The columns of a rule are all there: none is NULL. */
const char *predicate_given(struct arena *arena, const struct columns *columns);

#endif
