/* The body of a request for a run or a plan. */
#ifndef ENTREPOT_CLIENT_BODY_H
#define ENTREPOT_CLIENT_BODY_H

#include "options.h"

#include <jansson.h>

/**
 * Parameters as their pipeline wants them, and publish where it is a run.
 *
 * Takes   pipeline: the document, as the server has it.
 * Fails   PROBLEM_START: a value is not of its type, a name is given twice.
 */
struct problem *body_make(struct arena *arena, const struct client_options *options,
                          const json_t *pipeline, bool is_plan, const char **out_body) MUST_USE;

#endif
