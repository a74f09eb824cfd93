/*
 * Rows in: bytes of CSV, JSON or NDJSON become checked rows in Postgres's COPY BINARY format.
 *
 * Bytes are pushed in pieces of any size; memory does not grow with the body. Every value is
 * checked against its column (type, required, length, pattern, enum, range) before it is written,
 * so that Postgres has nothing left to refuse. The first faults are collected with line, column and
 * reason; reading goes on until the limit of faults, then stops. One thread; lives in its arena,
 * but owns buffers: intake_close.
 *
 * CSV (RFC 4180): the first line names columns of the contract in any order; columns it leaves out
 * are NULL, as is an empty field; "" is empty text. JSON: an array of objects, NDJSON: an object
 * per line; null and missing members are NULL, unknown members are faults. A byte order mark is
 * skipped. Nothing is converted or rounded: timestamps need an offset, a decimal its scale, text a
 * string. Lines of faults are those where the row begins; their reasons tell the row's number too.
 */
#ifndef ENTREPOT_FORMATS_INTAKE_H
#define ENTREPOT_FORMATS_INTAKE_H

#include "server/base/buffer.h"
#include "server/base/problem.h"
#include "server/model/column.h"

enum intake_format { INTAKE_NONE, INTAKE_CSV, INTAKE_JSON, INTAKE_NDJSON };

struct intake_options {
    enum intake_format format;
    const struct columns *columns;
    const char *pointer; /* JSON pointer to the array of rows (RFC 6901); NULL: the whole */
    int64_t max_field;   /* bytes of one value */
    int64_t max_depth;   /* nesting of JSON */
    int64_t max_faults;  /* faults collected before reading stops */
    const struct row_prefix *prefix; /* NULL: none */
};

/* Columns that the server writes before those of the sender: int8 values. */
struct row_prefix {
    int64_t delivery; /* number of the delivery, the first column; the second is the row's number */
};

struct intake;

struct intake *intake_open(struct arena *arena, const struct intake_options *options);
void intake_close(struct intake *intake);

/**
 * Take the next bytes of the body; append finished rows to out (the COPY header first).
 *
 * Fails   PROBLEM_CONTRACT with faults when the limit of faults is reached, PROBLEM_BAD_REQUEST
 *         when the bytes are no CSV or JSON (bad UTF-8, a NUL, too deep, too long a value).
 */
struct problem *intake_feed(struct intake *intake, const char *data, size_t size,
                            struct buffer *out) MUST_USE;

/** The body is complete: finish the last row, append the COPY trailer. Fails as intake_feed, and
 *  with PROBLEM_CONTRACT when any fault was found. */
struct problem *intake_end(struct intake *intake, struct buffer *out) MUST_USE;

/** Rows accepted so far. */
int64_t intake_rows(const struct intake *intake);

/** The format of a media type (parameters ignored), or INTAKE_NONE. */
enum intake_format intake_format_of(const char *media_type);

CLEANUP_DEFINE(struct intake *, intake_close)

#endif
