/* The input port: deliveries into the datasets the product takes in. */
#ifndef ENTREPOT_PORTS_INPUT_ROUTES_H
#define ENTREPOT_PORTS_INPUT_ROUTES_H

#include "server/http/route.h"

extern const struct route_set input_routes;

#endif
