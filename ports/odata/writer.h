/*
 * The writer of entities: a row as a JSON object with the control information that the client asked
 * for. Lives in the arena of its request.
 */
#ifndef ENTREPOT_PORTS_ODATA_WRITER_H
#define ENTREPOT_PORTS_ODATA_WRITER_H

#include "protocol.h"
#include "server/rows/rows.h"

struct writer;

/** Takes lead: what stands behind `{` of every entity, such as its context, or "". */
struct writer *writer_new(struct request *rq, const struct protocol *protocol,
                          const struct selection *selection, const char *lead);

/** One entity, a line. Takes row: of the page. */
struct problem *writer_row(struct writer *writer, const struct rows_page *page, size_t row,
                           struct buffer *out) MUST_USE;

/** The encoder of values as OData has them. */
struct encoder *writer_encoder(struct request *rq, const struct protocol *protocol,
                               const struct columns *columns, const char *const *leads);

/** The key of a row as it stands in a URL, with its parentheses. */
struct problem *writer_key(struct request *rq, const struct rows_page *page, size_t row,
                           const char **out_key) MUST_USE;

#endif
