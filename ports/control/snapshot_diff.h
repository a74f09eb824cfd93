/* The difference of two snapshots over the control port. */
#ifndef ENTREPOT_PORTS_CONTROL_SNAPSHOT_DIFF_H
#define ENTREPOT_PORTS_CONTROL_SNAPSHOT_DIFF_H

#include "server/server.h"

struct problem *snapshot_diff_get(struct request *rq, struct reply *rp) MUST_USE;

#endif
