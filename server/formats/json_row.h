/*
 * One row as a JSON object: its members become values of columns.
 *
 * Members may come in any order; a column without one is NULL. A member the contract does not have
 * and a name that comes twice are faults of the row. One thread; lives in its arena.
 */
#ifndef ENTREPOT_FORMATS_JSON_ROW_H
#define ENTREPOT_FORMATS_JSON_ROW_H

#include "json.h"
#include "sink.h"

struct json_row;

/** Why something that is no object cannot be a row. */
extern const char json_row_shape[];

struct json_row *json_row_new(struct arena *arena, const struct intake_options *options,
                              struct sink *sink);

/** Bytes of the longest row. */
size_t json_row_limit(const struct intake_options *options);

/**
 * Read one row and give it to the sink.
 *
 * Takes   lexer: before the row; its bytes may be written to. depth: what is open around the row.
 * Gives   *out_kind: JSON_OBJECT_END when the row was read; JSON_WRONG, the lexer says why;
 *         JSON_INCOMPLETE, nothing happened and the row must be read again with more bytes.
 * Fails   as sink_row_end.
 */
struct problem *json_row_read(struct json_row *row, struct json_lexer *lexer, int depth,
                              enum json_kind *out_kind) MUST_USE;

#endif
