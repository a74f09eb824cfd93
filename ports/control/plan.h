/* The plan of a pipeline: what a run would read, make and change. */
#ifndef ENTREPOT_PORTS_CONTROL_PLAN_H
#define ENTREPOT_PORTS_CONTROL_PLAN_H

#include "server/server.h"

struct problem *plan_post(struct request *rq, struct reply *rp) MUST_USE;

#endif
