/*
 * Rows out of JSON and NDJSON, from bytes that come in pieces.
 *
 * JSON is an array of objects, the whole body or at a JSON pointer into it (RFC 6901); what stands
 * around the array is read past, at constant memory, but must be JSON too. NDJSON is an object per
 * line; blank lines are skipped. One thread; lives in its arena.
 */
#ifndef ENTREPOT_FORMATS_JSON_READER_H
#define ENTREPOT_FORMATS_JSON_READER_H

#include "sink.h"

struct json_reader;

/** Fails  PROBLEM_BAD_REQUEST: the pointer of the options is none. */
struct problem *json_reader_new(struct arena *arena, const struct intake_options *options,
                                struct sink *sink, struct json_reader **out_reader) MUST_USE;

/**
 * Read the rows that are complete.
 *
 * Takes   data: what was not used before, with new bytes behind it; may be written to. final: no
 *         more will come.
 * Gives   the bytes used; the others must come again.
 */
struct problem *json_reader_read(struct json_reader *reader, char *data, size_t size, bool final,
                                 size_t *out_used) MUST_USE;

#endif
