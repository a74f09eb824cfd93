/*
 * The claims of a token whose signature holds (RFC 7519, RFC 9068): are they for us, now, and
 * whose?
 *
 * Plain functions over arena memory; any thread may call.
 */
#ifndef ENTREPOT_AUTH_CLAIMS_H
#define ENTREPOT_AUTH_CLAIMS_H

#include "principal.h"
#include "token.h"

struct claim_rules {
    const char *issuer;
    const char *audience;
    bool only_access_tokens;
    int64_t leeway_ms;
    int64_t lifetime_ms;
};

/* A principal, and since when its token holds (nbf and iat less the leeway); microseconds. */
struct verdict {
    const struct principal *principal;
    int64_t valid_from;
    uint64_t generation; /* of the keys it was judged by; set by the verifier */
};

/**
 * Judge the claims.
 *
 * Takes   token: with a signature that holds; now_at: the time to judge by.
 * Gives   the principal in arena; generation 0.
 * Fails   PROBLEM_UNAUTHENTICATED, error=invalid_token, naming the claim but never its value.
 */
struct problem *claims_read(struct arena *arena, const struct claim_rules *rules,
                            const struct token *token, int64_t now_at,
                            struct verdict *out_verdict) MUST_USE;

#endif
