/* The metadata document: the model of all sets as CSDL, XML or JSON. */
#ifndef ENTREPOT_PORTS_ODATA_METADATA_H
#define ENTREPOT_PORTS_ODATA_METADATA_H

#include "protocol.h"

/** GET $metadata */
struct problem *metadata_get(struct request *rq, struct reply *rp) MUST_USE;

#endif
