#include "forge.h"

#include "server/base/digest.h"
#include "server/base/text.h"

#include <assert.h>
#include <dirent.h>
#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

CLEANUP_DEFINE(EVP_MD_CTX *, EVP_MD_CTX_free)
CLEANUP_DEFINE(ECDSA_SIG *, ECDSA_SIG_free)
CLEANUP_DEFINE(BIGNUM *, BN_free)
CLEANUP_DEFINE(BIO *, BIO_free_all)
CLEANUP_DEFINE(X509 *, X509_free)
CLEANUP_DEFINE(X509_EXTENSION *, X509_EXTENSION_free)

EVP_PKEY *forge_rsa(unsigned bits)
{
    EVP_PKEY *key = EVP_RSA_gen(bits);
    assert(key);
    return key;
}

EVP_PKEY *forge_ec(const char *curve)
{
    EVP_PKEY *key = EVP_EC_gen(curve);
    assert(key);
    return key;
}

EVP_PKEY *forge_ed25519(void)
{
    EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    assert(key);
    return key;
}

static const char *number_text(struct arena *arena, EVP_PKEY *key, const char *name, int bytes)
{
    BIGNUM *found = NULL;
    int ok = EVP_PKEY_get_bn_param(key, name, &found);
    assert(ok == 1);
    CLEANUP(BN_free_at) BIGNUM *number = found;
    if (!bytes)
        bytes = BN_num_bytes(number);
    unsigned char *data = arena_alloc(arena, (size_t)bytes);
    int written = BN_bn2binpad(number, data, bytes);
    assert(written == bytes);
    return text_base64url(arena, data, (size_t)bytes);
}

static int coordinate_bytes(EVP_PKEY *key)
{
    return (EVP_PKEY_get_bits(key) + 7) / 8;
}

static const char *members_of(struct arena *arena, EVP_PKEY *key)
{
    unsigned char raw[32];
    size_t size = sizeof raw;
    switch (EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_RSA:
        return arena_print(arena, "\"kty\":\"RSA\",\"n\":\"%s\",\"e\":\"%s\"",
                           number_text(arena, key, OSSL_PKEY_PARAM_RSA_N, 0),
                           number_text(arena, key, OSSL_PKEY_PARAM_RSA_E, 0));
    case EVP_PKEY_EC:
        return arena_print(
            arena, "\"kty\":\"EC\",\"crv\":\"P-%d\",\"x\":\"%s\",\"y\":\"%s\"",
            EVP_PKEY_get_bits(key),
            number_text(arena, key, OSSL_PKEY_PARAM_EC_PUB_X, coordinate_bytes(key)),
            number_text(arena, key, OSSL_PKEY_PARAM_EC_PUB_Y, coordinate_bytes(key)));
    default:
        break;
    }
    int ok = EVP_PKEY_get_raw_public_key(key, raw, &size);
    assert(ok == 1 && size == sizeof raw);
    return arena_print(arena, "\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"%s\"",
                       text_base64url(arena, raw, sizeof raw));
}

const char *forge_jwk(struct arena *arena, EVP_PKEY *key, const char *kid, const char *more)
{
    const char *kid_member = kid ? arena_print(arena, ",\"kid\":\"%s\"", kid) : "";
    return arena_print(arena, "{%s%s%s}", members_of(arena, key), kid_member, more);
}

const char *forge_pem(struct arena *arena, EVP_PKEY *key)
{
    CLEANUP(BIO_free_all_at) BIO *bio = BIO_new(BIO_s_mem());
    int ok = PEM_write_bio_PUBKEY(bio, key);
    assert(ok == 1);
    char *data;
    long size = BIO_get_mem_data(bio, &data);
    return arena_copy(arena, data, (size_t)size);
}

const char *forge_certificate(struct arena *arena, EVP_PKEY *key, const char *host)
{
    CLEANUP(BIO_free_all_at) BIO *bio = BIO_new(BIO_s_mem());
    CLEANUP(X509_free_at) X509 *made = X509_new();
    CLEANUP(X509_EXTENSION_free_at)
    X509_EXTENSION *names =
        X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, arena_print(arena, "DNS:%s", host));
    X509_NAME *subject = X509_get_subject_name(made);
    int ok =
        X509_set_version(made, X509_VERSION_3) == 1
        && ASN1_INTEGER_set(X509_get_serialNumber(made), 1) == 1
        && X509_gmtime_adj(X509_getm_notBefore(made), -3600)
        && X509_gmtime_adj(X509_getm_notAfter(made), 3600)
        && X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, (const void *)host, -1, -1, 0)
               == 1
        && X509_set_issuer_name(made, subject) == 1 && X509_set_pubkey(made, key) == 1
        && X509_add_ext(made, names, -1) == 1 && X509_sign(made, key, EVP_sha256()) > 0
        && PEM_write_bio_X509(bio, made) == 1;
    assert(ok);
    char *data;
    long size = BIO_get_mem_data(bio, &data);
    return arena_copy(arena, data, (size_t)size);
}

/* DER to the two numbers of fixed size that JOSE wants. */
static size_t raw_of_der(const unsigned char *der, size_t size, int half, unsigned char *out)
{
    CLEANUP(ECDSA_SIG_free_at) ECDSA_SIG *pair = d2i_ECDSA_SIG(NULL, &der, (long)size);
    assert(pair);
    int r = BN_bn2binpad(ECDSA_SIG_get0_r(pair), out, half);
    int s = BN_bn2binpad(ECDSA_SIG_get0_s(pair), out + half, half);
    assert(r == half && s == half);
    return (size_t)half * 2;
}

static size_t sign(enum forge_method method, const struct forge_key *key, const char *data,
                   size_t size, unsigned char out[1024])
{
    unsigned char der[1024];
    size_t der_size = sizeof der;
    EVP_PKEY_CTX *options;
    if (method == FORGE_NOTHING)
        return 0;
    if (method == FORGE_HMAC) {
        digest_hmac(key->secret, key->secret_size, data, size, out);
        return DIGEST_BYTES;
    }
    bool large = method == FORGE_ECDSA && EVP_PKEY_get_bits(key->key) == 384;
    const EVP_MD *md = method == FORGE_EDDSA ? NULL : large ? EVP_sha384() : EVP_sha256();
    CLEANUP(EVP_MD_CTX_free_at) EVP_MD_CTX *context = EVP_MD_CTX_new();
    int ok = EVP_DigestSignInit(context, &options, md, NULL, key->key);
    if (method == FORGE_PSS)
        ok = ok && EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING) == 1
             && EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST) == 1;
    ok = ok && EVP_DigestSign(context, der, &der_size, (const void *)data, size) == 1;
    assert(ok);
    if (method == FORGE_ECDSA)
        return raw_of_der(der, der_size, coordinate_bytes(key->key), out);
    memcpy(out, der, der_size);
    return der_size;
}

const char *forge_token(struct arena *arena, enum forge_method method, const struct forge_key *key,
                        const char *header, const char *payload)
{
    const char *text = arena_print(arena, "%s.%s", text_base64url(arena, header, strlen(header)),
                                   text_base64url(arena, payload, strlen(payload)));
    return forge_signature(arena, method, key, text);
}

const char *forge_signature(struct arena *arena, enum forge_method method,
                            const struct forge_key *key, const char *text)
{
    unsigned char signature[1024];
    size_t size = sign(method, key, text, strlen(text), signature);
    return arena_print(arena, "%s.%s", text, text_base64url(arena, signature, size));
}

const char *forge_dir(struct arena *arena)
{
    const char *base = getenv("TMPDIR");
    char *dir = arena_print(arena, "%s/entrepot-auth-XXXXXX", base ? base : "/tmp");
    char *made = mkdtemp(dir);
    assert(made);
    return dir;
}

const char *forge_file(struct arena *arena, const char *dir, const char *name, const char *text)
{
    /* by rename, as a careful operator does it: a reader never sees half of it */
    const char *path = arena_print(arena, "%s/%s", dir, name);
    const char *draft = arena_print(arena, "%s/.%s", dir, name);
    FILE *file = fopen(draft, "wb");
    assert(file);
    size_t written = fwrite(text, 1, strlen(text), file);
    int failed = fclose(file) | (rename(draft, path) != 0);
    assert(written == strlen(text) && !failed);
    return path;
}

void forge_remove(const char *dir)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(1024);
    DIR *open_dir = opendir(dir);
    assert(open_dir);
    for (struct dirent *entry = readdir(open_dir); entry; entry = readdir(open_dir))
        (void)unlink(arena_print(arena, "%s/%s", dir, entry->d_name)); /* . and .. stay */
    (void)closedir(open_dir);                                          /* was read to its end */
    int failed = rmdir(dir);
    assert(!failed);
}
