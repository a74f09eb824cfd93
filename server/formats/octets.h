/*
 * Bytes and UUIDs as text, and back. Bytes are base64 with padding (RFC 4648 §4), as JSON Schema's
 * contentEncoding has it. No state; any thread.
 */
#ifndef ENTREPOT_FORMATS_OCTETS_H
#define ENTREPOT_FORMATS_OCTETS_H

#include "server/base/buffer.h"

#define OCTETS_UUID 16
#define OCTETS_UUID_TEXT 36

/** Append size bytes as base64. */
void octets_write_base64(struct buffer *out, const char *data, size_t size);

/** Append the bytes of base64 text; gives NULL, or what is wrong with it (nothing is appended). */
const char *octets_read_base64(struct buffer *out, const char *text, size_t size);

/** Write 36 characters in lower case; gives the place behind them. */
char *octets_write_uuid(char *to, const char *data);

/** Read 8-4-4-4-12 hexadecimal digits into 16 bytes; gives NULL, or what is wrong. */
const char *octets_read_uuid(const char *text, size_t size, char *to);

#endif
