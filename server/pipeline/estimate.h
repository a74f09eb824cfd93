/*
 * What a bound SELECT would cost, and some of its rows: asked of Postgres as the pipeline role.
 *
 * Even planning runs author's SQL: constants are folded. So it is done where a run does it: on a
 * fresh connection of the pipeline role, read-only, rolled back, with a time limit. One thread.
 */
#ifndef ENTREPOT_PIPELINE_ESTIMATE_H
#define ENTREPOT_PIPELINE_ESTIMATE_H

#include "server/db/db.h"

#define ESTIMATE_TIMEOUT_MS 10000
#define SAMPLE_TIMEOUT_MS 30000

struct estimate {
    int64_t rows;
    double cost; /* of Postgres's planner */
};

/**
 * Estimate.
 *
 * Takes   step: its name, for messages; select: from bind_step.
 * Fails   PROBLEM_SQL_REFUSED, PROBLEM_TIMEOUT, PROBLEM_STORE.
 */
struct problem *estimate_select(struct arena *arena, const char *pipeline_conninfo,
                                const char *step, const char *select,
                                struct estimate *out_estimate) MUST_USE;

/**
 * The first rows, as a JSON array of objects.
 *
 * Takes   most: rows, 1 to 10,000. Fails as estimate_select.
 */
struct problem *estimate_sample(struct arena *arena, const char *pipeline_conninfo,
                                const char *step, const char *select, int64_t most,
                                const char **out_json) MUST_USE;

#endif
