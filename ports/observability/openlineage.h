/*
 * OpenLineage run events (spec 2-0-2) as a projection of what meta knows of a run.
 *
 * A run has two: START when it began, COMPLETE, FAIL or ABORT when it ended. START names what the
 * pipeline's document names, so it never changes; the last one has what was really read and made.
 * The namespace is the product's base URL and a dataset's name its path, so that both together are
 * the URL of its rows. Everything lives in the caller's arena but JSON, which is returned.
 */
#ifndef ENTREPOT_PORTS_OBSERVABILITY_OPENLINEAGE_H
#define ENTREPOT_PORTS_OBSERVABILITY_OPENLINEAGE_H

#include "server/model/catalogue.h"

#include <jansson.h>

/* What sql/lineage/event_run.sql gives. */
struct lineage_run {
    const char *uuid;
    const char *document; /* the pipeline as it ran, JSON */
    const char *state;
    int64_t as_of;
    const char *origin;
    const char *error;           /* NULL: none */
    const char *parent_uuid;     /* of the run that started it; NULL: none */
    const char *parent_pipeline; /* its job */
    const char *sources;         /* JSON arrays */
    const char *outputs;
    const char *quality;
};

struct lineage_event {
    const char *base_url; /* without a slash at its end */
    const struct catalogue *catalogue;
    const struct lineage_run *run;
    int64_t at;
    bool ended;
};

/**
 * Write one event.
 *
 * Gives   a new reference in *out_json.
 * Fails   PROBLEM_INTERNAL.
 */
struct problem *openlineage_event(struct arena *arena, const struct lineage_event *event,
                                  json_t **out_json) MUST_USE;

#endif
