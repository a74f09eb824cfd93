/*
 * Whole snapshots as files: data.parquet, data.csv and the like, also in content codings, and what
 * there is of them.
 */
#ifndef ENTREPOT_PORTS_OUTPUT_DOWNLOAD_H
#define ENTREPOT_PORTS_OUTPUT_DOWNLOAD_H

#include "server/http/reply.h"

/** The handlers (READ lane). The path of download_get ends with a point and the name of a format.
 */
struct problem *download_get(struct request *rq, struct reply *rp) MUST_USE;
struct problem *download_list(struct request *rq, struct reply *rp) MUST_USE;

#endif
