/* The Delta Sharing port: published datasets as tables of one share, each snapshot a version. */
#ifndef ENTREPOT_PORTS_DELTA_ROUTES_H
#define ENTREPOT_PORTS_DELTA_ROUTES_H

#include "server/http/route.h"

extern const struct route_set delta_routes;

#endif
