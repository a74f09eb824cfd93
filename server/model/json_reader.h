/* How document.c reads JSON: RFC 8259 text becomes nodes that keep every digit and every line,
 * which jansson does not. Only document.c includes this. */
#ifndef ENTREPOT_MODEL_JSON_READER_H
#define ENTREPOT_MODEL_JSON_READER_H

#include "document.h"

/**
 * Read a JSON text that is known to be UTF-8 without NUL.
 *
 * Fails   by NULL, with one or more faults.
 */
const struct node *document_read_json(struct arena *arena, const struct document_text *source,
                                      struct faults *faults);

#endif
