/*
 * Tokens and what stands around them. The bytes are taken as an Authorization field and as a token
 * signed by a key nobody made; and, so that claims are reached, as a payload whose signature holds.
 */
#include "fuzz.h"
#include "server/auth/claims.h"
#include "server/auth/verifier.h"
#include "server/base/text.h"

#include <assert.h>
#include <string.h>

#define NOW_AT INT64_C(1800000000000000)

static const struct claim_rules rules = {
    .issuer = "urn:i", .audience = "urn:us", .leeway_ms = 60000, .lifetime_ms = 86400000
};

/* A refusal has words for the client, and the challenge is one line of printable ASCII. */
static void check_refusal(struct arena *arena, const struct problem *problem)
{
    assert(problem->detail && *problem->detail);
    const char *challenge = bearer_challenge(arena, problem, "https://host/metadata");
    for (; *challenge; challenge++)
        assert(*challenge >= ' ' && *challenge <= '~');
}

static void read_claims(struct arena *arena, const uint8_t *data, size_t size)
{
    struct verdict verdict;
    const char *payload = text_base64url(arena, data, size);
    const struct token token = { .payload = payload, .payload_size = strlen(payload) };
    struct problem *problem = claims_read(arena, &rules, &token, NOW_AT, &verdict);
    if (problem) {
        check_refusal(arena, problem);
        return;
    }
    assert(*verdict.principal->subject && verdict.principal->roles);
    assert(verdict.principal->expires_at > NOW_AT);
    assert(verdict.principal->expires_at <= NOW_AT + (rules.lifetime_ms + rules.leeway_ms) * 1000);
    assert(verdict.valid_from <= NOW_AT);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(16384);
    const char *text = arena_copy(arena, data, size);
    const char *credentials = text;
    struct token token;
    struct problem *problem = bearer_token(arena, text, &credentials);
    if (problem)
        check_refusal(arena, problem);
    problem = token_read(arena, credentials, &token);
    if (problem)
        check_refusal(arena, problem);
    else
        assert(token.algorithm && token.signed_size <= TOKEN_BYTES_HIGHEST);
    if (size <= TOKEN_BYTES_HIGHEST)
        read_claims(arena, data, size);
    return 0;
}
