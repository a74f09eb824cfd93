/*
 * The descriptor: the product as Bitol ODPS, its contracts as Bitol ODCS.
 *
 * Both are what the folder said; the descriptor is completed with what only the running server
 * knows: the addresses of its output ports, its management ports and their URLs.
 */
#ifndef ENTREPOT_PORTS_DISCOVERY_DESCRIPTOR_H
#define ENTREPOT_PORTS_DISCOVERY_DESCRIPTOR_H

#include "server/server.h"

struct problem *descriptor_get_product(struct request *rq, struct reply *rp) MUST_USE;
struct problem *descriptor_list_contracts(struct request *rq, struct reply *rp) MUST_USE;
struct problem *descriptor_get_contract(struct request *rq, struct reply *rp) MUST_USE;
struct problem *descriptor_list_pipelines(struct request *rq, struct reply *rp) MUST_USE;
struct problem *descriptor_get_pipeline(struct request *rq, struct reply *rp) MUST_USE;

#endif
