/* Quality as it was measured: what the rules of contracts found, and rows that broke them. */
#ifndef ENTREPOT_PORTS_OBSERVABILITY_QUALITY_H
#define ENTREPOT_PORTS_OBSERVABILITY_QUALITY_H

#include "server/server.h"

/** Results of the last run of each dataset the subject may read, or of one run or snapshot. */
struct problem *quality_list(struct request *rq, struct reply *rp);

/** Rows that failed, without the columns that are hidden from the subject. */
struct problem *quality_list_rows(struct request *rq, struct reply *rp);

#endif
