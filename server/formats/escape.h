/*
 * Text as JSON strings and as CSV fields. The text is valid UTF-8; it is not looked at again.
 *
 * No state; any thread.
 */
#ifndef ENTREPOT_FORMATS_ESCAPE_H
#define ENTREPOT_FORMATS_ESCAPE_H

#include "server/base/buffer.h"

/** Append a JSON string with its quotes. */
void escape_json(struct buffer *out, const char *text, size_t size);

/** Append a CSV field (RFC 4180), quoted where it must be; empty text is "", for NULL is nothing.
 */
void escape_csv(struct buffer *out, const char *text, size_t size);

#endif
