/* Triggers over the control port: what starts runs of a pipeline, when next, and what came of it.
 */
#ifndef ENTREPOT_PORTS_CONTROL_TRIGGER_H
#define ENTREPOT_PORTS_CONTROL_TRIGGER_H

#include "server/server.h"

struct problem *trigger_get_all(struct request *rq, struct reply *rp) MUST_USE;

/**
 * The triggers of a pipeline as a JSON array, for a plan too (WORK lane).
 * Fails   PROBLEM_STORE.
 */
struct problem *trigger_list_json(struct request *rq, const char *pipeline,
                                  json_t **out_list) MUST_USE;

#endif
