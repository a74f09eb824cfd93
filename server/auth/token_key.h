/*
 * The ES256 key a private cluster signs its own tokens with: token-key.pem in the data directory,
 * readable by its owner, and jwks.json with the public part. Declared for the public in verifier.h
 * (token_key_ensure); this header is for minting.
 */
#ifndef ENTREPOT_AUTH_TOKEN_KEY_H
#define ENTREPOT_AUTH_TOKEN_KEY_H

#include "server/base/problem.h"

struct token_key {
    char *pem; /* in arena; wiped by token_key_clear */
    size_t pem_size;
    const char *kid; /* RFC 7638 thumbprint of the public part */
};

/**
 * Read the key of a data directory.
 *
 * Fails   PROBLEM_START: there is none, others may read it, or it is no P-256 key.
 */
struct problem *token_key_read(struct arena *arena, const char *data_dir,
                               struct token_key *out_key) MUST_USE;

/** Wipe the private part. */
void token_key_clear(struct token_key *key);

#endif
