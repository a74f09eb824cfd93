/* The control port: pipelines and their runs. */
#ifndef ENTREPOT_PORTS_CONTROL_ROUTES_H
#define ENTREPOT_PORTS_CONTROL_ROUTES_H

#include "server/http/route.h"

extern const struct route_set control_routes;

#endif
