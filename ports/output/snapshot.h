/*
 * Snapshots as resources: the list of them, and the Parquet file of each.
 */
#ifndef ENTREPOT_PORTS_OUTPUT_SNAPSHOT_H
#define ENTREPOT_PORTS_OUTPUT_SNAPSHOT_H

#include "server/http/reply.h"

/** The handlers (READ lane). */
struct problem *snapshot_list(struct request *rq, struct reply *rp) MUST_USE;
struct problem *snapshot_get_file(struct request *rq, struct reply *rp) MUST_USE;

#endif
