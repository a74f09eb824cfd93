/*
 * Inputs of a pipeline: which state of which dataset each name means, and how it is read.
 *
 * Resolved from one catalogue, so all pointers are of one moment. Everything lives in the caller's
 * arena and points into the catalogue; no state, any thread.
 */
#ifndef ENTREPOT_PIPELINE_INPUTS_H
#define ENTREPOT_PIPELINE_INPUTS_H

#include "bind.h"
#include "server/model/catalogue.h"

/* One name, pinned. */
struct input_pin {
    const char *name;
    const struct catalogue_datum *datum;
    int64_t number; /* of the delivery or snapshot; 0: nothing was ever there */
};

/* An output dataset of a pipeline, and the snapshot that must still be current when it is
 * published. */
struct output_pin {
    const struct pipeline_step *step;
    const struct catalogue_datum *datum;
    int64_t current; /* 0: none yet */
};

struct pipeline_pins {
    const struct input_pin *inputs;
    size_t input_count;
    const struct output_pin *outputs;
    size_t output_count;
};

/**
 * Pin the inputs and outputs of a pipeline.
 *
 * Takes   wanted: states that were asked for, a JSON object such as {"orders": 41}; NULL: none.
 *         need_data: a dataset without any delivery or snapshot is a fault.
 * Fails   PROBLEM_INVALID_DOCUMENT: a dataset is unknown, or what is wanted is not understood;
 *         PROBLEM_CONFLICT: it has no data yet; PROBLEM_SNAPSHOT_RETIRED: the snapshot asked for is
 *         gone.
 */
struct problem *inputs_pin(struct arena *arena, const struct catalogue *catalogue,
                           const struct pipeline_document *document, const char *wanted,
                           bool need_data, struct pipeline_pins *out_pins) MUST_USE;

/** The SELECT that reads a pinned input; one without rows where nothing is there yet. */
const char *inputs_select(struct arena *arena, const struct input_pin *pin);

/** The same of the snapshot that is current in an output: `this`. */
const char *inputs_select_output(struct arena *arena, const struct output_pin *pin);

/** The tables a pinned input reads; *out_count 0: none yet. Qualified and quoted. */
const char *const *inputs_tables(struct arena *arena, const struct input_pin *pin,
                                 size_t *out_count);

/**
 * Values of the parameters, checked: the columns of `run` behind id and as_of.
 *
 * Takes   json: an object, or NULL; run_id 0 gives a null id, as_of NULL a null instant.
 * Fails   PROBLEM_INVALID_DOCUMENT: unknown, missing or of the wrong type.
 */
struct problem *inputs_run_row(struct arena *arena, const struct pipeline_document *document,
                               const char *json, int64_t run_id, const char *as_of, bool checking,
                               const struct bind_value **out_values, size_t *out_count) MUST_USE;

#endif
