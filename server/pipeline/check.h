/*
 * Checking a pipeline: its shape by the first gate, its meaning by the second.
 *
 * Each step is bound over the datasets as they are and probed, which analyses it and runs nothing:
 * unknown columns, wrong types and impossible casts are found here, with their line and column in
 * the author's SQL, and the columns are compared with the contract of the output. Stateless; uses
 * the caller's connection.
 */
#ifndef ENTREPOT_PIPELINE_CHECK_H
#define ENTREPOT_PIPELINE_CHECK_H

#include "server/sandbox/probe.h"
#include "steps.h"
#include "target.h"

/* A table a bound step reads, and what it is. */
struct step_table {
    const char *table;               /* qualified and quoted */
    const struct input_pin *input;   /* an input, or NULL */
    const struct output_pin *output; /* the snapshot before of an output, or NULL */
    size_t step;                     /* else the table of the step at this place */
};

/* What a step means. */
struct step_meaning {
    struct target target;
    const char *select;                 /* bound: what a run executes */
    const struct probe_column *columns; /* the author's */
    size_t column_count;
    struct probe probe;              /* of select */
    const struct step_table *tables; /* as probe.tables */
    size_t table_count;
};

/**
 * Bind and probe one step.
 *
 * Takes   db: an owner's connection, in a transaction or not; nothing is left on it.
 *         step_tables: by step, its table, qualified and quoted, where scope->tables has a SELECT.
 * Fails   PROBLEM_SQL_REFUSED with members step, layer, rule, line, column;
 *         PROBLEM_INVALID_DOCUMENT: the columns or the mode do not fit the contract.
 */
struct problem *check_step(struct db *db, struct arena *arena, const struct steps_scope *scope,
                           const char *const *step_tables, const char *as_of, size_t place,
                           struct step_meaning *out_meaning) MUST_USE;

/* A pipeline as it would run now. */
struct pipeline_meaning {
    struct checked_step *steps;
    struct pipeline_pins pins;
    const struct bind_value *run;
    size_t run_count;
    const struct step_meaning *meanings; /* by step */
};

/* What is checked with: NULL and false where nothing is asked. */
struct pipeline_wish {
    const char *parameters; /* JSON object */
    const char *inputs;     /* JSON object of pinned states */
    bool checking;          /* only whether it could run: parameters and data may be missing */
};

/**
 * Both gates for all steps.
 *
 * Gives   *out_meaning where it is not NULL.
 * Fails   as check_step; PROBLEM_INVALID_DOCUMENT for datasets that do not exist.
 */
struct problem *pipeline_check(struct db *db, struct arena *arena,
                               const struct catalogue *catalogue,
                               const struct pipeline_document *document,
                               const struct pipeline_wish *wish,
                               struct pipeline_meaning *out_meaning) MUST_USE;

#endif
