/* What can be done with a run that is there: stop it, repeat it, publish what it staged. */
#ifndef ENTREPOT_PORTS_CONTROL_RUN_ACTION_H
#define ENTREPOT_PORTS_CONTROL_RUN_ACTION_H

#include "server/server.h"

struct problem *run_post_cancel(struct request *rq, struct reply *rp) MUST_USE;
struct problem *run_post_retry(struct request *rq, struct reply *rp) MUST_USE;
struct problem *run_post_publish(struct request *rq, struct reply *rp) MUST_USE;

#endif
