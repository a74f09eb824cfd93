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
    int64_t snapshot; /* number of the snapshot or delivery to read; 0: the current one */
    const struct node *node;
};

struct pipeline_parameter {
    const char *name;
    enum column_type type; /* bool, int64, decimal, text, date, time or timestamp */
    bool required;
    const char *fallback; /* its default as text; NULL: null */
};

/* What becomes of the rows of a step with an output. */
enum pipeline_mode {
    PIPELINE_FULL,   /* they are the dataset */
    PIPELINE_APPEND, /* they are added to it */
    PIPELINE_MERGE,  /* they replace the rows of the same key, or are added */
    PIPELINE_SCD2 /* they are its state as of now; it keeps its history in valid_from, valid_to */
};

struct pipeline_step {
    const char *name;
    const char *sql;
    const char *sql_file; /* its name in the folder; NULL: the SQL is in the document */
    int64_t sql_line;     /* where the SQL begins in its file; 0 when unknown */
    const char *output;   /* name of the output dataset; NULL: private to the run */
    enum pipeline_mode mode;
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
    int64_t temp_mb;
    int64_t cost; /* of Postgres's planner */
};

/* What failed rules of a contract do. */
enum pipeline_quality {
    PIPELINE_ENFORCE, /* severity error keeps the result from being published */
    PIPELINE_WARN,    /* they are told */
    PIPELINE_OFF      /* they are not checked */
};

/* Which snapshots are kept; 0: the server's own number, any age. */
struct pipeline_retention {
    int64_t snapshots;
    int64_t days;
};

/* A unit test: the rows of a step when its inputs have the rows given. */
struct pipeline_case {
    const char *name;              /* NULL where it has none */
    size_t step;                   /* its place among the steps */
    const struct node *given;      /* an object of names and lists of rows; NULL: all are empty */
    const struct node *expect;     /* a list of rows, in any order */
    const struct node *parameters; /* an object, or NULL */
    const char *as_of;             /* an instant; NULL: 2000-01-01T00:00:00Z */
    const struct node *node;
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
    const struct pipeline_case *cases;
    size_t case_count;
    struct pipeline_limits limits;
    enum pipeline_quality quality;
    struct pipeline_retention retention;
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
