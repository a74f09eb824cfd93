/* Backfills over the control port: a list of runs asked for at once, followed, stopped. */
#ifndef ENTREPOT_PORTS_CONTROL_BACKFILL_H
#define ENTREPOT_PORTS_CONTROL_BACKFILL_H

#include "server/server.h"

struct problem *backfill_post(struct request *rq, struct reply *rp) MUST_USE;
struct problem *backfill_get(struct request *rq, struct reply *rp) MUST_USE;
struct problem *backfill_post_cancel(struct request *rq, struct reply *rp) MUST_USE;

#endif
