/*
 * Datasets of OpenLineage events and their facets: schema, version, column lineage, assertions.
 *
 * Facets are judged by schemas of their own, whose versions are in one table here.
 */
#ifndef ENTREPOT_PORTS_OBSERVABILITY_OPENLINEAGE_DATASET_H
#define ENTREPOT_PORTS_OBSERVABILITY_OPENLINEAGE_DATASET_H

#include "openlineage.h"

#define OPENLINEAGE_PRODUCER "urn:entrepot:" ENTREPOT_VERSION

/** A facet with its producer and schema. Takes over body; NULL stays NULL. */
json_t *openlineage_facet(const char *name, json_t *body);

/** The datasets of an event: those read, those made. */
json_t *openlineage_inputs(struct arena *arena, const struct lineage_event *event,
                           const struct pipeline_document *document);
json_t *openlineage_outputs(struct arena *arena, const struct lineage_event *event,
                            const struct pipeline_document *document);

#endif
