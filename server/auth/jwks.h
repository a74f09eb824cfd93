/*
 * A set of keys as an issuer publishes it (RFC 7517 §5).
 *
 * Immutable and counted: whoever holds a set reads it whole, even when the source has a newer one.
 * Keys that cannot be used are left out with a reason, as the RFC asks; the others stay usable. Any
 * thread may call.
 */
#ifndef ENTREPOT_AUTH_JWKS_H
#define ENTREPOT_AUTH_JWKS_H

#include "jwk.h"

#define JWKS_BYTES_HIGHEST ((size_t)256 * 1024)
#define JWKS_KEYS_HIGHEST 64

struct jwks;

/**
 * Read a set.
 *
 * Takes   text: size bytes; algorithms: those configured.
 * Gives   a set held once. It may be empty: then nothing verifies.
 * Fails   PROBLEM_INVALID_DOCUMENT: not a set at all, too large, too many keys.
 */
struct problem *jwks_read(struct arena *arena, const char *text, size_t size, unsigned algorithms,
                          struct jwks **out_jwks) MUST_USE;

struct jwks *jwks_hold(struct jwks *jwks);
void jwks_release(struct jwks *jwks);

/** How many keys can be used, and why the others cannot: lines for the log, "" when all can. */
size_t jwks_count(const struct jwks *jwks);
const char *jwks_left_out(const struct jwks *jwks);

/**
 * The key for a token.
 *
 * Takes   kid: as the token has it, compared exactly; NULL when it has none.
 * Gives   the key that may verify the algorithm; without a kid only when exactly one key may.
 *         NULL when there is none; *out_kid_known tells whether any key has this kid.
 */
const struct jwk *jwks_find(const struct jwks *jwks, const char *kid, enum algorithm algorithm,
                            bool *out_kid_known);

CLEANUP_DEFINE(struct jwks *, jwks_release)

#endif
