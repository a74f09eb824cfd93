/*
 * Datasets for consumers: the dictionary of columns, where the rows are, which snapshot is current.
 */
#ifndef ENTREPOT_PORTS_DISCOVERY_DATASET_H
#define ENTREPOT_PORTS_DISCOVERY_DATASET_H

#include "server/server.h"

struct problem *dataset_list(struct request *rq, struct reply *rp) MUST_USE;
struct problem *dataset_get(struct request *rq, struct reply *rp) MUST_USE;

#endif
