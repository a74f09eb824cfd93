/*
 * One connection to Postgres for one thread that may wait: typed statements, transactions, streams.
 *
 * A struct db is used by one thread at a time: a worker, start-up, a run. It connects on first use
 * and again after it was lost; statements of sql/ are prepared on first use per connection. Errors
 * of Postgres become problems: what the client may know in `detail`, Postgres's own words in
 * `cause`. The event loops do not use this; they use lane.h.
 */
#ifndef ENTREPOT_DB_DB_H
#define ENTREPOT_DB_DB_H

#include "server/base/problem.h"
#include "statement.h"

#include <stdbool.h>
#include <stdint.h>

struct db;

struct db_bytes {
    const void *data;
    size_t size;
};

struct db_int64s {
    const int64_t *list;
    size_t count;
};

/* A parameter: its type and value; is_null sends NULL. */
struct db_param {
    enum db_type type;
    bool is_null;
    union {
        bool boolean;
        int64_t integer; /* int32, int64, time */
        double real;
        const char *text; /* text, json */
        struct db_bytes bytes;
        const char *const *texts; /* ended by NULL */
        struct db_int64s integers;
    };
};

/* Text parameters that are NULL pointers send NULL. */
struct db_param db_bool(bool value);
struct db_param db_int32(int32_t value);
struct db_param db_int64(int64_t value);
struct db_param db_double(double value);
struct db_param db_text(const char *value);
struct db_param db_json(const char *value);
struct db_param db_bytes(const void *data, size_t size);
struct db_param db_time(int64_t at);
struct db_param db_texts(const char *const *values);
struct db_param db_int64s(const int64_t *values, size_t count);
struct db_param db_null(enum db_type type);

/* Where a column goes. Numbers of nullable columns say what stands for NULL. */
struct db_column {
    enum db_type type;
    void *out;
    int64_t missing;
    bool takes_null;
};

struct db_column db_to_bool(bool *out);
struct db_column db_to_int32(int32_t *out);
struct db_column db_to_int64(int64_t *out);
struct db_column db_to_int64_or(int64_t *out, int64_t missing);
struct db_column db_to_double(double *out);    /* NAN for NULL */
struct db_column db_to_text(const char **out); /* NULL for NULL */
struct db_column db_to_json(const char **out);
struct db_column db_to_bytes(struct db_bytes *out);
struct db_column db_to_time(int64_t *out);
struct db_column db_to_time_or(int64_t *out, int64_t missing);

/** Takes conninfo: a URL or keywords of libpq; application_name: for pg_stat_activity. Does not
 *  connect yet. */
struct db *db_open(const char *conninfo, const char *application_name);

/** The same, with more settings for its connections: "-c name=value …", in words of ours alone. */
struct db *db_open_with(const char *conninfo, const char *application_name, const char *settings);
void db_close(struct db *db);

/**
 * Connect now, if not connected.
 * Fails   PROBLEM_STORE.
 */
struct problem *db_connect(struct db *db, struct arena *arena) MUST_USE;

/** Is the connection inside a transaction (also one that failed, or was lost with its connection,
 *  and is not rolled back yet)? Its server's process id, 0 when not connected. */
bool db_in_transaction(const struct db *db);
int db_backend_pid(const struct db *db);

/**
 * Run a statement of sql/ that gives 0 rows, 1 row, 0..1 row, or any number.
 *
 * Takes   in, out: exactly as the statement's signature says (an assert otherwise).
 * Gives   values in arena, written only when a row came.
 * Fails   PROBLEM_STORE: away, or refused; PROBLEM_CONFLICT: a unique or foreign key is violated;
 *         PROBLEM_INTERNAL: another number of rows than the signature says.
 */
struct problem *db_none(struct db *db, struct arena *arena, const struct db_statement *statement,
                        const struct db_param *in, size_t in_count) MUST_USE;
struct problem *db_one(struct db *db, struct arena *arena, const struct db_statement *statement,
                       const struct db_param *in, size_t in_count, const struct db_column *out,
                       size_t out_count) MUST_USE;
struct problem *db_maybe(struct db *db, struct arena *arena, const struct db_statement *statement,
                         const struct db_param *in, size_t in_count, const struct db_column *out,
                         size_t out_count, bool *out_found) MUST_USE;
/** each: called once per row, after out was filled. */
struct problem *db_each(struct db *db, struct arena *arena, const struct db_statement *statement,
                        const struct db_param *in, size_t in_count, const struct db_column *out,
                        size_t out_count, struct problem *(*each)(void *context),
                        void *context) MUST_USE;

/** Run SQL made by the server (DDL, SET LOCAL, migrations): one or more statements, rows dropped.
 */
struct problem *db_run(struct db *db, struct arena *arena, const char *sql) MUST_USE;

/** An identifier or a literal, quoted by libpq's rules, in arena. */
const char *db_identifier(struct arena *arena, const char *name);
const char *db_literal(struct arena *arena, const char *value);

/**
 * Run body in a transaction; commit; rerun it a few times on SQLSTATE 40001 and 40P01.
 * A body touches only the database and what it wrote itself. Rolled back when it fails.
 */
struct problem *db_transact(struct db *db, struct arena *arena,
                            struct problem *(*body)(struct db *db, struct arena *arena,
                                                    void *context),
                            void *context) MUST_USE;

/** By hand, for streams: begin (read only or not), commit, roll back (never fails: closes instead).
 */
struct problem *db_begin(struct db *db, struct arena *arena, bool read_only) MUST_USE;
struct problem *db_commit(struct db *db, struct arena *arena) MUST_USE;
void db_rollback(struct db *db);

/** The SQLSTATE of the last failure on this connection, "" when there was none. What Postgres said
 * of it, in one sentence, "" when there was none; good until the next failure. The position of a
 * syntax or analysis error, in characters from 1; 0 when Postgres named none. */
const char *db_sqlstate(const struct db *db);
const char *db_error_message(const struct db *db);
int db_error_position(const struct db *db);

/** Cancel what runs on it; may be called by another thread. */
void db_cancel(struct db *db);

/** Break the connection, so that whoever waits for it fails now: for a server's process that does
 *  not hear a cancel. It ends by itself when it looks up. May be called by another thread. */
void db_break(struct db *db);

#endif
