/*
 * Rows out: one interface for every format that rows are written in.
 *
 * An encoder turns rows of Postgres's binary format into bytes in a buffer. It never does I/O: the
 * caller empties the buffer as it fills. An encoder belongs to one thread and lives in its arena.
 */
#ifndef ENTREPOT_FORMATS_ENCODER_H
#define ENTREPOT_FORMATS_ENCODER_H

#include "row.h"
#include "server/base/buffer.h"
#include "server/base/problem.h"
#include "server/model/column.h"

enum format { FORMAT_NONE, FORMAT_JSON, FORMAT_NDJSON, FORMAT_CSV };

struct encoder;

/** Takes columns: those of each row, in order; they must outlive the encoder. */
struct encoder *encoder_new(struct arena *arena, enum format format,
                            const struct columns *columns);

/** What stands before the first row: `[`, a header line, nothing. */
void encoder_begin(struct encoder *encoder, struct buffer *out);

/**
 * One row.
 *
 * Takes   values: as many as there are columns.
 * Fails   PROBLEM_INTERNAL: a value is not of its column's type; the answer must be cut.
 */
struct problem *encoder_row(struct encoder *encoder, const struct row_value *values,
                            struct buffer *out) MUST_USE;

/** What stands behind the last row. */
void encoder_end(struct encoder *encoder, struct buffer *out);

/** One value as plain text (as CSV has it without quotes), for keyset tokens and messages. */
struct problem *encode_value_text(struct arena *arena, const struct column *column,
                                  struct row_value value, const char **out_text) MUST_USE;

/** The media type of a format, with its parameters; its short name (json, ndjson, csv); and back. */
const char *format_media_type(enum format format);
const char *format_name(enum format format);
enum format format_by_name(const char *name);

/**
 * Choose a format by an Accept header (RFC 9110 §12.5.1, with q values and wildcards).
 *
 * Takes   accept: NULL or empty means anything.
 * Gives   FORMAT_NONE when none of ours is acceptable. JSON wins among equals.
 */
enum format format_by_accept(const char *accept);

#endif
