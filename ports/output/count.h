/*
 * The number of rows a query finds (count=true), told in the header field Total-Count.
 *
 * It is exact: snapshots never change, so it is counted once and remembered for all who may see the
 * same rows.
 */
#ifndef ENTREPOT_PORTS_OUTPUT_COUNT_H
#define ENTREPOT_PORTS_OUTPUT_COUNT_H

#include "selection.h"

/** Tell what is known without asking the database; false: it must be counted. */
bool count_tell(struct request *rq, struct reply *rp, const struct selection *selection);

/** Count on the read lane, then go on with `then`; on a worker with `work` where that takes too
 *  long. Fails only at once; what fails later is answered. */
struct problem *count_ask(struct request *rq, struct reply *rp, struct selection *selection,
                          struct problem *(*then)(struct request *, struct reply *,
                                                  struct selection *),
                          struct problem *(*work)(struct request *, struct reply *)) MUST_USE;

/** Count on the connection of a worker. */
struct problem *count_now(struct request *rq, struct reply *rp,
                          const struct selection *selection) MUST_USE;

#endif
