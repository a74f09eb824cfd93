#include "verifier.h"

#include "server/base/clock.h"
#include "verdict.h"

#include <stdlib.h>
#include <string.h>

struct verifier {
    struct arena *arena; /* of the rules */
    struct claim_rules rules;
    unsigned algorithms;
    struct keys *keys;
};

CLEANUP_DEFINE(struct verifier *, verifier_close)

static struct problem *check_options(struct arena *arena, const struct verifier_options *options)
{
    if (!options->jwks || !*options->jwks)
        return problem_new(arena, &PROBLEM_START, "--jwks is needed to verify tokens");
    if (!options->issuer || !*options->issuer)
        return problem_new(arena, &PROBLEM_START, "--issuer must not be empty");
    if (!options->audience || !*options->audience)
        return problem_new(arena, &PROBLEM_START, "--audience must not be empty");
    return NULL;
}

static struct problem *open_keys(struct arena *arena, const struct verifier_options *options,
                                 struct verifier *verifier)
{
    const struct keys_options keys = { .from = options->jwks,
                                       .algorithms = verifier->algorithms,
                                       .ttl_ms = options->jwks_ttl_ms };
    if (verifier->algorithms == ALGORITHM_HS256 && strstr(options->jwks, "://"))
        return problem_new(
            arena, &PROBLEM_START,
            "--algorithms HS256 needs --jwks to be a file: a secret is not published "
            "at a URL");
    return keys_open(arena, &keys, clock_monotonic_ms(), &verifier->keys);
}

struct problem *verifier_prepare(struct arena *arena, const struct verifier_options *options,
                                 struct verifier **out_verifier)
{
    TRY(check_options(arena, options));
    CLEANUP(verifier_close_at) struct verifier *verifier = calloc(1, sizeof *verifier);
    if (!verifier)
        abort();
    verifier->arena = arena_new(512);
    verifier->rules = (struct claim_rules){
        .issuer = arena_text(verifier->arena, options->issuer),
        .audience = arena_text(verifier->arena, options->audience),
        .only_access_tokens = options->only_access_tokens,
        .leeway_ms = options->leeway_ms,
        .lifetime_ms = options->lifetime_ms,
    };
    TRY(algorithms_read(arena, options->algorithms ? options->algorithms : "",
                        &verifier->algorithms));
    TRY(open_keys(arena, options, verifier));
    *out_verifier = TAKE(verifier);
    return NULL;
}

struct problem *verifier_open(struct arena *arena, const struct verifier_options *options,
                              struct verifier **out_verifier)
{
    CLEANUP(verifier_close_at) struct verifier *verifier = NULL;
    TRY(verifier_prepare(arena, options, &verifier));
    TRY(keys_start(arena, verifier->keys));
    *out_verifier = TAKE(verifier);
    return NULL;
}

struct keys *verifier_keys(const struct verifier *verifier)
{
    return verifier->keys;
}

void verifier_close(struct verifier *verifier)
{
    if (!verifier)
        return;
    keys_close(verifier->keys);
    arena_free(verifier->arena);
    free(verifier);
}

uint64_t verifier_generation(const struct verifier *verifier)
{
    return keys_generation(verifier->keys);
}

static struct problem *keys_missing(struct arena *arena)
{
    struct problem *problem = problem_new(
        arena, &PROBLEM_BUSY, "the keys of the issuer cannot be read, so no token can be checked");
    problem_add_number(arena, problem, "retry_after", KEYS_PAUSE_MS / 1000);
    return problem;
}

/* Judge by one set of keys: algorithm, key, signature. */
static struct problem *check_signature(struct verifier *verifier, struct arena *arena,
                                       const struct jwks *set, const struct token *token)
{
    bool kid_known;
    enum algorithm algorithm = algorithm_by_name(token->algorithm);
    if (!(verifier->algorithms & (unsigned)algorithm))
        return token_refused(arena, "the alg of the token is not among those accepted here");
    const struct jwk *jwk = jwks_find(set, token->key_id, algorithm, &kid_known);
    if (!jwk && kid_known)
        return token_refused(arena, "the key of the token is not for its alg");
    bool valid = jwk
                 && signature_is_valid(algorithm, &jwk->key, token->signed_text, token->signed_size,
                                       token->signature, token->signature_size);
    if (valid)
        return NULL;
    /* the issuer may have a new key that was not read yet; without a kid any failure may mean that
     */
    if (!jwk || !token->key_id)
        (void)keys_want(verifier->keys, clock_monotonic_ms()); /* either answer is fine */
    if (!jwk && token->key_id)
        return token_refused(arena, "the key of the token (kid) is not known");
    if (!jwk)
        return token_refused(arena,
                             "the token names no key (kid), and which is meant is not clear");
    return token_refused(arena, "the signature of the token does not hold");
}

struct problem *verifier_judge(struct verifier *verifier, struct arena *arena, const char *text,
                               int64_t now_at, struct verdict *out_verdict)
{
    struct token token;
    struct verdict verdict = { 0 };
    uint64_t generation;
    TRY(token_read(arena, text, &token));
    CLEANUP(jwks_release_at) struct jwks *set = keys_hold(verifier->keys, &generation);
    if (!set)
        return keys_missing(arena);
    TRY(check_signature(verifier, arena, set, &token));
    TRY(claims_read(arena, &verifier->rules, &token, now_at, &verdict));
    verdict.generation = generation;
    *out_verdict = verdict;
    return NULL;
}

struct problem *verifier_verify(struct verifier *verifier, struct arena *arena, const char *token,
                                int64_t now_at, const struct principal **out_principal)
{
    struct verdict verdict = { 0 };
    TRY(verifier_judge(verifier, arena, token, now_at, &verdict));
    *out_principal = verdict.principal;
    return NULL;
}
