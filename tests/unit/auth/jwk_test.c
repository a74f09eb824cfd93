#include "forge.h"
#include "server/auth/jwks.h"
#include "server/auth/strict_json.h"
#include "server/base/text.h"
#include "tests/unit/test.h"

#include <string.h>

#define ALL                                                                                        \
    (ALGORITHM_RS256 | ALGORITHM_PS256 | ALGORITHM_ES256 | ALGORITHM_ES384 | ALGORITHM_EDDSA)

/* RFC 7517 appendix A.1, RFC 8037 appendix A.2, RFC 7518 appendix C */
#define EC_X "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4"
#define EC_Y "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"
#define EC "\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" EC_X "\",\"y\":\"" EC_Y "\""
#define OKP_X "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
#define OKP "\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" OKP_X "\""
#define RSA_N                                                                                      \
    "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECP" \
    "ebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY" \
    "368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0f" \
    "M4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"
#define RSA "\"kty\":\"RSA\",\"n\":\"" RSA_N "\",\"e\":\"AQAB\""
/* 32 and 31 bytes */
#define SECRET "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
#define SHORT_SECRET "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHg"
#define OCT "\"kty\":\"oct\",\"k\":\"" SECRET "\""

static const struct {
    const char *text;
    unsigned algorithms; /* what it verifies; 0: refused */
    const char *why;     /* a part of it */
} keys[] = {
    { "{" RSA "}", ALGORITHM_RS256 | ALGORITHM_PS256, NULL },
    { "{" RSA ",\"alg\":\"PS256\",\"use\":\"sig\",\"kid\":\"1\"}", ALGORITHM_PS256, NULL },
    { "{" RSA ",\"key_ops\":[\"verify\"]}", ALGORITHM_RS256 | ALGORITHM_PS256, NULL },
    { "{" RSA ",\"x5c\":[\"garbage\"],\"x5t\":1,\"unknown\":{}}", ALGORITHM_RS256 | ALGORITHM_PS256,
      NULL },
    { "{" EC "}", ALGORITHM_ES256, NULL },
    { "{" EC ",\"alg\":\"ES256\"}", ALGORITHM_ES256, NULL },
    { "{" OKP "}", ALGORITHM_EDDSA, NULL },
    { "{" OKP ",\"alg\":\"EdDSA\"}", ALGORITHM_EDDSA, NULL },
    { "{" OKP ",\"alg\":\"Ed25519\"}", ALGORITHM_EDDSA, NULL },

    /* what it is */
    { "{}", 0, "kty" },
    { "[]", 0, "not an object" },
    { "{\"kty\":1}", 0, "kty" },
    { "{\"kty\":\"rsa\",\"n\":\"" RSA_N "\",\"e\":\"AQAB\"}", 0, "kty" },
    { "{\"kty\":\"AKP\"}", 0, "kty" },
    { "{" OCT "}", 0, "none of the configured" },

    /* what it is for */
    { "{" RSA ",\"use\":\"enc\"}", 0, "not for verifying" },
    { "{" RSA ",\"use\":[\"sig\"]}", 0, "not for verifying" },
    { "{" RSA ",\"key_ops\":[\"encrypt\"]}", 0, "not for verifying" },
    { "{" RSA ",\"key_ops\":[]}", 0, "not for verifying" },
    { "{" RSA ",\"key_ops\":\"verify\"}", 0, "not for verifying" },
    { "{" RSA ",\"key_ops\":[\"verify\",1]}", 0, "not for verifying" },
    { "{" RSA ",\"alg\":\"ES256\"}", 0, "alg" },
    { "{" RSA ",\"alg\":\"RS512\"}", 0, "alg" },
    { "{" RSA ",\"alg\":\"HS256\"}", 0, "alg" },
    { "{" RSA ",\"alg\":\"none\"}", 0, "alg" },
    { "{" RSA ",\"alg\":null}", 0, "alg" },
    { "{" EC ",\"alg\":\"ES384\"}", 0, "alg" },
    { "{" EC ",\"kid\":7}", 0, "kid" },

    /* private members */
    { "{" RSA ",\"d\":\"AQAB\"}", 0, "private" },
    { "{" RSA ",\"qi\":\"AQAB\"}", 0, "private" },
    { "{" RSA ",\"oth\":[]}", 0, "private" },
    { "{" EC ",\"d\":\"AQAB\"}", 0, "private" },
    { "{" OKP ",\"d\":null}", 0, "private" },

    /* RSA numbers */
    { "{\"kty\":\"RSA\",\"n\":\"" RSA_N "\"}", 0, "needs n and e" },
    { "{\"kty\":\"RSA\",\"n\":\"" RSA_N "=\",\"e\":\"AQAB\"}", 0, "base64url" },
    { "{\"kty\":\"RSA\",\"n\":\"" RSA_N "\",\"e\":65537}", 0, "needs n and e" },
    { "{\"kty\":\"RSA\",\"n\":\"" RSA_N "\",\"e\":\"AQ\"}", 0, "odd" },   /* 1 */
    { "{\"kty\":\"RSA\",\"n\":\"" RSA_N "\",\"e\":\"AQAA\"}", 0, "odd" }, /* 65536 */
    { "{\"kty\":\"RSA\",\"n\":\"" RSA_N "\",\"e\":\"AA\"}", 0, "odd" },   /* 0 */
    { "{\"kty\":\"RSA\",\"n\":\"" RSA_N "\",\"e\":\"\"}", 0, "odd" },
    { "{\"kty\":\"RSA\",\"n\":\"" RSA_N "\",\"e\":\"AQAAAAAAAAAB\"}", 0, "odd" }, /* 72 bits */
    { "{\"kty\":\"RSA\",\"n\":\"AQAB\",\"e\":\"AQAB\"}", 0, "2,048" },
    { "{\"kty\":\"RSA\",\"n\":\"\",\"e\":\"AQAB\"}", 0, "2,048" },

    /* EC points: another curve, cut, too long, off the curve, infinity */
    { "{\"kty\":\"EC\",\"x\":\"" EC_X "\",\"y\":\"" EC_Y "\"}", 0, "crv" },
    { "{\"kty\":\"EC\",\"crv\":\"secp256k1\",\"x\":\"" EC_X "\",\"y\":\"" EC_Y "\"}", 0, "crv" },
    { "{\"kty\":\"EC\",\"crv\":\"P-384\",\"x\":\"" EC_X "\",\"y\":\"" EC_Y "\"}", 0, "as long" },
    { "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" EC_X "\"}", 0, "needs x and y" },
    { "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AA" EC_X "\",\"y\":\"" EC_Y "\"}", 0, "x and y" },
    { "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AQAB\",\"y\":\"AQAB\"}", 0, "as long" },
    { "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" EC_Y "\",\"y\":\"" EC_X "\"}", 0, "curve" },
    { "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" EC_X "\",\"y\":\"" EC_X "\"}", 0, "curve" },
    { "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\","
      "\"y\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}",
      0, "curve" },
    { "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"__________________________________________8\","
      "\"y\":\"" EC_Y "\"}",
      0, "curve" },

    /* OKP */
    { "{\"kty\":\"OKP\",\"crv\":\"X25519\",\"x\":\"" OKP_X "\"}", 0, "Ed25519" },
    { "{\"kty\":\"OKP\",\"crv\":\"Ed448\",\"x\":\"" OKP_X "\"}", 0, "Ed25519" },
    { "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"AQAB\"}", 0, "32 bytes" },
    { "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" OKP_X "AAAA\"}", 0, "32 bytes" },
};

START_TEST(a_key_is_read_strictly)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    CLEANUP(json_decref_at) json_t *object = json_loads(keys[_i].text, 0, NULL);
    struct jwk jwk = { 0 };
    const char *why = NULL;
    ck_assert_ptr_nonnull(object);
    ck_assert_int_eq(jwk_read(arena, object, ALL, &jwk, &why), keys[_i].algorithms != 0);
    ck_assert_uint_eq(jwk.algorithms, keys[_i].algorithms);
    if (why)
        ck_assert_msg(strstr(why, keys[_i].why) != NULL, "%s lacks %s", why, keys[_i].why);
    jwk_clear(&jwk);
}
END_TEST

static const struct {
    unsigned bits;
    int usable;
} sizes[] = { { 1024, 0 }, { 2047, 0 }, { 2048, 1 } };

START_TEST(an_rsa_key_of_too_few_bits_is_refused)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    EVP_PKEY *rsa = forge_rsa(sizes[_i].bits);
    CLEANUP(json_decref_at)
    json_t *object = json_loads(forge_jwk(arena, rsa, NULL, ""), 0, NULL);
    struct jwk jwk = { 0 };
    const char *why;
    ck_assert_int_eq(jwk_read(arena, object, ALL, &jwk, &why), sizes[_i].usable);
    jwk_clear(&jwk);
    EVP_PKEY_free(rsa);
}
END_TEST

START_TEST(an_rsa_key_of_too_many_bits_is_refused)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    unsigned char modulus[1026];
    struct jwk jwk = { 0 };
    const char *why;
    memset(modulus, 0xff, sizeof modulus);
    for (size_t size = 1024; size <= sizeof modulus; size++) {
        CLEANUP(json_decref_at)
        json_t *object = json_pack("{s:s, s:s, s:s}", "kty", "RSA", "e", "AQAB", "n",
                                   text_base64url(arena, modulus, size));
        ck_assert_int_eq(jwk_read(arena, object, ALL, &jwk, &why), size == 1024);
        jwk_clear(&jwk);
    }
}
END_TEST

static const struct {
    const char *text;
    int usable;
} secrets[] = {
    { "{" OCT "}", 1 },
    { "{" OCT ",\"alg\":\"HS256\"}", 1 },
    { "{" OCT ",\"alg\":\"HS512\"}", 0 },
    { "{\"kty\":\"oct\",\"k\":\"" SHORT_SECRET "\"}", 0 },
    { "{\"kty\":\"oct\"}", 0 },
    { "{" RSA "}", 0 },
    { "{" EC "}", 0 },
    { "{" OKP "}", 0 },
};

START_TEST(only_a_long_secret_serves_where_hs256_is_configured)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    CLEANUP(json_decref_at) json_t *object = json_loads(secrets[_i].text, 0, NULL);
    struct jwk jwk = { 0 };
    const char *why;
    ck_assert_int_eq(jwk_read(arena, object, ALGORITHM_HS256, &jwk, &why), secrets[_i].usable);
    ck_assert_uint_eq(jwk.algorithms, secrets[_i].usable ? ALGORITHM_HS256 : 0U);
    jwk_clear(&jwk);
}
END_TEST

static const struct {
    const char *text;
    int usable; /* -1: no set */
    const char *says;
} sets[] = {
    { "{\"keys\":[]}", 0, "" },
    { "{\"keys\":[{" EC "}],\"more\":1}", 1, "" },
    { "{\"keys\":[{" EC "},{" RSA "},{" OKP "}]}", 3, "" },
    { "{\"keys\":[{\"kty\":\"AKP\"},{" EC "}]}", 1, "key 1 has a kty" },
    { "{\"keys\":[1,null,{" EC "}]}", 1, "key 1 is not an object; key 2 is not an object" },
    { "{\"keys\":[{" EC ",\"kid\":\"a\"},{" EC ",\"kid\":\"a\"}]}", 1, "key 2 has the kid" },
    { "{\"keys\":[{" EC ",\"kid\":\"a\"},{" RSA ",\"kid\":\"a\"}]}", 2, "" },
    { "{\"keys\":[{" EC ",\"d\":\"AQAB\"}]}", 0, "private" },
    { "", -1, "not JSON" },
    { "null", -1, "not a JSON object" },
    { "[]", -1, "not a JSON object" },
    { "{}", -1, "no array named keys" },
    { "{\"keys\":{}}", -1, "no array named keys" },
    { "{\"keys\":[],\"keys\":[]}", -1, "twice" },
    { "{\"keys\":[]} {}", -1, "not JSON" },
    { "{\"keys\":[{" EC ",\"\\u006bty\":\"RSA\"}]}", -1, "twice" },
    { "{\"keys\":[[[[[[[[]]]]]]]]}", -1, "nested" },
    { "{\"keys\":[\"\\u0000\"]}", -1, "NUL" },
    { "{\"keys\":[\"\xff\"]}", -1, "UTF-8" },
    { "<html>not found</html>", -1, "not JSON" },
};

START_TEST(a_set_is_read_and_says_what_it_leaves_out)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    CLEANUP(jwks_release_at) struct jwks *set = NULL;
    const struct problem *problem =
        jwks_read(arena, sets[_i].text, strlen(sets[_i].text), ALL, &set);
    ck_assert_int_eq(problem != NULL, sets[_i].usable < 0);
    const char *says = problem ? problem->detail : jwks_left_out(set);
    ck_assert_msg(strstr(says, sets[_i].says) != NULL, "\"%s\" lacks \"%s\"", says, sets[_i].says);
    if (!problem) {
        ck_assert_int_eq((int)jwks_count(set), sets[_i].usable);
        ck_assert_int_eq(*says != 0, *sets[_i].says != 0);
    }
}
END_TEST

START_TEST(a_set_has_at_most_64_keys_and_256_kb)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    for (int count = 64; count <= 65; count++) {
        CLEANUP(jwks_release_at) struct jwks *set = NULL;
        CLEANUP(json_decref_at) json_t *list = json_array();
        for (int i = 0; i < count; i++)
            json_array_append_new(list, json_object());
        char *text = json_dumps(list, 0);
        const char *document = arena_print(arena, "{\"keys\":%s}", text);
        free(text);
        const struct problem *problem = jwks_read(arena, document, strlen(document), ALL, &set);
        ck_assert_int_eq(problem != NULL, count > 64);
    }
    char *large = arena_alloc(arena, JWKS_BYTES_HIGHEST + 1);
    memset(large, ' ', JWKS_BYTES_HIGHEST + 1);
    memcpy(large, "{\"keys\":[]}", 11);
    for (size_t more = 0; more <= 1; more++) {
        CLEANUP(jwks_release_at) struct jwks *set = NULL;
        const struct problem *problem =
            jwks_read(arena, large, JWKS_BYTES_HIGHEST + more, ALL, &set);
        ck_assert_int_eq(problem != NULL, more > 0);
    }
}
END_TEST

START_TEST(a_key_is_found_by_its_exact_kid_and_algorithm)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    CLEANUP(jwks_release_at) struct jwks *set = NULL;
    static const char text[] = "{\"keys\":[{" EC ",\"kid\":\"a\"},{" RSA ",\"kid\":\"a\"},"
                               "{" OKP ",\"kid\":\"../a\"},{" RSA "}]}";
    static const struct {
        const char *kid;
        enum algorithm algorithm;
        bool found;
        bool known;
    } asks[] = {
        { "a", ALGORITHM_ES256, true, true },    { "a", ALGORITHM_RS256, true, true },
        { "a", ALGORITHM_EDDSA, false, true },   { "A", ALGORITHM_ES256, false, false },
        { "", ALGORITHM_ES256, false, false },   { "a ", ALGORITHM_ES256, false, false },
        { "../a", ALGORITHM_EDDSA, true, true }, { NULL, ALGORITHM_ES256, true, false },
        { NULL, ALGORITHM_EDDSA, true, false },  { NULL, ALGORITHM_RS256, false, false },
        { NULL, ALGORITHM_ES384, false, false }, { "a", ALGORITHM_UNKNOWN, false, true },
    };
    ck_assert_ptr_null(jwks_read(arena, text, strlen(text), ALL, &set));
    for (size_t i = 0; i < COUNT(asks); i++) {
        bool known;
        const struct jwk *jwk = jwks_find(set, asks[i].kid, asks[i].algorithm, &known);
        ck_assert_msg((jwk != NULL) == asks[i].found && known == asks[i].known, "row %zu", i);
    }
}
END_TEST

START_TEST(a_thumbprint_is_that_of_rfc_7638)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    /* computed by another program over the key of RFC 7517 A.1 */
    ck_assert_str_eq(jwk_ec_thumbprint(arena, "P-256", EC_X, EC_Y),
                     "cn-I_WNMClehiVp51i_0VpOENW1upEerA8sEam5hn-s");
}
END_TEST

static const struct {
    const char *names;
    unsigned algorithms; /* 0: refused */
} configured[] = {
    { "ES256 RS256 PS256 EdDSA",
      ALGORITHM_ES256 | ALGORITHM_RS256 | ALGORITHM_PS256 | ALGORITHM_EDDSA },
    { "ES256", ALGORITHM_ES256 },
    { "HS256", ALGORITHM_HS256 },
    { "", 0 },
    { "none", 0 },
    { "es256", 0 },
    { "ES256 none", 0 },
    { "HS256 RS256", 0 },
    { "RS512", 0 },
};

START_TEST(algorithms_are_configured_by_name_and_hs256_stands_alone)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    unsigned algorithms = 0;
    const struct problem *problem = algorithms_read(arena, configured[_i].names, &algorithms);
    ck_assert_uint_eq(algorithms, configured[_i].algorithms);
    ck_assert_int_eq(problem != NULL, !configured[_i].algorithms);
}
END_TEST

static const struct test_case cases[] = {
    TEST_EACH(a_key_is_read_strictly, keys),
    TEST_EACH(an_rsa_key_of_too_few_bits_is_refused, sizes),
    TEST(an_rsa_key_of_too_many_bits_is_refused),
    TEST_EACH(only_a_long_secret_serves_where_hs256_is_configured, secrets),
    TEST_EACH(a_set_is_read_and_says_what_it_leaves_out, sets),
    TEST(a_set_has_at_most_64_keys_and_256_kb),
    TEST(a_key_is_found_by_its_exact_kid_and_algorithm),
    TEST(a_thumbprint_is_that_of_rfc_7638),
    TEST_EACH(algorithms_are_configured_by_name_and_hs256_stands_alone, configured),
};
TEST_MAIN("jwk", cases)
