/*
 * A pipeline document: steps of plain SELECTs over named inputs, and the datasets they make.
 *
 * It comes from pipelines/<name>.yaml of a folder or from PUT /control/pipelines/{name}. Here it is
 * only read and checked by itself: whether the datasets exist is the folder's or the catalogue's
 * business, whether the SQL may run is that of server/pipeline. Plain const data in the caller's
 * arena; any thread may read.
 */
#ifndef ENTREPOT_MODEL_PIPELINE_DOCUMENT_H
#define ENTREPOT_MODEL_PIPELINE_DOCUMENT_H

#include "column.h"
#include "document.h"
#include "trigger.h"
#include "version.h"

enum pipeline_layer {
    PIPELINE_INPUT, /* input.NAME */
    PIPELINE_OUTPUT /* output.NAME */
};

struct pipeline_input {
    const char *name; /* in the SQL */
    enum pipeline_layer layer;
    const char *dataset;
    int64_t snapshot; /* number of the one to read; 0: the current one */
    const struct node *node;
};

struct pipeline_parameter {
    const char *name;
    enum column_type type; /* bool, int64, decimal, text, date, time or timestamp */
    bool required;
    const char *fallback; /* its default as text; NULL: null */
};

struct pipeline_step {
    const char *name;
    const char *sql;
    const char *sql_file;   /* its name in the folder; NULL: the SQL is in the document */
    int64_t sql_line;       /* where the SQL begins in its file; 0 when unknown */
    const char *output;     /* name of the output dataset; NULL: private to the run */
    const char *const *key; /* columns, ended by NULL; NULL: the contract's */
    const char *contract;   /* contract id the output must have; NULL: the port's */
    int contract_major;     /* and its major version; -1: the port's */
    const struct node *node;
};

/* 0: the server's own limit. */
struct pipeline_limits {
    int64_t timeout_s;
    int64_t rows;
    int64_t bytes;
};

struct pipeline_document {
    const char *file; /* NULL outside folders */
    const char *name;
    const char *version;
    struct version number;
    const char *description; /* NULL where there is none */
    const struct pipeline_input *inputs;
    size_t input_count;
    const struct pipeline_parameter *parameters;
    size_t parameter_count;
    const struct pipeline_step *steps;
    size_t step_count;
    struct pipeline_limits limits;
    const struct trigger *triggers;
    size_t trigger_count;
    const char *json;   /* the document as JSON, with the SQL of files written into it */
    const char *sha256; /* of its canonical JSON, 64 hexadecimal digits */
    const struct node *node;
};

/* How a step's sql_file is found: gives its text in the arena's life, or NULL when there is none.
 */
struct pipeline_files {
    const struct document_text *list; /* names are plain file names */
    size_t count;
};

/**
 * Read a pipeline document.
 *
 * Takes   root: a parsed document; it must live as long as the pipeline.
 *         files: the SQL files beside it; NULL where it must carry its SQL itself.
 * Gives   *out_document; what could be read of it also when it fails, for further checks only:
 *         inputs may have no dataset then, steps no SQL.
 * Fails   by false, with every fault of the document added.
 */
bool pipeline_document_read(struct arena *arena, const struct node *root,
                            const struct pipeline_files *files,
                            struct pipeline_document *out_document, struct faults *faults);

/** Parse and read in one go: the body of a request, or a stored document. */
struct problem *pipeline_document_parse(struct arena *arena, const struct document_text *source,
                                        struct pipeline_document *out_document) MUST_USE;

#endif
