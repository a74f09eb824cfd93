/*
 * Signature algorithms of JSON Web Signature (RFC 7518 §3, RFC 8037): their names, the kind of key
 * each needs, and the check of a signature. A token chooses among what is configured, a key says
 * what it is for, and only one algorithm at a time is tried: nothing is guessed.
 *
 * Any thread may call; a key is only read.
 */
#ifndef ENTREPOT_AUTH_SIGNATURE_H
#define ENTREPOT_AUTH_SIGNATURE_H

#include "server/base/problem.h"

#include <openssl/evp.h>

/* One bit each, so that a set of them is an unsigned. There is no `none`. */
enum algorithm {
    ALGORITHM_UNKNOWN = 0,
    ALGORITHM_RS256 = 1,
    ALGORITHM_PS256 = 2,
    ALGORITHM_ES256 = 4,
    ALGORITHM_ES384 = 8,
    ALGORITHM_EDDSA = 16, /* with Ed25519 */
    ALGORITHM_HS256 = 32
};

#define ALGORITHMS_OF_RSA (ALGORITHM_RS256 | ALGORITHM_PS256)

/** The algorithm of a name as `alg` has it, exact, or ALGORITHM_UNKNOWN. */
enum algorithm algorithm_by_name(const char *name);

/**
 * The set of configured names, parted by spaces.
 *
 * Fails   PROBLEM_START: none, an unknown one, or HS256 beside others (a public key must never be
 *         taken for a shared secret, so an issuer has either).
 */
struct problem *algorithms_read(struct arena *arena, const char *names,
                                unsigned *out_algorithms) MUST_USE;

/* What a signature is checked with: one of the two is set. */
struct signature_key {
    EVP_PKEY *public_key;
    const unsigned char *secret; /* of HS256 */
    size_t secret_size;
};

/** Is it the signature of data? The key must be of the algorithm's kind. */
bool signature_is_valid(enum algorithm algorithm, const struct signature_key *key, const void *data,
                        size_t size, const unsigned char *signature, size_t signature_size);

#endif
