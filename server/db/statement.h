/*
 * What a statement is: its text, the types of its parameters and columns, and how many rows it
 * gives. The statements of sql/ are embedded as such values (sql.h); their signature is the comment
 * above the SQL, checked against Postgres by tests/db. Plain const data; any thread may read.
 */
#ifndef ENTREPOT_DB_STATEMENT_H
#define ENTREPOT_DB_STATEMENT_H

#include <stdbool.h>
#include <stddef.h>

/* How a value travels; the comment names the type in Postgres. */
enum db_type {
    DB_NO_TYPE,
    DB_BOOL,       /* bool: bool */
    DB_INT32,      /* int4: int32_t */
    DB_INT64,      /* int8: int64_t */
    DB_DOUBLE,     /* float8: double */
    DB_TEXT,       /* text: const char * */
    DB_BYTES,      /* bytea: struct db_bytes */
    DB_TIME,       /* timestamptz: int64_t, microseconds since 1970 */
    DB_JSON,       /* jsonb: const char * */
    DB_TEXT_ARRAY, /* text[]: const char *const *, ended by NULL; parameters only */
    DB_INT64_ARRAY /* int8[]: struct db_int64s; parameters only */
};

enum db_rows { DB_ROWS_NONE, DB_ROWS_ONE, DB_ROWS_MAYBE, DB_ROWS_ANY };

struct db_field {
    const char *name;
    enum db_type type;
    bool nullable;
};

struct db_statement {
    const char *name; /* of the file, and of the prepared statement */
    enum db_rows rows;
    const enum db_type *params;
    size_t param_count;
    const struct db_field *columns;
    size_t column_count;
    const char *text;
};

#endif
