#include "jwk.h"

#include "server/base/digest.h"
#include "server/base/text.h"
#include "strict_json.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <stdlib.h>
#include <string.h>

CLEANUP_DEFINE(BIGNUM *, BN_free)
CLEANUP_DEFINE(EVP_PKEY_CTX *, EVP_PKEY_CTX_free)
CLEANUP_DEFINE(OSSL_PARAM_BLD *, OSSL_PARAM_BLD_free)
CLEANUP_DEFINE(OSSL_PARAM *, OSSL_PARAM_free)

#define COORDINATE_BYTES_HIGHEST 48
#define ED25519_BYTES 32
#define RSA_EXPONENT_BITS_HIGHEST 64 /* OpenSSL refuses more when it verifies */
#define KID_BYTES_HIGHEST 512

struct bytes {
    unsigned char *data;
    size_t size;
};

/* The curves of EC keys. */
static const struct curve {
    const char *name;  /* `crv` */
    const char *group; /* OpenSSL's name */
    size_t bytes;      /* of one coordinate; never more, never less (RFC 7518 §6.2.1.2) */
    enum algorithm algorithm;
} curves[] = {
    { "P-256", "P-256", 32, ALGORITHM_ES256 },
    { "P-384", "P-384", COORDINATE_BYTES_HIGHEST, ALGORITHM_ES384 },
};

static bool read_bytes(struct arena *arena, const json_t *object, const char *name,
                       struct bytes *out_bytes)
{
    const json_t *member = json_object_get(object, name);
    return json_is_string(member)
           && text_from_base64url(arena, json_string_value(member), json_string_length(member),
                                  &out_bytes->data, &out_bytes->size);
}

static EVP_PKEY *key_of_parameters(const char *type, OSSL_PARAM_BLD *builder)
{
    EVP_PKEY *key = NULL;
    CLEANUP(OSSL_PARAM_free_at) OSSL_PARAM *parameters = OSSL_PARAM_BLD_to_param(builder);
    CLEANUP(EVP_PKEY_CTX_free_at)
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
    if (!parameters || !context || EVP_PKEY_fromdata_init(context) != 1
        || EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, parameters) != 1) {
        ERR_clear_error(); /* the queue is the thread's, others read it too */
        return NULL;
    }
    return key;
}

static const char *read_rsa(struct arena *arena, const json_t *object, struct jwk *jwk)
{
    struct bytes n_bytes;
    struct bytes e_bytes;
    if (!read_bytes(arena, object, "n", &n_bytes) || !read_bytes(arena, object, "e", &e_bytes))
        return "needs n and e in base64url";
    if (n_bytes.size > JWK_RSA_BITS_HIGHEST / 8 + 1 || e_bytes.size > 16)
        return "is larger than 8,192 bits";
    CLEANUP(BN_free_at) BIGNUM *n = BN_bin2bn(n_bytes.data, (int)n_bytes.size, NULL);
    CLEANUP(BN_free_at) BIGNUM *e = BN_bin2bn(e_bytes.data, (int)e_bytes.size, NULL);
    if (!n || !e)
        return "could not be read";
    if (BN_num_bits(n) < JWK_RSA_BITS_LOWEST || BN_num_bits(n) > JWK_RSA_BITS_HIGHEST)
        return "must have 2,048 to 8,192 bits";
    if (!BN_is_odd(n) || !BN_is_odd(e) || BN_is_one(e)
        || BN_num_bits(e) > RSA_EXPONENT_BITS_HIGHEST)
        return "is no RSA key: n and e must be odd, e from 3 to 64 bits";
    CLEANUP(OSSL_PARAM_BLD_free_at) OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    if (!builder || OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, n) != 1
        || OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, e) != 1)
        return "could not be read";
    jwk->key.public_key = key_of_parameters("RSA", builder);
    jwk->algorithms = ALGORITHMS_OF_RSA;
    return jwk->key.public_key ? NULL : "is no RSA key";
}

static const char *read_ec(struct arena *arena, const json_t *object, struct jwk *jwk)
{
    unsigned char point[1 + 2 * COORDINATE_BYTES_HIGHEST] = { POINT_CONVERSION_UNCOMPRESSED };
    const char *name = json_string_value(json_object_get(object, "crv"));
    const struct curve *curve = NULL;
    for (size_t i = 0; name && i < COUNT(curves); i++)
        if (strcmp(curves[i].name, name) == 0)
            curve = &curves[i];
    if (!curve)
        return "must have crv P-256 or P-384";
    struct bytes x;
    struct bytes y;
    if (!read_bytes(arena, object, "x", &x) || !read_bytes(arena, object, "y", &y)
        || x.size != curve->bytes || y.size != curve->bytes)
        return "needs x and y in base64url, each as long as the curve asks";
    memcpy(point + 1, x.data, x.size);
    memcpy(point + 1 + x.size, y.data, y.size);
    CLEANUP(OSSL_PARAM_BLD_free_at) OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    if (!builder
        || OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, curve->group, 0)
               != 1
        || OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, point,
                                            1 + 2 * curve->bytes)
               != 1)
        return "could not be read";
    jwk->key.public_key = key_of_parameters("EC", builder);
    jwk->algorithms = (unsigned)curve->algorithm;
    return jwk->key.public_key ? NULL : "is not a point on its curve";
}

static const char *read_okp(struct arena *arena, const json_t *object, struct jwk *jwk)
{
    struct bytes x;
    const char *curve = json_string_value(json_object_get(object, "crv"));
    if (!curve || strcmp(curve, "Ed25519") != 0)
        return "must have crv Ed25519";
    if (!read_bytes(arena, object, "x", &x) || x.size != ED25519_BYTES)
        return "needs x in base64url, 32 bytes";
    jwk->key.public_key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, x.data, x.size);
    jwk->algorithms = ALGORITHM_EDDSA;
    return jwk->key.public_key ? NULL : "is no Ed25519 key";
}

static const char *read_oct(struct arena *arena, const json_t *object, struct jwk *jwk)
{
    struct bytes k;
    if (!read_bytes(arena, object, "k", &k) || k.size < JWK_SECRET_BYTES_LOWEST
        || k.size > JWK_SECRET_BYTES_HIGHEST)
        return "needs k in base64url, 32 to 512 bytes";
    unsigned char *secret = malloc(k.size);
    if (!secret)
        abort();
    memcpy(secret, k.data, k.size);
    OPENSSL_cleanse(k.data, k.size);
    jwk->secret = secret;
    jwk->key.secret = secret;
    jwk->key.secret_size = k.size;
    jwk->algorithms = ALGORITHM_HS256;
    return NULL;
}

/* The kinds of key, and the members only their owner may know. */
static const struct kind {
    const char *name;
    const char *(*read)(struct arena *, const json_t *, struct jwk *);
    const char *secret_members[8];
} kinds[] = {
    { "RSA", read_rsa, { "d", "p", "q", "dp", "dq", "qi", "oth" } },
    { "EC", read_ec, { "d" } },
    { "OKP", read_okp, { "d" } },
    { "oct", read_oct, { NULL } },
};

static const struct kind *kind_of(const json_t *object)
{
    const char *name = json_string_value(json_object_get(object, "kty"));
    for (size_t i = 0; name && i < COUNT(kinds); i++)
        if (strcmp(kinds[i].name, name) == 0)
            return &kinds[i];
    return NULL;
}

/* `use` and `key_ops` say what a key is for; a key for something else is not ours to use. */
static bool may_verify(const json_t *object)
{
    const json_t *use = json_object_get(object, "use");
    if (use && (!json_is_string(use) || strcmp(json_string_value(use), "sig") != 0))
        return false;
    const json_t *operations = json_object_get(object, "key_ops");
    if (!operations)
        return true;
    bool found = false;
    size_t i;
    const json_t *operation;
    json_array_foreach(operations, i, operation)
    {
        if (!json_is_string(operation))
            return false;
        found = found || strcmp(json_string_value(operation), "verify") == 0;
    }
    return found;
}

/* Gives why the key is not for any of the algorithms; narrows what it may verify. */
static const char *narrow(const json_t *object, unsigned configured, struct jwk *jwk)
{
    const json_t *alg = json_object_get(object, "alg");
    if (alg) {
        const char *name = json_string_value(alg);
        unsigned only = name ? (unsigned)algorithm_by_name(name) : 0;
        if (!(jwk->algorithms & only))
            return "has an alg that is not known here or does not fit its kty";
        jwk->algorithms &= only;
    }
    jwk->algorithms &= configured;
    return jwk->algorithms ? NULL : "is for none of the configured algorithms";
}

static const char *read_key(struct arena *arena, const json_t *object, unsigned configured,
                            struct jwk *jwk)
{
    const json_t *kid = json_object_get(object, "kid");
    const struct kind *kind = kind_of(object);
    if (!kind)
        return "has a kty that is not RSA, EC, OKP or oct";
    for (size_t i = 0; i < COUNT(kind->secret_members) && kind->secret_members[i]; i++)
        if (json_object_get(object, kind->secret_members[i]))
            return "has private members: whoever read this set can sign with it; make a new key "
                   "and publish its public part only";
    if (!may_verify(object))
        return "is not for verifying signatures (use, key_ops)";
    if (kid && (!json_is_string(kid) || json_string_length(kid) > KID_BYTES_HIGHEST))
        return "has a kid that is no text of at most 512 bytes";
    const char *why = kind->read(arena, object, jwk);
    if (!why)
        why = narrow(object, configured, jwk);
    if (why || !kid)
        return why;
    jwk->kid = strdup(json_string_value(kid));
    if (!jwk->kid)
        abort();
    return NULL;
}

bool jwk_read(struct arena *arena, const json_t *object, unsigned algorithms, struct jwk *out_jwk,
              const char **out_why)
{
    struct jwk jwk = { 0 };
    const char *why =
        json_is_object(object) ? read_key(arena, object, algorithms, &jwk) : "is not an object";
    if (why) {
        jwk_clear(&jwk);
        *out_why = why;
        return false;
    }
    *out_jwk = jwk;
    return true;
}

void jwk_clear(struct jwk *jwk)
{
    EVP_PKEY_free(jwk->key.public_key);
    if (jwk->secret)
        OPENSSL_cleanse(jwk->secret, jwk->key.secret_size);
    free(jwk->secret);
    free(jwk->kid);
    *jwk = (struct jwk){ 0 };
}

char *jwk_ec_thumbprint(struct arena *arena, const char *curve, const char *x, const char *y)
{
    /* RFC 7638 §3.2: these members, in this order, no spaces; base64url needs no escapes */
    unsigned char sum[DIGEST_BYTES];
    const char *members = arena_print(
        arena, "{\"crv\":\"%s\",\"kty\":\"EC\",\"x\":\"%s\",\"y\":\"%s\"}", curve, x, y);
    digest_sha256(members, strlen(members), sum);
    return text_base64url(arena, sum, sizeof sum);
}
