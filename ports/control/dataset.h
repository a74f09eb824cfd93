/* Output datasets over the control port: which snapshot readers see, and which are kept. */
#ifndef ENTREPOT_PORTS_CONTROL_DATASET_H
#define ENTREPOT_PORTS_CONTROL_DATASET_H

#include "server/server.h"

struct problem *dataset_post_rollback(struct request *rq, struct reply *rp) MUST_USE;
struct problem *dataset_get_publications(struct request *rq, struct reply *rp) MUST_USE;
struct problem *dataset_put_pin(struct request *rq, struct reply *rp) MUST_USE;
struct problem *dataset_delete_pin(struct request *rq, struct reply *rp) MUST_USE;

/** The output dataset a path names. Fails PROBLEM_DATASET_UNKNOWN. */
struct problem *dataset_of_path(struct request *rq,
                                const struct catalogue_datum **out_datum) MUST_USE;

#endif
