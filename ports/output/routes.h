/* The output port: rows of published snapshots. */
#ifndef ENTREPOT_PORTS_OUTPUT_ROUTES_H
#define ENTREPOT_PORTS_OUTPUT_ROUTES_H

#include "server/http/route.h"

extern const struct route_set output_routes;

#endif
