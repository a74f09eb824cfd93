/*
 * JSON Schema of a row, and an example of one, from the columns of a contract.
 */
#ifndef ENTREPOT_PORTS_DISCOVERY_SCHEMA_H
#define ENTREPOT_PORTS_DISCOVERY_SCHEMA_H

#include "server/model/contract.h"

#include <jansson.h>

/** The schema of a row; NULL without memory. */
json_t *schema_of_row(struct arena *arena, const struct contract *contract);

/** A row that fits the types; NULL without memory. */
json_t *schema_example(struct arena *arena, const struct columns *columns);

/** The same as a line of NDJSON, or as CSV with its header. */
const char *schema_example_text(struct arena *arena, const struct columns *columns,
                                const char *media_type);

#endif
