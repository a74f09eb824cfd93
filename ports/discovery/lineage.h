/* Where the data of this product comes from and goes to, as one graph. */
#ifndef ENTREPOT_PORTS_DISCOVERY_LINEAGE_H
#define ENTREPOT_PORTS_DISCOVERY_LINEAGE_H

#include "server/server.h"

/**
 * GET /discovery/lineage?dataset=&snapshot= (READ lane, then a worker): datasets and pipelines,
 * which reads and makes what, and which column comes from which, as of the current snapshots.
 *
 * dataset (output.daily, or daily): only what leads to it and from it. snapshot: as of that one.
 */
struct problem *lineage_get(struct request *rq, struct reply *rp) MUST_USE;

#endif
