/*
 * A verifier for the tests, the keys it knows, and what is expected of it. The keys are made once
 * per program, before the tests fork: an RSA key takes a tenth of a second.
 */
#ifndef ENTREPOT_TESTS_UNIT_AUTH_JUDGE_H
#define ENTREPOT_TESTS_UNIT_AUTH_JUDGE_H

#include "forge.h"
#include "server/auth/verdict.h"
#include "tests/unit/test.h"

/* Every test judges at this instant. */
#define NOW 1800000000
#define NOW_AT (INT64_C(1000000) * NOW)

/* What a good token says; rows add to it. */
#define WHO "\"iss\":\"https://issuer.example\",\"aud\":\"urn:us\",\"sub\":\"ann\""
#define WHEN "\"iat\":1799999990,\"exp\":1800000300"
#define GOOD "{" WHO "," WHEN "}"

/* One key of each kind. The judge knows them all but the other one. */
enum key_kind { KEY_RSA, KEY_OTHER_RSA, KEY_P256, KEY_P384, KEY_ED25519, KEY_SECRET, KEY_KINDS };
struct judge_key {
    const char *kid;
    struct forge_key key;
};
extern struct judge_key judge_keys[KEY_KINDS];

struct judge {
    struct arena *arena;
    struct verifier *verifier;
};

/* All public-key algorithms, a leeway of 60 s, a lifetime of 24 h. */
extern const struct verifier_options judge_usual;

/** A judge by options (its jwks aside) and the set of keys. */
struct judge judge_new(const struct verifier_options *options);
void judge_clear(struct judge *judge);

/** Open the judge's verifier with another set; gives why not. */
struct problem *judge_open(struct judge *judge, const struct verifier_options *options,
                           const char *set);

/** The set of keys as a document. */
const char *judge_key_set(struct arena *arena);

/** Whose is the token? NULL and the problem when it is refused. */
const struct principal *judge_ask(struct judge *judge, const char *token,
                                  const struct problem **out_problem);

/** Expect a token to be accepted (says is NULL), or refused with a sentence that has says in it. */
void judge_expect(struct judge *judge, const char *token, const char *says);

/** The same of a payload, signed well. */
void judge_expect_payload(const char *payload, const char *says);

/** A header with alg and the kid of a key; a token with it, signed by the key; judge_token: ES256.
 */
const char *judge_header(struct arena *arena, const char *alg, enum key_kind kind);
const char *judge_sign(struct arena *arena, const char *alg, enum key_kind kind,
                       enum forge_method method, const char *payload);
const char *judge_token(struct arena *arena, const char *payload);

/** Unpredictable enough, the same every time; state must not be 0. */
uint64_t judge_random(uint64_t *state);

/** Make the keys, run the cases. */
int judge_run(const char *name, const struct test_case *cases, size_t count);

#endif
