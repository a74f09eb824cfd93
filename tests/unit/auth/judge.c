#include "judge.h"

#include "server/base/log.h"
#include "server/base/text.h"

#include <string.h>

static const char secret[] = "a secret of more than thirty-two bytes";

/* Written before the tests fork, then only read. */
struct judge_key judge_keys[KEY_KINDS] = {
    [KEY_RSA] = { "rsa", { 0 } },         [KEY_OTHER_RSA] = { "other", { 0 } },
    [KEY_P256] = { "p256", { 0 } },       [KEY_P384] = { "p384", { 0 } },
    [KEY_ED25519] = { "ed25519", { 0 } }, [KEY_SECRET] = { "secret", { 0 } },
};

const struct verifier_options judge_usual = {
    .issuer = "https://issuer.example",
    .audience = "urn:us",
    .algorithms = "RS256 PS256 ES256 ES384 EdDSA",
    .jwks_ttl_ms = 300000,
    .leeway_ms = 60000,
    .lifetime_ms = 86400000,
};

static const char *jwk_of(struct arena *arena, enum key_kind kind, const char *more)
{
    return forge_jwk(arena, judge_keys[kind].key.key, judge_keys[kind].kid, more);
}

const char *judge_key_set(struct arena *arena)
{
    return arena_print(arena,
                       "{\"keys\":[%s,%s,%s,%s,{\"kty\":\"oct\",\"kid\":\"secret\",\"k\":\"%s\"}]}",
                       jwk_of(arena, KEY_RSA, ",\"use\":\"sig\""), jwk_of(arena, KEY_P256, ""),
                       jwk_of(arena, KEY_P384, ""), jwk_of(arena, KEY_ED25519, ""),
                       text_base64url(arena, secret, sizeof secret - 1));
}

void judge_clear(struct judge *judge)
{
    verifier_close(judge->verifier);
    arena_free(judge->arena);
}

struct problem *judge_open(struct judge *judge, const struct verifier_options *options,
                           const char *set)
{
    struct verifier_options with = *options;
    const char *dir = forge_dir(judge->arena);
    with.jwks = forge_file(judge->arena, dir, "jwks.json", set);
    struct problem *problem = verifier_prepare(judge->arena, &with, &judge->verifier);
    forge_remove(dir);
    return problem;
}

struct judge judge_new(const struct verifier_options *options)
{
    struct judge judge = { .arena = arena_new(16384) };
    const struct problem *problem = judge_open(&judge, options, judge_key_set(judge.arena));
    ck_assert_msg(!problem, "%s", problem ? problem->detail : "");
    return judge;
}

const struct principal *judge_ask(struct judge *judge, const char *token,
                                  const struct problem **out_problem)
{
    const struct principal *principal = NULL;
    *out_problem = verifier_verify(judge->verifier, judge->arena, token, NOW_AT, &principal);
    return principal;
}

void judge_expect(struct judge *judge, const char *token, const char *says)
{
    const struct problem *problem;
    const struct principal *principal = judge_ask(judge, token, &problem);
    ck_assert_msg((problem != NULL) == (says != NULL), "%s: %s", says ? says : "accepted",
                  problem ? problem->detail : "no problem");
    ck_assert_int_eq(principal == NULL, says != NULL);
    if (!problem)
        return;
    ck_assert_ptr_eq(problem->kind, &PROBLEM_UNAUTHENTICATED);
    ck_assert_str_eq(problem_text(problem, "error"), "invalid_token");
    ck_assert_str_eq(problem_text(problem, "error_description"), problem->detail);
    ck_assert_msg(strstr(problem->detail, says) != NULL, "\"%s\" lacks \"%s\"", problem->detail,
                  says);
}

const char *judge_header(struct arena *arena, const char *alg, enum key_kind kind)
{
    return arena_print(arena, "{\"alg\":\"%s\",\"kid\":\"%s\"}", alg, judge_keys[kind].kid);
}

const char *judge_sign(struct arena *arena, const char *alg, enum key_kind kind,
                       enum forge_method method, const char *payload)
{
    return forge_token(arena, method, &judge_keys[kind].key, judge_header(arena, alg, kind),
                       payload);
}

const char *judge_token(struct arena *arena, const char *payload)
{
    return judge_sign(arena, "ES256", KEY_P256, FORGE_ECDSA, payload);
}

void judge_expect_payload(const char *payload, const char *says)
{
    CLEANUP(judge_clear) struct judge judge = judge_new(&judge_usual);
    judge_expect(&judge, judge_token(judge.arena, payload), says);
}

uint64_t judge_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

int judge_run(const char *name, const struct test_case *cases, size_t count)
{
    judge_keys[KEY_RSA].key.key = forge_rsa(2048);
    judge_keys[KEY_OTHER_RSA].key.key = forge_rsa(2048);
    judge_keys[KEY_P256].key.key = forge_ec("P-256");
    judge_keys[KEY_P384].key.key = forge_ec("P-384");
    judge_keys[KEY_ED25519].key.key = forge_ed25519();
    judge_keys[KEY_SECRET].key =
        (struct forge_key){ .secret = secret, .secret_size = sizeof secret - 1 };
    log_set_level((enum log_level)(LOG_ERROR + 1)); /* sets leave keys out, and say so */
    int status = test_run(name, cases, count);
    for (enum key_kind kind = 0; kind < KEY_KINDS; kind++)
        EVP_PKEY_free(judge_keys[kind].key.key);
    return status;
}
