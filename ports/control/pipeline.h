/* Pipelines over the control port: put, list, read, retire. */
#ifndef ENTREPOT_PORTS_CONTROL_PIPELINE_H
#define ENTREPOT_PORTS_CONTROL_PIPELINE_H

#include "server/server.h"

struct problem *pipeline_put(struct request *rq, struct reply *rp) MUST_USE;
struct problem *pipeline_list(struct request *rq, struct reply *rp) MUST_USE;
struct problem *pipeline_get(struct request *rq, struct reply *rp) MUST_USE;
struct problem *pipeline_get_version(struct request *rq, struct reply *rp) MUST_USE;
struct problem *pipeline_delete(struct request *rq, struct reply *rp) MUST_USE;

#endif
