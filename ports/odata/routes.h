/* The OData port: the same rows as the output port, as an OData 4.01 service. */
#ifndef ENTREPOT_PORTS_ODATA_ROUTES_H
#define ENTREPOT_PORTS_ODATA_ROUTES_H

#include "server/http/route.h"

extern const struct route_set odata_routes;

#endif
