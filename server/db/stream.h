/*
 * Streams of rows over a struct db: COPY in and out in binary, and queries row by row.
 *
 * Memory does not grow with the rows. A stream that was begun must be ended or given up before the
 * connection is used for anything else. Threads: as struct db.
 */
#ifndef ENTREPOT_DB_STREAM_H
#define ENTREPOT_DB_STREAM_H

#include "db.h"

/* A value of a row as it came: network byte order; size -1 is NULL. */
struct db_value {
    const char *data;
    int32_t size;
};

/* A query made by the server while it runs: SQL with $n, and the parameters in binary or text. */
struct db_query {
    const char *text;
    const struct db_param *params;
    size_t param_count;
    const char *table; /* the same rows as COPY may name them: table (columns); NULL: it cannot */
    bool costly;       /* it may read much: in the lane it never hides what is quick */
};

/**
 * Start a query whose rows come one by one, in binary.
 * Fails   PROBLEM_STORE when it cannot be sent.
 */
struct problem *db_stream_begin(struct db *db, struct arena *arena,
                                const struct db_query *query) MUST_USE;

/**
 * The same for a SELECT of many rows: by COPY when it has no parameters (which COPY does not take).
 * A row costs libpq a fifth there of what it costs as a result of its own, and a whole table costs
 * Postgres a tenth less than a SELECT of all of it.
 *
 * Fails   PROBLEM_STORE: cannot be sent, or, already here, refused.
 */
struct problem *db_stream_begin_select(struct db *db, struct arena *arena,
                                       const struct db_query *query) MUST_USE;

/**
 * The next row.
 *
 * Gives   *out_row, good until the next call, *out_column_count values; NULL at the end.
 * Fails   PROBLEM_STORE and what db_none says; the stream has then ended.
 */
struct problem *db_stream_next(struct db *db, struct arena *arena, const struct db_value **out_row,
                               size_t *out_column_count) MUST_USE;

/** Give a stream up before its end: cancels the query. Harmless when none runs. */
void db_stream_stop(struct db *db);

/** COPY … FROM STDIN (FORMAT binary): begin, bytes, end (gives the rows stored). The bytes carry
 * the header and trailer of the format themselves. */
struct problem *db_copy_in(struct db *db, struct arena *arena, const char *sql) MUST_USE;
struct problem *db_copy_write(struct db *db, struct arena *arena, const char *data,
                              size_t size) MUST_USE;
struct problem *db_copy_end(struct db *db, struct arena *arena, int64_t *out_rows) MUST_USE;
void db_copy_abandon(struct db *db);

/** COPY … TO STDOUT (FORMAT binary): begin, then one message at a time; size 0 at the end. The data
 *  is good until the next call. */
struct problem *db_copy_out(struct db *db, struct arena *arena, const char *sql) MUST_USE;
struct problem *db_copy_read(struct db *db, struct arena *arena, const char **out_data,
                             size_t *out_size) MUST_USE;

/** Columns a query would give, by preparing it only: nothing is planned or run. */
struct db_described {
    const char *name;
    const char *type; /* as format_type writes it: numeric(12,2) */
    unsigned type_oid;
};
struct problem *db_describe(struct db *db, struct arena *arena, const char *sql,
                            const struct db_described **out_columns, size_t *out_count) MUST_USE;

#endif
