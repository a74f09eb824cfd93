/*
 * Tokens: is this bearer token one we accept, and whose is it?
 *
 * A verifier holds the configured rules and the issuer's current keys. Keys change while it is used
 * (a JWKS file or URL is read again); verifying threads see one key set whole. verifier_verify may
 * be called by any thread; each loop keeps a token_cache of its own.
 */
#ifndef ENTREPOT_AUTH_VERIFIER_H
#define ENTREPOT_AUTH_VERIFIER_H

#include "principal.h"
#include "server/base/config.h"
#include "server/base/problem.h"

struct verifier;

struct verifier_options {
    const char *jwks;        /* file, or https URL (http for loopback) */
    const char *issuer;      /* iss, exact */
    const char *audience;    /* aud must contain it */
    const char *algorithms;  /* names, parted by spaces */
    bool only_access_tokens; /* typ must be at+jwt */
    int64_t jwks_ttl_ms;
    int64_t leeway_ms;   /* for nbf and iat; exp is exact */
    int64_t lifetime_ms; /* longest exp - iat, or exp - now without iat */
};

/** Loads the keys; starts the thread that refreshes a URL. Fails PROBLEM_START. */
struct problem *verifier_open(struct arena *arena, const struct verifier_options *options,
                              struct verifier **out_verifier) MUST_USE;
void verifier_close(struct verifier *verifier);

/**
 * Check a token in the order of the evidence: shape, header, key, signature, then claims.
 *
 * Takes   token: without "Bearer "; now_at: the time to judge by.
 * Gives   *out_principal in arena.
 * Fails   PROBLEM_UNAUTHENTICATED with members error=invalid_token and error_description; the
 * detail never quotes the token. PROBLEM_BUSY when the issuer's keys could not be read for too
 * long.
 */
struct problem *verifier_verify(struct verifier *verifier, struct arena *arena, const char *token,
                                int64_t now_at, const struct principal **out_principal) MUST_USE;

/* Verified tokens remembered by SHA-256 until exp, key change or displacement. One thread each. */
struct token_cache;
struct token_cache *token_cache_new(size_t entries);
void token_cache_free(struct token_cache *cache);

/** As verifier_verify, through the cache; exactly as strict (exp and nbf are looked at again). */
struct problem *token_cache_verify(struct token_cache *cache, struct verifier *verifier,
                                   struct arena *arena, const char *token, int64_t now_at,
                                   const struct principal **out_principal) MUST_USE;

/** Both of an Authorization header field: bearer_token, token_cache_verify. A field seen a moment
 * ago is known as a whole. Takes authorization: NULL when there is none. */
struct problem *token_cache_authorize(struct token_cache *cache, struct verifier *verifier,
                                      struct arena *arena, const char *authorization,
                                      int64_t now_at,
                                      const struct principal **out_principal) MUST_USE;

/**
 * The bearer token of an Authorization header field (RFC 6750 §2.1), or of Basic credentials with
 * an empty or "token" user name, as BI tools send it.
 *
 * Fails   PROBLEM_UNAUTHENTICATED: without an error member when there is no header, with
 *         error=invalid_request when it is malformed or given twice (joined by ", ").
 */
struct problem *bearer_token(struct arena *arena, const char *authorization,
                             const char **out_token) MUST_USE;

/** The value of WWW-Authenticate for a 401 or 403 problem (RFC 6750, RFC 9728). */
const char *bearer_challenge(struct arena *arena, const struct problem *problem,
                             const char *resource_metadata_url);

/* The ES256 key of a private cluster: data-dir/token-key.pem (0600) and data-dir/jwks.json. */

/** Make the key if there is none. Gives the path of the JWKS. */
struct problem *token_key_ensure(struct arena *arena, const char *data_dir,
                                 const char **out_jwks_path) MUST_USE;

struct token_wish {
    const char *issuer;
    const char *audience;
    const char *subject;
    const char *scope;        /* names parted by spaces; all must be known */
    const char *const *roles; /* may be NULL */
    int64_t lifetime_ms;
};

/** Mint a token with libjwt, signed by the key of the data directory. Its typ is JWT, not at+jwt.
 */
struct problem *token_mint(struct arena *arena, const char *data_dir, const struct token_wish *wish,
                           const char **out_token) MUST_USE;

#endif
