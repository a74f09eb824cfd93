/*
 * Tokens and keys for the tests of auth, good and bad: made with OpenSSL alone, so that anything
 * can be signed, with any header. Keys belong to the caller.
 */
#ifndef ENTREPOT_TESTS_UNIT_AUTH_FORGE_H
#define ENTREPOT_TESTS_UNIT_AUTH_FORGE_H

#include "server/base/arena.h"

#include <openssl/evp.h>

/* How to sign, whatever the header says. */
enum forge_method { FORGE_NOTHING, FORGE_RSA, FORGE_PSS, FORGE_ECDSA, FORGE_EDDSA, FORGE_HMAC };

struct forge_key {
    EVP_PKEY *key; /* or a secret */
    const void *secret;
    size_t secret_size;
};

/* The kinds of key there are. */
EVP_PKEY *forge_rsa(unsigned bits);
EVP_PKEY *forge_ec(const char *curve);
EVP_PKEY *forge_ed25519(void);

/** The public part as a JWK; more: members to add, such as ",\"use\":\"sig\"". kid may be NULL. */
const char *forge_jwk(struct arena *arena, EVP_PKEY *key, const char *kid, const char *more);

/** The public part in PEM. */
const char *forge_pem(struct arena *arena, EVP_PKEY *key);

/** A certificate in PEM for a host name, signed by its own key. */
const char *forge_certificate(struct arena *arena, EVP_PKEY *key, const char *host);

/** base64url(header).base64url(payload).base64url(signature by method, SHA-256; P-384: SHA-384) */
const char *forge_token(struct arena *arena, enum forge_method method, const struct forge_key *key,
                        const char *header, const char *payload);

/** The same of a text that is already header.payload, whatever it is. */
const char *forge_signature(struct arena *arena, enum forge_method method,
                            const struct forge_key *key, const char *text);

/** A new folder, and a file in it; forge_remove deletes the folder with its files. */
const char *forge_dir(struct arena *arena);
const char *forge_file(struct arena *arena, const char *dir, const char *name, const char *text);
void forge_remove(const char *dir);

#endif
