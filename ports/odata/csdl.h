/* CSDL: the model of all sets, as one JSON document; its XML says the same. */
#ifndef ENTREPOT_PORTS_ODATA_CSDL_H
#define ENTREPOT_PORTS_ODATA_CSDL_H

#include "set.h"

#define CSDL_NAMESPACE "entrepot"
#define CSDL_CONTAINER "Container" /* datasets begin with a small letter */

/** CSDL JSON (OData CSDL JSON 4.01); a new reference, NULL without memory. */
json_t *csdl_json(const struct set *sets, size_t count, bool is_4_01);

/** The same as CSDL XML, in arena. Takes csdl: made by csdl_json. */
const char *csdl_xml(struct arena *arena, const json_t *csdl);

#endif
