/*
 * The lineage of a pipeline's steps: each read from its probe, stitched to the steps before it, so
 * that every source is one of the pipeline's inputs in its pinned state.
 *
 * Plain data in the caller's arena; no state, any thread.
 */
#ifndef ENTREPOT_PIPELINE_STEP_LINEAGE_H
#define ENTREPOT_PIPELINE_STEP_LINEAGE_H

#include "check.h"
#include "lineage_store.h"

struct step_lineages {
    struct arena *arena;
    struct lineage *list;         /* by step; empty where a step was not told */
    struct lineage_input *inputs; /* what the relations in them stand for */
    size_t input_count;
};

void step_lineages_init(struct arena *arena, size_t step_count, struct step_lineages *out_lineages);

/** Tell what the step at a place means; those before it that have tables were told. */
void step_lineages_add(struct step_lineages *lineages, size_t place,
                       const struct step_meaning *meaning);

#endif
