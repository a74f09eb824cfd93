/*
 * The shape of a signed token (RFC 7515 compact form): split, header read, nothing trusted yet.
 *
 * Everything points into the arena or into the token, which must outlive it. Any thread may call.
 */
#ifndef ENTREPOT_AUTH_TOKEN_H
#define ENTREPOT_AUTH_TOKEN_H

#include "server/base/problem.h"

#define TOKEN_BYTES_HIGHEST ((size_t)8192)

struct token {
    const char *algorithm; /* alg */
    const char *key_id;    /* kid; NULL when absent */
    const char *type;      /* typ; NULL when absent */
    const char *signed_text;
    size_t signed_size; /* header, dot, payload */
    const char *payload;
    size_t payload_size;
    const unsigned char *signature;
    size_t signature_size;
};

/**
 * Split a token and read its header. Of the header only alg, kid and typ count; where a key is to
 * be found (jku, x5u, jwk, x5c) is never taken from a token.
 *
 * Fails   PROBLEM_UNAUTHENTICATED, error=invalid_token.
 */
struct problem *token_read(struct arena *arena, const char *text, struct token *out_token) MUST_USE;

/** A 401 that says why a token is refused; the sentence goes to the client. */
struct problem *token_refused(struct arena *arena, const char *reason, ...) PRINTF_LIKE(2, 3);

#endif
