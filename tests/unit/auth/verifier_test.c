#include "judge.h"

#include <jwt.h>
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <string.h>

/* Every name of an algorithm with every key, signed in every way the key can sign. */
static const struct {
    const char *name;
    enum key_kind kind;
    enum forge_method method;
    const char *says;
} matrix[] = {
    { "RS256", KEY_RSA, FORGE_RSA, NULL },
    { "PS256", KEY_RSA, FORGE_PSS, NULL },
    { "ES256", KEY_P256, FORGE_ECDSA, NULL },
    { "ES384", KEY_P384, FORGE_ECDSA, NULL },
    { "EdDSA", KEY_ED25519, FORGE_EDDSA, NULL },
    { "Ed25519", KEY_ED25519, FORGE_EDDSA, NULL },

    { "RS256", KEY_RSA, FORGE_PSS, "does not hold" },
    { "PS256", KEY_RSA, FORGE_RSA, "does not hold" },
    { "RS256", KEY_OTHER_RSA, FORGE_RSA, "not known" },
    { "RS256", KEY_P256, FORGE_ECDSA, "not for its alg" },
    { "RS256", KEY_P384, FORGE_ECDSA, "not for its alg" },
    { "RS256", KEY_ED25519, FORGE_EDDSA, "not for its alg" },
    { "PS256", KEY_P256, FORGE_ECDSA, "not for its alg" },
    { "PS256", KEY_P384, FORGE_ECDSA, "not for its alg" },
    { "PS256", KEY_ED25519, FORGE_EDDSA, "not for its alg" },
    { "ES256", KEY_RSA, FORGE_RSA, "not for its alg" },
    { "ES256", KEY_RSA, FORGE_PSS, "not for its alg" },
    { "ES256", KEY_P384, FORGE_ECDSA, "not for its alg" },
    { "ES256", KEY_ED25519, FORGE_EDDSA, "not for its alg" },
    { "ES384", KEY_RSA, FORGE_RSA, "not for its alg" },
    { "ES384", KEY_P256, FORGE_ECDSA, "not for its alg" },
    { "ES384", KEY_ED25519, FORGE_EDDSA, "not for its alg" },
    { "EdDSA", KEY_RSA, FORGE_RSA, "not for its alg" },
    { "EdDSA", KEY_P256, FORGE_ECDSA, "not for its alg" },
    { "EdDSA", KEY_P384, FORGE_ECDSA, "not for its alg" },
    /* the secret is in the set but HS256 is not configured: nothing makes it a key */
    { "RS256", KEY_SECRET, FORGE_HMAC, "not known" },
    { "HS256", KEY_SECRET, FORGE_HMAC, "not among those accepted" },
    { "HS256", KEY_RSA, FORGE_RSA, "not among those accepted" },
    { "HS256", KEY_P256, FORGE_ECDSA, "not among those accepted" },
    { "none", KEY_RSA, FORGE_NOTHING, "not among those accepted" },
    { "None", KEY_RSA, FORGE_NOTHING, "not among those accepted" },
    { "nOnE", KEY_P256, FORGE_NOTHING, "not among those accepted" },
    { "none", KEY_RSA, FORGE_RSA, "not among those accepted" },
    { "", KEY_RSA, FORGE_RSA, "not among those accepted" },
    { "rs256", KEY_RSA, FORGE_RSA, "not among those accepted" },
    { "RS256 ", KEY_RSA, FORGE_RSA, "not among those accepted" },
    { "RS384", KEY_RSA, FORGE_RSA, "not among those accepted" },
    { "RS512", KEY_RSA, FORGE_RSA, "not among those accepted" },
    { "ES256K", KEY_P256, FORGE_ECDSA, "not among those accepted" },
    { "RS256", KEY_RSA, FORGE_NOTHING, "does not hold" },
    { "ES256", KEY_P256, FORGE_NOTHING, "does not hold" },
    { "EdDSA", KEY_ED25519, FORGE_NOTHING, "does not hold" },
};

START_TEST(an_algorithm_takes_its_own_kind_of_key_and_signature_alone)
{
    CLEANUP(judge_clear) struct judge judge = judge_new(&judge_usual);
    judge_expect(&judge,
                 judge_sign(judge.arena, matrix[_i].name, matrix[_i].kind, matrix[_i].method, GOOD),
                 matrix[_i].says);
}
END_TEST

/* The classic confusion: the public key, which everyone has, used as an HMAC secret. */
START_TEST(an_hmac_keyed_with_a_public_key_is_refused)
{
    CLEANUP(judge_clear) struct judge judge = judge_new(&judge_usual);
    struct arena *arena = judge.arena;
    struct verifier_options only_secret = judge_usual;
    only_secret.algorithms = "HS256";
    CLEANUP(judge_clear) struct judge shared = judge_new(&only_secret);
    static const enum key_kind publics[] = { KEY_RSA, KEY_P256 };
    static const char *const names[] = { "HS256", "RS256", "ES256" };
    for (size_t i = 0; i < COUNT(publics); i++)
        for (size_t k = 0; k < COUNT(names) * 2; k++) {
            EVP_PKEY *key = judge_keys[publics[i]].key.key;
            const char *text = k % 2 ? forge_pem(arena, key)
                                     : forge_jwk(arena, key, judge_keys[publics[i]].kid, "");
            const struct forge_key as_secret = { .secret = text, .secret_size = strlen(text) };
            const char *token = forge_token(arena, FORGE_HMAC, &as_secret,
                                            judge_header(arena, names[k / 2], publics[i]), GOOD);
            judge_expect(&judge, token, "the ");
            judge_expect(&shared, token, "the ");
        }
}
END_TEST

START_TEST(where_hs256_is_configured_it_is_all_there_is)
{
    struct verifier_options only_secret = judge_usual;
    only_secret.algorithms = "HS256";
    CLEANUP(judge_clear) struct judge judge = judge_new(&only_secret);
    struct arena *arena = judge.arena;
    judge_expect(&judge, judge_sign(arena, "HS256", KEY_SECRET, FORGE_HMAC, GOOD), NULL);
    judge_expect(&judge, judge_token(arena, GOOD), "not among those accepted");
    const struct forge_key wrong = { .secret = "a secret of more than thirty-two byteS",
                                     .secret_size =
                                         strlen("a secret of more than thirty-two byteS") };
    judge_expect(
        &judge,
        forge_token(arena, FORGE_HMAC, &wrong, judge_header(arena, "HS256", KEY_SECRET), GOOD),
        "does not hold");
    const struct forge_key none = { .secret = "", .secret_size = 0 };
    judge_expect(
        &judge,
        forge_token(arena, FORGE_HMAC, &none, judge_header(arena, "HS256", KEY_SECRET), GOOD),
        "does not hold");
}
END_TEST

/* Headers, all signed by the P-256 key. */
static const struct {
    const char *header;
    const char *says;
} headers[] = {
    { "{\"alg\":\"ES256\",\"kid\":\"p256\"}", NULL },
    { "{\"alg\":\"ES256\"}", NULL }, /* one key fits, so it is meant */
    { "{\"alg\":\"ES256\",\"kid\":\"p256\",\"typ\":\"JWT\"}", NULL },
    { "{\"alg\":\"ES256\",\"kid\":\"p256\",\"typ\":\"at+jwt\"}", NULL },
    { "{\"alg\":\"ES256\",\"kid\":\"p256\",\"typ\":\"application/AT+JWT\"}", NULL },
    { "{\"alg\":\"ES256\",\"kid\":\"p256\",\"typ\":\"dpop+jwt\"}", "typ" },
    { "{\"alg\":\"ES256\",\"kid\":\"p256\",\"typ\":\"\"}", "typ" },
    { "{\"alg\":\"ES256\",\"kid\":\"p256\",\"typ\":\"application/\"}", "typ" },
    { "{\"alg\":\"ES256\",\"kid\":\"p256\",\"typ\":null}", "typ" },
    { "{\"alg\":\"ES256\",\"kid\":\"p256\",\"typ\":[\"JWT\"]}", "typ" },
    { "{\"alg\":\"ES256\",\"kid\":\"p256\",\"crit\":[\"b64\"],\"b64\":true}", "crit" },
    { "{\"alg\":\"ES256\",\"kid\":\"p256\",\"crit\":[]}", "crit" },
    { "{\"alg\":\"ES256\",\"kid\":\"p256\",\"crit\":null}", "crit" },
    { "{\"alg\":\"ES256\",\"kid\":\"unknown\"}", "not known" },
    { "{\"alg\":\"ES256\",\"kid\":\"P256\"}", "not known" },
    { "{\"alg\":\"ES256\",\"kid\":\"\"}", "not known" },
    { "{\"alg\":\"ES256\",\"kid\":\"../p256\"}", "not known" },
    { "{\"alg\":\"ES256\",\"kid\":\"p256' OR '1'='1\"}", "not known" },
    { "{\"alg\":\"ES256\",\"kid\":256}", "kid" },
    { "{\"alg\":\"ES256\",\"kid\":null}", "kid" },
    { "{\"alg\":\"ES256\",\"kid\":[\"p256\"]}", "kid" },
    { "{\"alg\":\"ES256\",\"kid\":\"p256\\u0000\"}", "NUL" },
    { "{\"kid\":\"p256\"}", "alg" },
    { "{\"alg\":null,\"kid\":\"p256\"}", "alg" },
    { "{\"alg\":[\"ES256\"],\"kid\":\"p256\"}", "alg" },
    { "{\"alg\":\"none\",\"alg\":\"ES256\",\"kid\":\"p256\"}", "twice" },
    { "{\"alg\":\"ES256\",\"kid\":\"p256\",\"\\u0061lg\":\"none\"}", "twice" },
    { "{\"alg\":\"ES256\",\"kid\":\"p256\"} ", NULL },
    { "{\"alg\":\"ES256\",\"kid\":\"p256\"}{}", "not JSON" },
    { "[\"ES256\"]", "not a JSON object" },
    { "\"ES256\"", "not a JSON object" },
    { "", "not JSON" },
    { "{\"alg\":\"ES256\",\"kid\":\"p256\",\"x\":[[[[[[[1]]]]]]]}", NULL },
    { "{\"alg\":\"ES256\",\"kid\":\"p256\",\"x\":[[[[[[[[1]]]]]]]]}", "nested" },
    { "{\"alg\":\"ES256\",\"kid\":\"p256\",\"x\":\"[[[[[[[[[[[[\"}", NULL },
    { "{\"alg\":\"ES256\",\"kid\":\"p256\",\"x\":\"\xff\"}", "UTF-8" },
};

START_TEST(a_header_is_read_strictly)
{
    CLEANUP(judge_clear) struct judge judge = judge_new(&judge_usual);
    judge_expect(
        &judge,
        forge_token(judge.arena, FORGE_ECDSA, &judge_keys[KEY_P256].key, headers[_i].header, GOOD),
        headers[_i].says);
}
END_TEST

/* Where the token says its key is: none of it is looked at, so a stranger's key stays strange. */
START_TEST(a_token_cannot_bring_its_key)
{
    CLEANUP(judge_clear) struct judge judge = judge_new(&judge_usual);
    struct arena *arena = judge.arena;
    const char *own = forge_jwk(arena, judge_keys[KEY_OTHER_RSA].key.key, "rsa", "");
    const char *brings =
        arena_print(arena,
                    "{\"alg\":\"RS256\",\"kid\":\"rsa\",\"jwk\":%s,\"jku\":\"http://127.0.0.1:1/\","
                    "\"x5u\":\"http://127.0.0.1:1/\",\"x5c\":[\"AAAA\"]}",
                    own);
    judge_expect(&judge,
                 forge_token(arena, FORGE_RSA, &judge_keys[KEY_OTHER_RSA].key, brings, GOOD),
                 "does not hold");
    judge_expect(&judge, forge_token(arena, FORGE_RSA, &judge_keys[KEY_RSA].key, brings, GOOD),
                 NULL);
}
END_TEST

/* Two keys fit and the token names none: which is meant would be a guess. */
START_TEST(a_token_without_kid_needs_a_single_key)
{
    CLEANUP(judge_clear) struct judge judge = { .arena = arena_new(16384) };
    struct arena *arena = judge.arena;
    const char *set = arena_print(arena, "{\"keys\":[%s,%s]}",
                                  forge_jwk(arena, judge_keys[KEY_RSA].key.key, "rsa", ""),
                                  forge_jwk(arena, judge_keys[KEY_OTHER_RSA].key.key, "other", ""));
    ck_assert_ptr_null(judge_open(&judge, &judge_usual, set));
    judge_expect(
        &judge,
        forge_token(arena, FORGE_RSA, &judge_keys[KEY_RSA].key, "{\"alg\":\"RS256\"}", GOOD),
        "names no key");
    judge_expect(&judge, judge_sign(arena, "RS256", KEY_RSA, FORGE_RSA, GOOD), NULL);
    judge_expect(&judge, judge_sign(arena, "RS256", KEY_OTHER_RSA, FORGE_RSA, GOOD), NULL);
}
END_TEST

START_TEST(only_access_tokens_can_be_asked_for)
{
    struct verifier_options strict = judge_usual;
    strict.only_access_tokens = true;
    CLEANUP(judge_clear) struct judge judge = judge_new(&strict);
    static const struct {
        const char *header;
        const char *says;
    } types[] = {
        { "{\"alg\":\"ES256\",\"typ\":\"at+jwt\"}", NULL },
        { "{\"alg\":\"ES256\",\"typ\":\"application/at+jwt\"}", NULL },
        { "{\"alg\":\"ES256\",\"typ\":\"JWT\"}", "at+jwt" },
        { "{\"alg\":\"ES256\"}", "at+jwt" },
    };
    for (size_t i = 0; i < COUNT(types); i++)
        judge_expect(
            &judge,
            forge_token(judge.arena, FORGE_ECDSA, &judge_keys[KEY_P256].key, types[i].header, GOOD),
            types[i].says);
}
END_TEST

/* A second opinion: what we accept, libjwt accepts; what it signs, we accept. */
static const struct {
    const char *name;
    jwt_alg_t alg;
    enum key_kind kind;
    enum forge_method method;
} peers[] = {
    { "RS256", JWT_ALG_RS256, KEY_RSA, FORGE_RSA },
    { "ES256", JWT_ALG_ES256, KEY_P256, FORGE_ECDSA },
};

START_TEST(libjwt_agrees)
{
    CLEANUP(judge_clear) struct judge judge = judge_new(&judge_usual);
    struct arena *arena = judge.arena;
    const char *pem = forge_pem(arena, judge_keys[peers[_i].kind].key.key);
    const char *good = judge_sign(arena, peers[_i].name, peers[_i].kind, peers[_i].method, GOOD);
    uint64_t state = 2463534242U;
    int agreed = 0;
    for (int i = 0; i < 400; i++) {
        const struct problem *problem;
        jwt_t *jwt = NULL;
        char *token = arena_text(arena, good);
        /* digits only, so that both take it for base64url; a quarter is left as it was */
        if (i % 4)
            token[judge_random(&state) % strlen(token)] = (char)('a' + judge_random(&state) % 26);
        bool ours = judge_ask(&judge, token, &problem) != NULL;
        bool theirs = jwt_decode(&jwt, token, (const unsigned char *)pem, (int)strlen(pem)) == 0
                      && jwt_get_alg(jwt) == peers[_i].alg;
        jwt_free(jwt);
        ck_assert_msg(!ours || theirs, "only we accept %s", token);
        agreed += ours && theirs;
    }
    ck_assert_int_ge(agreed, 100);
}
END_TEST

START_TEST(what_libjwt_signs_is_accepted)
{
    CLEANUP(judge_clear) struct judge judge = judge_new(&judge_usual);
    struct arena *arena = judge.arena;
    char *pem;
    BIO *bio = BIO_new(BIO_s_mem());
    ck_assert_int_eq(PEM_write_bio_PrivateKey(bio, judge_keys[peers[_i].kind].key.key, NULL, NULL,
                                              0, NULL, NULL),
                     1);
    int size = (int)BIO_get_mem_data(bio, &pem);
    jwt_t *jwt = NULL;
    ck_assert_int_eq(jwt_new(&jwt), 0);
    ck_assert_int_eq(jwt_add_grants_json(jwt, GOOD), 0);
    ck_assert_int_eq(jwt_add_header(jwt, "kid", judge_keys[peers[_i].kind].kid), 0);
    ck_assert_int_eq(jwt_set_alg(jwt, peers[_i].alg, (const unsigned char *)pem, size), 0);
    char *token = jwt_encode_str(jwt);
    judge_expect(&judge, arena_text(arena, token), NULL);
    free(token);
    jwt_free(jwt);
    BIO_free(bio);
}
END_TEST

static const struct {
    const char *issuer;
    const char *audience;
    const char *algorithms;
    const char *set;
    const char *says;
} starts[] = {
    { NULL, "urn:us", "ES256", "{\"keys\":[]}", "--issuer" },
    { "", "urn:us", "ES256", "{\"keys\":[]}", "--issuer" },
    { "i", NULL, "ES256", "{\"keys\":[]}", "--audience" },
    { "i", "", "ES256", "{\"keys\":[]}", "--audience" },
    { "i", "urn:us", NULL, "{\"keys\":[]}", "--algorithms" },
    { "i", "urn:us", "none", "{\"keys\":[]}", "--algorithms" },
    { "i", "urn:us", "ES256 HS256", "{\"keys\":[]}", "alone" },
    { "i", "urn:us", "ES256", "{\"keys\":[]}", "empty" },
    { "i", "urn:us", "ES256", "{}", "no array" },
    { "i", "urn:us", "ES256", "not json", "not JSON" },
    { "i", "urn:us", "ES256", "{\"keys\":[{\"kty\":\"RSA\"}]}", "needs n and e" },
    { "i", "urn:us", "HS256", "{\"keys\":[{\"kty\":\"oct\",\"k\":\"AAAA\"}]}", "32 to 512" },
};

START_TEST(a_verifier_that_could_not_verify_does_not_start)
{
    CLEANUP(judge_clear) struct judge judge = { .arena = arena_new(4096) };
    struct verifier_options options = judge_usual;
    options.issuer = starts[_i].issuer;
    options.audience = starts[_i].audience;
    options.algorithms = starts[_i].algorithms;
    const struct problem *problem = judge_open(&judge, &options, starts[_i].set);
    ck_assert_ptr_nonnull(problem);
    ck_assert_ptr_eq(problem->kind, &PROBLEM_START);
    ck_assert_msg(strstr(problem->detail, starts[_i].says) != NULL, "%s", problem->detail);
    ck_assert_ptr_null(judge.verifier);
}
END_TEST

static const struct {
    const char *jwks;
    const char *algorithms;
    const char *says;
} sources[] = {
    { NULL, "ES256", "--jwks" },
    { "", "ES256", "--jwks" },
    { "/nowhere/jwks.json", "ES256", "No such file" },
    { "/", "ES256", "not a file" },
    { "http://issuer.example/jwks", "ES256", "https" },
    { "http://127.0.0.1.example/jwks", "ES256", "https" },
    { "ftp://127.0.0.1/jwks", "ES256", "https" },
    { "file:///etc/passwd", "ES256", "https" },
    { "https://ann:password@issuer.example/jwks", "ES256", "user name" },
    { "https://", "ES256", "--jwks" },
    { "https://issuer.example/jwks", "HS256", "to be a file" },
};

START_TEST(keys_come_from_a_file_or_a_safe_url)
{
    CLEANUP(judge_clear) struct judge judge = { .arena = arena_new(4096) };
    struct verifier_options options = judge_usual;
    options.jwks = sources[_i].jwks;
    options.algorithms = sources[_i].algorithms;
    const struct problem *problem = verifier_open(judge.arena, &options, &judge.verifier);
    ck_assert_ptr_nonnull(problem);
    ck_assert_ptr_eq(problem->kind, &PROBLEM_START);
    ck_assert_msg(strstr(problem->detail, sources[_i].says) != NULL, "%s", problem->detail);
    ck_assert_ptr_null(strstr(problem->detail, "password"));
}
END_TEST

static const struct test_case cases[] = {
    TEST_EACH(an_algorithm_takes_its_own_kind_of_key_and_signature_alone, matrix),
    TEST(an_hmac_keyed_with_a_public_key_is_refused),
    TEST(where_hs256_is_configured_it_is_all_there_is),
    TEST_EACH(a_header_is_read_strictly, headers),
    TEST(a_token_cannot_bring_its_key),
    TEST(a_token_without_kid_needs_a_single_key),
    TEST(only_access_tokens_can_be_asked_for),
    TEST_EACH(libjwt_agrees, peers),
    TEST_EACH(what_libjwt_signs_is_accepted, peers),
    TEST_EACH(a_verifier_that_could_not_verify_does_not_start, starts),
    TEST_EACH(keys_come_from_a_file_or_a_safe_url, sources),
};

int main(void)
{
    return judge_run("verifier", cases, COUNT(cases));
}
