/* The rows of a statement as an answer of any length, at constant memory. */
#ifndef ENTREPOT_ROWS_STREAM_H
#define ENTREPOT_ROWS_STREAM_H

#include "server/db/stream.h"
#include "server/formats/encoder.h"
#include "server/http/reply.h"

/**
 * Run a statement and send its rows (WORK lane).
 *
 * Takes   columns: of each row.
 * Gives   *out_begun, always: bytes were sent, so that what fails can only be cut.
 * Fails   as db_stream_begin, db_stream_next, encoder_row and reply_write do.
 */
struct problem *rows_stream(struct request *rq, struct reply *rp, enum format format,
                            const struct columns *columns, const struct db_query *sql,
                            bool *out_begun) MUST_USE;

#endif
