/*
 * Binding: the SQL of a step becomes one statement over pinned states, by wrapping it.
 *
 *     WITH orders AS NOT MATERIALIZED (SELECT … FROM input.i_3 WHERE …), run AS (…), clean AS (…)
 *     SELECT q."day"::date, … FROM (
 *     <the author's SQL, unchanged>
 *     ) AS q
 *
 * Names of the author meet only the WITH list. The casts bring every value into the contract's
 * type: binary COPY would take the bytes of another type as they are. Identifiers are quoted,
 * literals go through libpq. Everything lives in the caller's arena; no state, any thread.
 */
#ifndef ENTREPOT_PIPELINE_BIND_H
#define ENTREPOT_PIPELINE_BIND_H

#include "server/base/buffer.h"
#include "server/model/pipeline_document.h"

/* Rows under the name the author gave them: an input, `this`, a step that has a table. */
struct bind_input {
    const char *name;
    const char *select; /* a SELECT of its columns, made by the server */
};

/* A step before this one that has no table: its SQL is part of the statement. */
struct bind_step {
    const char *name;
    const char *sql;
};

/* A column of the one-row table `run`. */
struct bind_value {
    const char *name;
    const char *sql_type;
    const char *text; /* NULL is NULL */
};

struct binding {
    const struct bind_input *inputs;
    size_t input_count;
    const struct bind_value *run;
    size_t run_count;
    const struct bind_step *earlier;
    size_t earlier_count;
};

/* What becomes of the rows: see enum pipeline_mode. */
struct bind_output {
    const struct columns *columns; /* of the contract, cast in their order */
    enum pipeline_mode mode;
    struct columns key;   /* of merge and scd2: what makes a row the same row */
    const char *previous; /* of merge and scd2: a SELECT of the snapshot before */
    const char *as_of;    /* of scd2: the instant rows change at; NULL while checking */
};

/* The columns a snapshot of mode scd2 has beside the author's. */
#define BIND_VALID_FROM "valid_from"
#define BIND_VALID_TO "valid_to"

/** Is it a column the server fills in this mode? */
bool bind_is_ours(enum pipeline_mode mode, const char *column);

/**
 * The statement of a step.
 *
 * Takes   output: NULL gives the author's columns as they are, to be described.
 * Gives   *out_sql; *out_offset: where in it the author's SQL begins, in characters from 0.
 */
void bind_step(struct arena *arena, const struct binding *binding, const char *sql,
               const struct bind_output *output, const char **out_sql, int64_t *out_offset);

/** The WITH list of a binding, without the author's SQL: for a statement of the server's own. */
void bind_with(struct arena *arena, const struct binding *binding, struct buffer *sql);

#endif
