/* Entities: a set in pages, one entity by its key, and how many there are. */
#ifndef ENTREPOT_PORTS_ODATA_ENTITY_H
#define ENTREPOT_PORTS_ODATA_ENTITY_H

#include "protocol.h"

/** GET a set, or the entity of a key in parentheses. */
struct problem *entity_get(struct request *rq, struct reply *rp) MUST_USE;

/** The entity of a key. Takes key: as query_key reads it. */
struct problem *entity_get_one(struct request *rq, struct reply *rp, const char *set,
                               const char *key) MUST_USE;

/** GET $count of a set. */
struct problem *entity_count(struct request *rq, struct reply *rp) MUST_USE;

#endif
