/*
 * Snapshots as resources: the list of them.
 */
#ifndef ENTREPOT_PORTS_OUTPUT_SNAPSHOT_H
#define ENTREPOT_PORTS_OUTPUT_SNAPSHOT_H

#include "server/http/reply.h"

/** The handler (READ lane). */
struct problem *snapshot_list(struct request *rq, struct reply *rp) MUST_USE;

#endif
