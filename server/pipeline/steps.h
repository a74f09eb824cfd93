/*
 * The steps of a pipeline after the first gate: their text, what each reads, which get a table.
 *
 * A step with an output has a table of its own, and so has one that several later steps read; any
 * other private step becomes part of the statement that reads it. Plain data in the caller's arena;
 * no state, any thread.
 */
#ifndef ENTREPOT_PIPELINE_STEPS_H
#define ENTREPOT_PIPELINE_STEPS_H

#include "inputs.h"

struct checked_step {
    const struct pipeline_step *step;
    const char *sql;         /* without a semicolon */
    const bool *reads_input; /* by place among the inputs */
    const bool *reads_step;  /* by place among the steps before it */
    bool uses_run;           /* reads the table run */
    bool uses_time;          /* looks at the run's id or instant in it: known once it was probed */
    bool uses_this;          /* reads the previous snapshot of its output */
    bool has_table;
    bool is_needed; /* it has an output, or a step that is needed reads it */
};

/**
 * The first gate for every step: shape and names only, no database.
 * Gives   uses_time as true wherever uses_run is.
 * Fails   PROBLEM_SQL_REFUSED.
 */
struct problem *steps_check(struct arena *arena, const struct pipeline_document *document,
                            struct checked_step **out_steps) MUST_USE;

/* What a step is bound over. */
struct steps_scope {
    const struct pipeline_document *document;
    const struct checked_step *steps;
    const struct pipeline_pins *pins;
    const struct bind_value *run; /* from inputs_run_row */
    size_t run_count;
    const char *const *tables; /* by step: a SELECT of the table it has; NULL: none yet */
};

/** The output of a step with its pinned snapshot; NULL: it is private. */
const struct output_pin *steps_output(const struct pipeline_pins *pins,
                                      const struct pipeline_step *step);

/**
 * What the step at a place is bound over: the inputs and steps it needs, no others.
 *
 * Gives   steps that have no table in scope->tables as SQL, with all they read.
 */
struct binding steps_binding(struct arena *arena, const struct steps_scope *scope, size_t place);

#endif
