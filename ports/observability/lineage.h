/* What happened to the data of this product, as OpenLineage events of its runs. */
#ifndef ENTREPOT_PORTS_OBSERVABILITY_LINEAGE_H
#define ENTREPOT_PORTS_OBSERVABILITY_LINEAGE_H

#include "server/server.h"

/**
 * GET /observability/lineage?before=|after=&top= (WORK lane): events, newest first.
 *
 * The place of an event, for before and after, stands in the Link headers; a time of RFC 3339 is
 * one too. A JSON array, or NDJSON by Accept.
 */
struct problem *lineage_list(struct request *rq, struct reply *rp) MUST_USE;

#endif
