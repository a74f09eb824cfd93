/* The lines every answer about a table begins with: protocol and metaData. */
#ifndef ENTREPOT_PORTS_DELTA_METADATA_H
#define ENTREPOT_PORTS_DELTA_METADATA_H

#include "server/base/buffer.h"
#include "table.h"

/**
 * Agree on how files are told of, by the field delta-sharing-capabilities.
 *
 * Gives   the same field of the answer, where the client sent one.
 * Fails   PROBLEM_BAD_QUERY: the client reads only the form named delta.
 */
struct problem *metadata_agree(struct request *rq, struct reply *rp) MUST_USE;

/** Add a line. Takes over json. Fails PROBLEM_INTERNAL. */
struct problem *metadata_add_line(struct request *rq, struct buffer *lines, json_t *json) MUST_USE;

/** Add the first two lines. */
struct problem *metadata_add(struct request *rq, struct buffer *lines, const struct table *table,
                             const struct catalogue_snapshot *snapshot) MUST_USE;

/** End with the lines, which are copied. */
struct problem *metadata_reply(struct request *rq, struct reply *rp,
                               const struct buffer *lines) MUST_USE;

/** GET …/metadata */
struct problem *metadata_get_table(struct request *rq, struct reply *rp) MUST_USE;

#endif
