/*
 * What routes answer when all goes well: an example of each, kept in answers.json, and the schema
 * that the example shows.
 */
#ifndef ENTREPOT_PORTS_DISCOVERY_ANSWERS_H
#define ENTREPOT_PORTS_DISCOVERY_ANSWERS_H

#include "server/http/route.h"

#include <jansson.h>

/** All examples, by method and path as the route has them; NULL without memory. */
json_t *answers_load(void);

/** The example of a route, borrowed from examples; NULL where it has none. */
const json_t *answers_example(struct arena *arena, const json_t *examples,
                              const struct route *route);

/**
 * The JSON Schema of an example: the types of what is in it. What is null there may be anything,
 * and what may be missing for a while (the end of a run that goes on) may be null. NULL without
 * memory.
 */
json_t *answers_schema(const json_t *example);

#endif
