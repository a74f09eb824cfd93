/* Properties: one value of one entity, as JSON or by itself. */
#ifndef ENTREPOT_PORTS_ODATA_PROPERTY_H
#define ENTREPOT_PORTS_ODATA_PROPERTY_H

#include "protocol.h"

/** GET set(key)/property, or set/key where the key has a segment of its own. */
struct problem *property_get(struct request *rq, struct reply *rp) MUST_USE;

/** GET set/key/property */
struct problem *property_get_by_segment(struct request *rq, struct reply *rp) MUST_USE;

/** GET set(key)/property/$value */
struct problem *property_value(struct request *rq, struct reply *rp) MUST_USE;

/** GET set/key/property/$value */
struct problem *property_value_by_segment(struct request *rq, struct reply *rp) MUST_USE;

#endif
