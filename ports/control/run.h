/* Runs over the control port: ask for one, follow it, list them, cancel one. */
#ifndef ENTREPOT_PORTS_CONTROL_RUN_H
#define ENTREPOT_PORTS_CONTROL_RUN_H

#include "server/server.h"

struct problem *run_post(struct request *rq, struct reply *rp) MUST_USE;
struct problem *run_list(struct request *rq, struct reply *rp) MUST_USE;
struct problem *run_get(struct request *rq, struct reply *rp) MUST_USE;

/**
 * Has this process read the catalogue since a run ended? Another thread or process may have
 * published, and who hears of the end must find the snapshot at its next request.
 *
 * Takes   rows: of run_get.sql.
 */
bool run_is_seen(struct request *rq, const struct lane_rows *rows);

/* After this time the end is told anyway. */
#define RUN_SEEN_WITHIN_MS 2000

#endif
