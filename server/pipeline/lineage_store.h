/*
 * Lineage of snapshots: from tables of Postgres to datasets in pinned states, as JSON and stored.
 *
 *     {"inputs": [{"dataset": "input.orders", "number": 41}], "doubt": null,
 *      "columns": [{"name": "day", "sources": [{"input": 0, "column": "day", "kind":
 * "IDENTITY"}]}], "dataset": [{"input": 0, "column": "qty", "kind": "FILTER"}]}
 *
 * A source whose value cannot be seen has "masked": true; a column of null is the whole row. What
 * is stored leaves out the inputs, so that all snapshots made in the same way share one document;
 * they are rows of their own. Stateless; the caller's connection and transaction.
 */
#ifndef ENTREPOT_PIPELINE_LINEAGE_STORE_H
#define ENTREPOT_PIPELINE_LINEAGE_STORE_H

#include "server/sandbox/lineage.h"

#include <jansson.h>

/* What a table the SQL reads stands for. A dataset of several segments is there once for each. */
struct lineage_input {
    int64_t relation; /* oid of the table */
    int64_t datum_id;
    int64_t number;      /* of the snapshot or delivery */
    const char *dataset; /* input.orders; only lineage_json needs it */
};

/**
 * A lineage as JSON, for people: the plan of a pipeline.
 *
 * Gives   a new reference in *out_json.
 * Fails   PROBLEM_INTERNAL: it depends on a table that inputs does not have.
 */
struct problem *lineage_json(struct arena *arena, const struct lineage *lineage,
                             const struct lineage_input *inputs, size_t input_count,
                             json_t **out_json) MUST_USE;

/**
 * Store the lineage of a snapshot.
 *
 * Takes   lineage: composed down to inputs; inputs: what its relations stand for, more may be
 * there. Fails   PROBLEM_INTERNAL: as above; PROBLEM_STORE. Source  sql/lineage/
 */
struct problem *lineage_store(struct db *db, struct arena *arena, int64_t snapshot_id,
                              const struct lineage *lineage, const struct lineage_input *inputs,
                              size_t input_count) MUST_USE;

#endif
