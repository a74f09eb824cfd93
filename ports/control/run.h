/* Runs over the control port: ask for one, follow it, list them, cancel one. */
#ifndef ENTREPOT_PORTS_CONTROL_RUN_H
#define ENTREPOT_PORTS_CONTROL_RUN_H

#include "server/server.h"

struct problem *run_post(struct request *rq, struct reply *rp) MUST_USE;
struct problem *run_list(struct request *rq, struct reply *rp) MUST_USE;
struct problem *run_get(struct request *rq, struct reply *rp) MUST_USE;

#endif
