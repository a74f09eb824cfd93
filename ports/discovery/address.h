/*
 * Where an output dataset is given out: its addresses in each protocol that is served. Which those
 * are stands in the route tables of the ports.
 */
#ifndef ENTREPOT_PORTS_DISCOVERY_ADDRESS_H
#define ENTREPOT_PORTS_DISCOVERY_ADDRESS_H

#include "server/server.h"

/** A URL below the base, with its {product} and {dataset}. Takes datum: NULL where the path has
 *  neither. */
const char *address_url(struct request *rq, const char *path, const struct catalogue_datum *datum);

/** [{"protocol", "title", "href"}] of an output; NULL when out of memory. */
json_t *address_list(struct request *rq, const struct catalogue_datum *datum);

#endif
