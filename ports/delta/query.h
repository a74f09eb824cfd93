/* The files of a table. */
#ifndef ENTREPOT_PORTS_DELTA_QUERY_H
#define ENTREPOT_PORTS_DELTA_QUERY_H

#include "server/http/reply.h"

/** POST …/query (WORK lane): a file is made where there is none yet. */
struct problem *query_post(struct request *rq, struct reply *rp) MUST_USE;

/** GET …/changes: no table has a change data feed. */
struct problem *query_changes(struct request *rq, struct reply *rp) MUST_USE;

#endif
