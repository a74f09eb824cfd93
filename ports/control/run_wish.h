/* What is asked for of a pipeline: the body of requests for a run and for a plan. */
#ifndef ENTREPOT_PORTS_CONTROL_RUN_WISH_H
#define ENTREPOT_PORTS_CONTROL_RUN_WISH_H

#include "server/server.h"

struct run_wish {
    const struct catalogue_pipeline *pipeline;
    const char *parameters; /* JSON objects */
    const char *inputs;
    const char *expected;
    bool publish;
    const char *key;
};

/**
 * Read the pipeline of the path and the body, which may be empty.
 * Fails   PROBLEM_NOT_FOUND: there is no such pipeline; PROBLEM_INVALID_DOCUMENT with faults.
 */
struct problem *run_wish_read(struct request *rq, struct run_wish *out_wish) MUST_USE;

#endif
