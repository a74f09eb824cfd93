/*
 * Rows out: one interface for every format that rows are written in.
 *
 * An encoder turns rows of Postgres's binary format into bytes in a buffer. It never does I/O: the
 * caller empties the buffer as it fills. An encoder belongs to one thread and lives in its arena,
 * but owns buffers: encoder_free.
 *
 * JSON is a bare array of objects, a row per line; NDJSON an object per line; CSV is RFC 4180 with
 * CRLF and a header, NULL is an empty field and empty text is "". Timestamps are in UTC with Z;
 * decimals and int8 are numbers with all their digits; NaN and the infinities are the strings NaN,
 * INF and -INF; bytes are base64; jsonb stands in JSON as it is, in CSV as quoted text. Parquet and
 * Arrow have types of their own (parquet.h, arrow.h); their bytes come when a row group or a batch
 * is complete, a few MB at once.
 */
#ifndef ENTREPOT_FORMATS_ENCODER_H
#define ENTREPOT_FORMATS_ENCODER_H

#include "format.h"
#include "row.h"
#include "server/base/buffer.h"
#include "server/base/problem.h"
#include "server/model/column.h"

struct encoder;

/** Takes columns: those of each row, in order; they must outlive the encoder. */
struct encoder *encoder_new(struct arena *arena, enum format format, const struct columns *columns);
void encoder_free(struct encoder *encoder);

/* How JSON may be written otherwise. */
struct encoder_style {
    const char *const *leads; /* what stands before each value, in place of its name; NULL: names */
    bool exact;        /* int8 and decimals are strings, for readers that know only doubles */
    bool base64url;    /* bytes, without padding */
    bool json_is_text; /* jsonb is a string that holds JSON */
};

/** Takes style: copied; its leads must outlive the encoder. Of an encoder of JSON or NDJSON. */
void encoder_set_style(struct encoder *encoder, const struct encoder_style *style);

/** What stands before the first row: `[`, a header line, nothing. */
void encoder_begin(struct encoder *encoder, struct buffer *out);

/**
 * One row.
 *
 * Takes   values: as many as there are columns.
 * Fails   PROBLEM_INTERNAL: a value is not of its column's type, or NULL where the column says that
 *         there is none (Parquet, Arrow); PROBLEM_NOT_ACCEPTABLE: the format cannot hold the value.
 *         The answer must be cut.
 */
struct problem *encoder_row(struct encoder *encoder, const struct row_value *values,
                            struct buffer *out) MUST_USE;

/** One value of a column, as JSON, without its name. Fails as encoder_row does. */
struct problem *encoder_value(struct encoder *encoder, size_t column, struct row_value value,
                              struct buffer *out) MUST_USE;

/** What stands behind the last row. */
void encoder_end(struct encoder *encoder, struct buffer *out);

CLEANUP_DEFINE(struct encoder *, encoder_free)

/**
 * One value as plain text, for keyset tokens and messages: cast to the column's type by Postgres,
 * it is the same value again. Bytes are therefore hexadecimal (\x00ff), not base64.
 *
 * Gives   NULL for NULL.
 * Fails   PROBLEM_INTERNAL: the value is not of its column's type.
 */
struct problem *encode_value_text(struct arena *arena, const struct column *column,
                                  struct row_value value, const char **out_text) MUST_USE;

#endif
