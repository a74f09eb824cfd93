/* The service document: which sets there are. */
#ifndef ENTREPOT_PORTS_ODATA_SERVICE_H
#define ENTREPOT_PORTS_ODATA_SERVICE_H

#include "protocol.h"

/** GET the root */
struct problem *service_get(struct request *rq, struct reply *rp) MUST_USE;

#endif
