/*
 * Checking a pipeline before it is stored: its shape by the first gate, its meaning by Postgres.
 *
 * Each step is bound over the datasets as they are now and prepared, which analyses it and runs
 * nothing: unknown columns, wrong types and impossible casts are found here, with their line and
 * column in the author's SQL, and the columns are compared with the contract of the output.
 * Stateless; uses the caller's connection.
 */
#ifndef ENTREPOT_PIPELINE_CHECK_H
#define ENTREPOT_PIPELINE_CHECK_H

#include "inputs.h"

/* The steps of a pipeline after the first gate. */
struct checked_step {
    const struct pipeline_step *step;
    const char *sql; /* without a semicolon */
    bool uses_run;   /* reads the table run */
    bool uses_this;  /* reads the previous snapshot of its output */
};

/**
 * The first gate for every step: shape and names only, no database.
 * Fails   PROBLEM_SQL_REFUSED.
 */
struct problem *pipeline_check_shape(struct arena *arena, const struct pipeline_document *document,
                                     const struct checked_step **out_steps) MUST_USE;

/**
 * What the step at an index is bound over.
 *
 * Takes   steps: all of the pipeline, from pipeline_check_shape; run: from inputs_run_row.
 */
struct binding pipeline_binding(struct arena *arena, const struct pipeline_document *document,
                                const struct checked_step *steps, size_t index,
                                const struct pipeline_pins *pins, const struct bind_value *run,
                                size_t run_count);

/**
 * Both gates.
 *
 * Takes   db: an owner's connection, in a transaction or not; nothing is left on it.
 * Fails   PROBLEM_SQL_REFUSED with members step, layer, rule, line, column;
 *         PROBLEM_INVALID_DOCUMENT for datasets that do not exist or columns that do not fit.
 */
struct problem *pipeline_check(struct db *db, struct arena *arena,
                               const struct catalogue *catalogue,
                               const struct pipeline_document *document) MUST_USE;

#endif
