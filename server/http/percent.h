/*
 * Percent-encoding of URIs (RFC 3986 §2.1): one strict decoder for paths and query options.
 *
 * Plain functions over the caller's bytes and arena; any thread may call.
 */
#ifndef ENTREPOT_HTTP_PERCENT_H
#define ENTREPOT_HTTP_PERCENT_H

#include "server/base/problem.h"

/**
 * Decode a piece of a URI.
 *
 * Takes   what: names the piece in the refusal, "path" or "query".
 * Gives   *out_text with a NUL behind it, in arena. A `+` stays a `+`.
 * Fails   PROBLEM_BAD_REQUEST: an incomplete or wrong escape, %00, or bytes that are not UTF-8.
 */
struct problem *percent_decode(struct arena *arena, const char *what, const char *text, size_t size,
                               char **out_text) MUST_USE;

/**
 * Decode the value of a query option.
 *
 * A URI has %20 for a blank and means a + by a +, as in an offset +01:00. But writers of HTML
 * forms, and with them curl -G, Python's urlencode and JavaScript's URLSearchParams, write a blank
 * as +. They write everything but letters, digits and * - . _ ~ as %XX, and never a %20: only in a
 * value that is written so throughout a + is a blank.
 *
 * Fails   as percent_decode.
 */
struct problem *percent_decode_option(struct arena *arena, const char *text, size_t size,
                                      char **out_text) MUST_USE;

#endif
