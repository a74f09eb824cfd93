/*
 * One JSON Web Key (RFC 7517, RFC 8037), read strictly: what it is, what it may verify.
 *
 * A key owns its OpenSSL key and its secret; jwk_clear releases them. Only public keys are taken,
 * and secrets of HS256 where that is configured. Immutable once read; any thread may use it.
 */
#ifndef ENTREPOT_AUTH_JWK_H
#define ENTREPOT_AUTH_JWK_H

#include "signature.h"

#include <jansson.h>

#define JWK_RSA_BITS_LOWEST 2048
#define JWK_RSA_BITS_HIGHEST 8192
#define JWK_SECRET_BYTES_LOWEST 32
#define JWK_SECRET_BYTES_HIGHEST 512

struct jwk {
    char *kid;           /* NULL when it has none */
    unsigned algorithms; /* what it may verify: fits its kind, its `alg`, and the configuration */
    struct signature_key key;
    unsigned char *secret; /* what key.secret points to */
};

/**
 * Read a key.
 *
 * Takes   object: the key; algorithms: those configured, a set of enum algorithm.
 * Gives   true and the key; or false and in *out_why, in arena, a sentence part why it is not used.
 */
bool jwk_read(struct arena *arena, const json_t *object, unsigned algorithms, struct jwk *out_jwk,
              const char **out_why);

/** Release what a key holds. */
void jwk_clear(struct jwk *jwk);

/** The RFC 7638 thumbprint of an EC key: SHA-256 of its required members, base64url. */
char *jwk_ec_thumbprint(struct arena *arena, const char *curve, const char *x, const char *y);

#endif
