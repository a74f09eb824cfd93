/*
 * Rows out of CSV (RFC 4180), from bytes that come in pieces.
 *
 * Lines end with LF or CRLF. The first one names columns of the contract, in any order; columns it
 * leaves out are NULL. An empty field is NULL, "" is empty text. Blank lines are skipped, except
 * where there is one column only. The reader remembers how far it looked, so no byte is looked at
 * twice. One thread; lives in its arena.
 */
#ifndef ENTREPOT_FORMATS_CSV_READER_H
#define ENTREPOT_FORMATS_CSV_READER_H

#include "sink.h"

struct csv_reader;

struct csv_reader *csv_reader_new(struct arena *arena, const struct intake_options *options,
                                  struct sink *sink);

/**
 * Read the rows that are complete.
 *
 * Takes   data: what was not used before, with new bytes behind it; may be written to.
 * Gives   the bytes used; the others must come again.
 */
struct problem *csv_reader_read(struct csv_reader *reader, char *data, size_t size,
                                size_t *out_used) MUST_USE;

/** Read the last row, which may have no line end. */
struct problem *csv_reader_end(struct csv_reader *reader, char *data, size_t size) MUST_USE;

#endif
