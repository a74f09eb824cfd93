/*
 * The OpenAPI 3.1 document: written from the route tables and the contracts, so it cannot drift.
 *
 * Routes of datasets appear once per dataset, with the schema and an example of its rows.
 */
#ifndef ENTREPOT_PORTS_DISCOVERY_OPENAPI_H
#define ENTREPOT_PORTS_DISCOVERY_OPENAPI_H

#include "server/server.h"

struct problem *openapi_get(struct request *rq, struct reply *rp) MUST_USE;

#endif
