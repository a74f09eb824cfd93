/* What the files of a run share: a run under way. For run.c, step.c, verify.c and publish.c only.
 */
#ifndef ENTREPOT_PIPELINE_RUN_PARTS_H
#define ENTREPOT_PIPELINE_RUN_PARTS_H

#include "check.h"
#include "run.h"
#include "step_lineage.h"

/* The table of a step. */
struct made {
    int64_t segment_id;
    int64_t rows;
    int64_t bytes;
    const char *sha256;
};

struct run {
    struct arena *arena;
    const struct run_services *services;
    const struct run_job *job;
    struct run_watch *watch;
    const struct catalogue *catalogue;
    struct pipeline_document document;
    struct checked_step *steps;
    struct pipeline_pins pins;
    const struct bind_value *row; /* the table run */
    size_t row_count;
    const char *as_of;
    int64_t flow_id;
    const char *fingerprint;        /* of the whole */
    const char **step_fingerprints; /* by step */
    const char **selects;           /* by step: a SELECT of its table; NULL while it has none */
    const char **tables;            /* by step: its table, qualified and quoted */
    struct step_meaning *meanings;  /* by step */
    struct made *made;              /* by step */
    struct step_lineages lineages;
    int64_t rows; /* of all outputs */
    int64_t bytes;
    const char *state; /* the last state, where it is no failure */
};

/** Fill the fingerprints: pins, steps and row are there. */
void run_fingerprints(struct run *run);

/** Make the table of the step at a place, or take up the one an earlier run made. */
struct problem *run_make_step(struct run *run, size_t place) MUST_USE;

/** Check the rows of every output: keys, contract, quality. The results are stored. */
struct problem *run_verify(struct run *run) MUST_USE;

/** Make the snapshots, move the pointers, end the run: one transaction. */
struct problem *run_publish(struct run *run) MUST_USE;

/** The place of an output's step. */
size_t run_place(const struct run *run, const struct output_pin *output);

/** Store that the run has ended; in the caller's transaction, where there is one. */
struct problem *run_store_end(struct run *run, const char *state, const char *error,
                              bool *out_ours) MUST_USE;

#endif
