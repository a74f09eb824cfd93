/* The discovery port: what the product is, promises and runs on, for people and crawlers. */
#ifndef ENTREPOT_PORTS_DISCOVERY_ROUTES_H
#define ENTREPOT_PORTS_DISCOVERY_ROUTES_H

#include "server/http/route.h"

extern const struct route_set discovery_routes;

#endif
