/*
 * The target of a step: the output dataset its rows become, in which mode, by which key.
 *
 * Whether mode, key and contract fit each other is checked here. Plain data in the caller's arena;
 * no state, any thread.
 */
#ifndef ENTREPOT_PIPELINE_TARGET_H
#define ENTREPOT_PIPELINE_TARGET_H

#include "inputs.h"

struct target {
    const struct output_pin *output; /* NULL: the step is private to the run, all else is empty */
    const struct contract *contract;
    struct bind_output bind;
    struct columns author; /* what the author's SELECT must give: the contract's without ours */
};

/**
 * Resolve the target of a step.
 *
 * Takes   output: its pinned output, or NULL; as_of: the run's instant, or NULL while checking.
 * Fails   PROBLEM_INVALID_DOCUMENT with faults at the step.
 */
struct problem *target_resolve(struct arena *arena, const struct output_pin *output,
                               const char *as_of, struct target *out_target) MUST_USE;

/** Does the mode read the snapshot before? */
bool target_reads_previous(const struct target *target);

#endif
