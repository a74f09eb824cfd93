/*
 * Small questions about text: is it UTF-8, is it a name, what is its hexadecimal or base64url form.
 *
 * Nothing here owns memory or keeps state; any thread may call.
 */
#ifndef ENTREPOT_BASE_TEXT_H
#define ENTREPOT_BASE_TEXT_H

#include "arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Does size bytes hold valid UTF-8 (no overlong forms, no surrogates, at most U+10FFFF)? NUL is
 * valid. */
bool text_is_utf8(const char *data, size_t size);

/** Is it a name of ours: [a-z][a-z0-9_]*, at most 48 bytes? Datasets, columns, pipelines,
 * parameters. */
bool text_is_name(const char *text);

/** Equal without looking at the case of ASCII letters. */
bool text_equal_caseless(const char *left, const char *right);

/** Equal secrets: takes the same time wherever they differ. */
bool text_equal_secret(const void *left, const void *right, size_t size);

/** Does text begin with prefix? */
bool text_starts(const char *text, const char *prefix);

/** Write size × 2 hexadecimal digits and a NUL to out. */
void text_hex(const void *data, size_t size, char *out);

/** Gives base64url without padding (RFC 4648 §5). */
char *text_base64url(struct arena *arena, const void *data, size_t size);

/**
 * Decode base64url without padding, strictly: no other byte, no padding, no stray bits at the end.
 *
 * Gives   *out_data in arena (with a NUL behind it) and its size.
 * Fails   by false.
 */
bool text_from_base64url(struct arena *arena, const char *text, size_t length,
                         unsigned char **out_data, size_t *out_size);

/** Gives text with every byte but letters, digits, - . _ ~ percent-encoded (RFC 3986 §2.1). */
char *text_percent_encode(struct arena *arena, const char *text);

/** Read a whole decimal number, no spaces, nothing behind it. False when it is not one or too big.
 */
bool text_to_int64(const char *text, int64_t *out_value);

/** The words of a list parted by any of the bytes in separators; empty ones are left out. NULL ends
 * it. */
char **text_split(struct arena *arena, const char *text, const char *separators);

#endif
