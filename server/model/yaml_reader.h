/* How document.c reads YAML: libyaml's events become nodes. Only document.c includes this. */
#ifndef ENTREPOT_MODEL_YAML_READER_H
#define ENTREPOT_MODEL_YAML_READER_H

#include "document.h"

/**
 * Read a YAML text that is known to be UTF-8 without NUL.
 *
 * Fails   by NULL, with one or more faults.
 */
const struct node *document_read_yaml(struct arena *arena, const struct document_text *source,
                                      size_t size_limit, struct faults *faults);

#endif
