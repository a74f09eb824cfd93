/*
 * Transfer: the rows of one step, from the pipeline role's connection into a table of the owner.
 *
 * The two streams are joined in this process, in the binary format of COPY; rows and bytes are
 * counted and digested as they pass. One thread.
 */
#ifndef ENTREPOT_PIPELINE_TRANSFER_H
#define ENTREPOT_PIPELINE_TRANSFER_H

#include "run_watch.h"
#include "server/db/stream.h"

struct transfer_limits {
    int64_t rows;
    int64_t bytes;
    int64_t timeout_ms;
    int64_t temp_mb; /* of temporary files; 0: as the role is set */
};

struct transfer_result {
    int64_t rows;
    int64_t bytes;
    const char *sha256; /* of the bytes, hexadecimal */
};

/**
 * Run a bound SELECT and store its rows.
 *
 * Takes   pipeline_conninfo: for a fresh connection, closed at the end; select: from bind_step;
 *         table: quoted; columns: quoted list.
 * Fails   PROBLEM_SQL_REFUSED when the SQL fails; PROBLEM_CONTRACT when a row breaks NOT NULL;
 *         PROBLEM_CONFLICT over a limit or when stopped; PROBLEM_STORE.
 */
struct problem *transfer_rows(struct arena *arena, struct db *owner, const char *pipeline_conninfo,
                              const char *step, const char *select, const char *table,
                              const char *columns, const struct transfer_limits *limits,
                              struct run_watch *watch, struct transfer_result *out_result) MUST_USE;

#endif
