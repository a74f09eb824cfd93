/* The observability port: is it alive, is it ready, how is it doing. */
#ifndef ENTREPOT_PORTS_OBSERVABILITY_ROUTES_H
#define ENTREPOT_PORTS_OBSERVABILITY_ROUTES_H

#include "server/http/route.h"

extern const struct route_set observability_routes;

#endif
