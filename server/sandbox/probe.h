/*
 * The probe: what Postgres itself says a bound statement means, before anything of it runs.
 *
 * A view of the statement is made and rolled back. Postgres analyses it and runs nothing; what it
 * kept in pg_rewrite, pg_depend and pg_attribute names every relation, function, operator and type
 * by its object id, whatever the text looked like. Anything that is not pinned or not on the lists
 * (allowed.h) is refused. The same tree gives the result's columns and its lineage (lineage.h).
 * One connection of the owner, one thread.
 */
#ifndef ENTREPOT_SANDBOX_PROBE_H
#define ENTREPOT_SANDBOX_PROBE_H

#include "node_tree.h"
#include "server/db/db.h"

/* A table the statement may read. */
struct probe_table {
    const char *table; /* qualified and quoted: data."s_41" */
};

struct probe_request {
    const char *step;
    const char *select; /* the bound statement, from bind_step */
    const char *sql;    /* the author's, for positions in messages */
    int64_t offset;     /* where in select it begins, in characters */
    const struct probe_table *tables;
    size_t table_count;
};

struct probe_column {
    const char *name;
    const char *type; /* as format_type writes it: numeric(12,2) */
    unsigned type_oid;
};

/* A column the statement uses anywhere; column NULL: the whole row, or the table alone. */
struct probe_use {
    int64_t relation; /* its oid */
    int32_t attnum;
    const char *column;
};

struct probe {
    const struct tree *query; /* the QUERY node of the statement */
    const struct probe_column *columns;
    size_t column_count;
    const struct probe_use *uses;
    size_t use_count;
    const int64_t *tables; /* oids of request->tables, same order */
    int server_version;    /* 150020 */
};

/**
 * Probe a statement. Works inside the caller's transaction (in a savepoint) or in one of its own;
 * nothing is left.
 *
 * Fails   PROBLEM_SQL_REFUSED with members step, layer (`analysis` where Postgres refuses it,
 * `probe` where we do), rule, line and column where known; PROBLEM_STORE.
 */
struct problem *probe_statement(struct db *db, struct arena *arena,
                                const struct probe_request *request,
                                struct probe *out_probe) MUST_USE;

#endif
