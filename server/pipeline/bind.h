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

#include "server/base/problem.h"
#include "server/model/column.h"

/* A dataset in one state, under the name the author gave it. */
struct bind_input {
    const char *name;
    const char *select; /* a SELECT of its columns, made by the server */
};

/* A step before this one. */
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
    const struct bind_input *inputs; /* with `this` among them, where there is one */
    size_t input_count;
    const struct bind_value *run;
    size_t run_count;
    const struct bind_step *earlier;
    size_t earlier_count;
};

/** The names a step may read, ended by NULL: inputs, earlier steps, run. */
const char *const *bind_names(struct arena *arena, const struct binding *binding);

/**
 * The statement of a step.
 *
 * Takes   output: the contract's columns, cast in their order; NULL gives the author's columns as
 *         they are, to be described.
 * Gives   *out_sql; *out_offset: where in it the author's SQL begins, in characters from 0.
 */
void bind_step(struct arena *arena, const struct binding *binding, const char *sql,
               const struct columns *output, const char **out_sql, int64_t *out_offset);

#endif
