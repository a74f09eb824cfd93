/*
 * The catalogue: everything this product knows of itself, read from meta in one transaction.
 *
 * A struct catalogue is immutable and whole: its pointers belong to one revision, so a request that
 * holds one never sees two states mixed. A catalogue_cell holds the newest; readers acquire it,
 * use it for as long as they like, and release it; the last release frees it. catalogue_refresh
 * reads the next revision; any thread may call any function here.
 */
#ifndef ENTREPOT_MODEL_CATALOGUE_H
#define ENTREPOT_MODEL_CATALOGUE_H

#include "access.h"
#include "contract.h"
#include "pipeline_document.h"
#include "product.h"
#include "server/db/db.h"

/* A version of a contract, parsed. */
struct catalogue_contract {
    struct contract contract;
    const char *version;
};

struct catalogue_snapshot {
    int64_t id;
    int64_t number;
    bool retired;
    int64_t rows;
    int64_t bytes;
    const char *sha256;
    int64_t run_id;
    const struct contract *contract; /* the version it was checked against */
    int64_t published_at;
    const int64_t *segments;
    size_t segment_count;
};

struct catalogue_datum {
    int64_t id;
    enum contract_use use;
    const char *name;
    int major;
    enum contract_mode mode;
    int64_t current;      /* number of the current snapshot or delivery; 0 before the first */
    bool retired;         /* the folder no longer names it */
    int64_t contract_key; /* of meta.contract */
    const struct contract *contract; /* in force */
    int64_t created_at;
    const struct catalogue_snapshot *snapshots; /* of outputs, by number; dropped ones left out */
    size_t snapshot_count;
};

struct catalogue_pipeline {
    int64_t id; /* of meta.workflow */
    bool is_current;
    const char *sha256;
    int64_t created_at;
    const char *created_by;
    struct pipeline_document document;
};

struct catalogue {
    int64_t revision;
    bool has_product; /* false before the first folder was applied */
    struct product product;
    struct access access;
    int64_t applied_at;
    const struct catalogue_contract *contracts;
    size_t contract_count;
    const struct catalogue_datum *datums;
    size_t datum_count;
    const struct catalogue_pipeline *pipelines; /* every version, oldest first */
    size_t pipeline_count;
};

/**
 * Read the catalogue of now, on a connection that may or may not be in a transaction.
 *
 * Gives   a catalogue with one reference: catalogue_release it.
 * Fails   PROBLEM_STORE; PROBLEM_INTERNAL when a stored document is not understood.
 */
struct problem *catalogue_load(struct db *db, struct arena *arena,
                               const struct catalogue **out_catalogue) MUST_USE;

struct catalogue_cell;
struct catalogue_cell *catalogue_cell_new(void);
void catalogue_cell_free(struct catalogue_cell *cell);

/** The newest catalogue with a reference, or NULL before the first refresh. */
const struct catalogue *catalogue_acquire(struct catalogue_cell *cell);
void catalogue_release(const struct catalogue *catalogue);

/** Read the catalogue again if its revision has grown; *out_changed tells. */
struct problem *catalogue_refresh(struct catalogue_cell *cell, struct db *db, struct arena *arena,
                                  bool *out_changed) MUST_USE;

/** The dataset of a layer by name, newest major that is served; NULL: there is none. */
const struct catalogue_datum *catalogue_datum(const struct catalogue *catalogue,
                                              enum contract_use use, const char *name);

/** A snapshot of a dataset by number; NULL: unknown, dropped, or never published. */
const struct catalogue_snapshot *catalogue_snapshot(const struct catalogue_datum *datum,
                                                    int64_t number);

/** The current version of a pipeline; NULL: there is none. */
const struct catalogue_pipeline *catalogue_pipeline(const struct catalogue *catalogue,
                                                    const char *name);

/** A version of a contract; NULL: there is none. */
const struct contract *catalogue_contract(const struct catalogue *catalogue, const char *id,
                                          const char *version);

/** input or output, as URLs and documents write it. */
const char *catalogue_layer(const struct catalogue_datum *datum);

/** What stands behind FROM to read a snapshot: its table, or the union of its segments. */
const char *catalogue_snapshot_from(struct arena *arena, const struct catalogue_snapshot *snapshot);

/** The same for COPY, with these of its columns: table (columns); NULL: it is no single table. */
const char *catalogue_snapshot_table(struct arena *arena, const struct catalogue_snapshot *snapshot,
                                     const struct columns *columns);

/** A SELECT of the columns of an input dataset as they were after a delivery. */
const char *catalogue_input_select(struct arena *arena, const struct catalogue_datum *datum,
                                   int64_t number);

CLEANUP_DEFINE(const struct catalogue *, catalogue_release)

#endif
