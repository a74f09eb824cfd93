/*
 * Well-known documents: where a crawler starts (RFC 9727) and who issues tokens (RFC 9728).
 */
#ifndef ENTREPOT_PORTS_DISCOVERY_WELLKNOWN_H
#define ENTREPOT_PORTS_DISCOVERY_WELLKNOWN_H

#include "server/server.h"

struct problem *wellknown_api_catalog(struct request *rq, struct reply *rp) MUST_USE;
struct problem *wellknown_protected_resource(struct request *rq, struct reply *rp) MUST_USE;

#endif
