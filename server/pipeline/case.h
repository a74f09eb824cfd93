/*
 * The unit tests of a pipeline, run: rows given in place of inputs, rows of a step expected.
 *
 * Each runs the author's SQL, which both gates have let through, on a connection of the pipeline
 * role, in a read-only transaction that is rolled back. The rows given are values of the statement;
 * no table is read. One thread.
 */
#ifndef ENTREPOT_PIPELINE_CASE_H
#define ENTREPOT_PIPELINE_CASE_H

#include "check.h"

/** One test may take so long. */
#define CASE_TIMEOUT_MS 10000

/**
 * Run the tests of a document.
 *
 * Takes   meaning: from pipeline_check of the same document.
 * Fails   PROBLEM_INVALID_DOCUMENT with a fault for each row that is missing or not expected;
 *         PROBLEM_STORE.
 */
struct problem *cases_run(struct arena *arena, const char *pipeline_conninfo,
                          const struct pipeline_document *document,
                          const struct pipeline_meaning *meaning) MUST_USE;

#endif
