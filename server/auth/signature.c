#include "signature.h"

#include "server/base/digest.h"
#include "server/base/text.h"

#include <assert.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/rsa.h>
#include <string.h>

CLEANUP_DEFINE(EVP_MD_CTX *, EVP_MD_CTX_free)
CLEANUP_DEFINE(ECDSA_SIG *, ECDSA_SIG_free)
CLEANUP_DEFINE(BIGNUM *, BN_free)

/* P-384: 2 × 48 bytes, each with a sign byte, tag and length, in a sequence. */
#define DER_BYTES 128

static const struct {
    const char *name;
    enum algorithm algorithm;
} names[] = {
    { "RS256", ALGORITHM_RS256 }, { "PS256", ALGORITHM_PS256 },
    { "ES256", ALGORITHM_ES256 }, { "ES384", ALGORITHM_ES384 },
    { "EdDSA", ALGORITHM_EDDSA }, { "Ed25519", ALGORITHM_EDDSA }, /* RFC 9864 */
    { "HS256", ALGORITHM_HS256 },
};

enum algorithm algorithm_by_name(const char *name)
{
    for (size_t i = 0; i < COUNT(names); i++)
        if (strcmp(names[i].name, name) == 0)
            return names[i].algorithm;
    return ALGORITHM_UNKNOWN;
}

struct problem *algorithms_read(struct arena *arena, const char *text, unsigned *out_algorithms)
{
    unsigned algorithms = 0;
    for (char **word = text_split(arena, text, " ,"); *word; word++) {
        enum algorithm algorithm = algorithm_by_name(*word);
        if (algorithm == ALGORITHM_UNKNOWN)
            return problem_new(arena, &PROBLEM_START,
                               "--algorithms: \"%s\" is not known here; there are RS256, PS256, "
                               "ES256, ES384, EdDSA, and HS256 alone",
                               *word);
        algorithms |= algorithm;
    }
    if (!algorithms)
        return problem_new(arena, &PROBLEM_START, "--algorithms names none");
    if ((algorithms & ALGORITHM_HS256) && algorithms != ALGORITHM_HS256)
        return problem_new(arena, &PROBLEM_START,
                           "--algorithms: HS256 must stand alone; with a public-key algorithm "
                           "beside it, a public key could be taken for the secret");
    *out_algorithms = algorithms;
    return NULL;
}

/* JOSE has r and s as two numbers of fixed size; OpenSSL wants them as DER. Gives 0 when wrong. */
static size_t der_of_raw(const unsigned char *raw, size_t size, size_t half,
                         unsigned char out_der[DER_BYTES])
{
    if (size != 2 * half)
        return 0;
    CLEANUP(ECDSA_SIG_free_at) ECDSA_SIG *pair = ECDSA_SIG_new();
    CLEANUP(BN_free_at) BIGNUM *r = BN_bin2bn(raw, (int)half, NULL);
    CLEANUP(BN_free_at) BIGNUM *s = BN_bin2bn(raw + half, (int)half, NULL);
    if (!pair || !r || !s || ECDSA_SIG_set0(pair, r, s) != 1)
        return 0;
    (void)TAKE(r); /* the pair owns both now */
    (void)TAKE(s);
    int length = i2d_ECDSA_SIG(pair, NULL);
    if (length <= 0 || length > DER_BYTES)
        return 0;
    unsigned char *end = out_der;
    return i2d_ECDSA_SIG(pair, &end) == length ? (size_t)length : 0;
}

static bool verify_by_key(const EVP_MD *md, bool pss, EVP_PKEY *key, const void *data, size_t size,
                          const unsigned char *signature, size_t signature_size)
{
    EVP_PKEY_CTX *options; /* owned by the context */
    CLEANUP(EVP_MD_CTX_free_at) EVP_MD_CTX *context = EVP_MD_CTX_new();
    if (!context || EVP_DigestVerifyInit(context, &options, md, NULL, key) != 1)
        return false;
    if (pss
        && (EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING) != 1
            || EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST) != 1
            || EVP_PKEY_CTX_set_rsa_mgf1_md(options, md) != 1))
        return false;
    return EVP_DigestVerify(context, signature, signature_size, data, size) == 1;
}

static bool verify_by_secret(const struct signature_key *key, const void *data, size_t size,
                             const unsigned char *signature, size_t signature_size)
{
    unsigned char sum[DIGEST_BYTES];
    assert(key->secret);
    digest_hmac(key->secret, key->secret_size, data, size, sum);
    return signature_size == sizeof sum && text_equal_secret(sum, signature, sizeof sum);
}

static bool verify(enum algorithm algorithm, const struct signature_key *key, const void *data,
                   size_t size, const unsigned char *signature, size_t signature_size)
{
    unsigned char der[DER_BYTES];
    const EVP_MD *md = EVP_sha256();
    size_t half = 32;
    switch (algorithm) {
    case ALGORITHM_RS256:
        return verify_by_key(md, false, key->public_key, data, size, signature, signature_size);
    case ALGORITHM_PS256:
        return verify_by_key(md, true, key->public_key, data, size, signature, signature_size);
    case ALGORITHM_ES384:
        md = EVP_sha384();
        half = 48;
        __attribute__((fallthrough)); /* the same over a larger curve */
    case ALGORITHM_ES256:
        signature_size = der_of_raw(signature, signature_size, half, der);
        return signature_size > 0
               && verify_by_key(md, false, key->public_key, data, size, der, signature_size);
    case ALGORITHM_EDDSA: /* hashes by itself */
        return verify_by_key(NULL, false, key->public_key, data, size, signature, signature_size);
    case ALGORITHM_HS256:
        return verify_by_secret(key, data, size, signature, signature_size);
    case ALGORITHM_UNKNOWN:
        break;
    }
    return false;
}

bool signature_is_valid(enum algorithm algorithm, const struct signature_key *key, const void *data,
                        size_t size, const unsigned char *signature, size_t signature_size)
{
    bool valid = verify(algorithm, key, data, size, signature, signature_size);
    if (!valid)
        ERR_clear_error(); /* OpenSSL's queue is the thread's: libcurl would read what we left */
    return valid;
}
