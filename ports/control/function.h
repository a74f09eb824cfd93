/* What the SQL of a step may use, over the control port: the lists of the sandbox, with reasons. */
#ifndef ENTREPOT_PORTS_CONTROL_FUNCTION_H
#define ENTREPOT_PORTS_CONTROL_FUNCTION_H

#include "server/server.h"

struct problem *function_list(struct request *rq, struct reply *rp) MUST_USE;

#endif
