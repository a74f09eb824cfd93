/* The page for people at the root. */
#ifndef ENTREPOT_PORTS_WEB_ROUTES_H
#define ENTREPOT_PORTS_WEB_ROUTES_H

#include "server/http/route.h"

extern const struct route_set web_routes;

#endif
