#include "digest.h"

#include <assert.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <stdlib.h>

/* struct digest is OpenSSL's context under our name; the cast stays in this file. */
static EVP_MD_CTX *context(struct digest *digest)
{
    return (EVP_MD_CTX *)(void *)digest;
}

static void must(int ok)
{
    if (!ok)
        abort(); /* no memory, or an OpenSSL without SHA-256: nothing here can go on */
}

struct digest *digest_open(void)
{
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    must(md && EVP_DigestInit_ex(md, EVP_sha256(), NULL));
    return (struct digest *)(void *)md;
}

void digest_close(struct digest *digest)
{
    EVP_MD_CTX_free(context(digest));
}

void digest_add(struct digest *digest, const void *data, size_t size)
{
    must(EVP_DigestUpdate(context(digest), data, size));
}

void digest_end(struct digest *digest, unsigned char out_sum[DIGEST_BYTES])
{
    unsigned length = 0;
    must(EVP_DigestFinal_ex(context(digest), out_sum, &length));
    assert(length == DIGEST_BYTES);
}

void digest_sha256(const void *data, size_t size, unsigned char out_sum[DIGEST_BYTES])
{
    CLEANUP(digest_close_at) struct digest *digest = digest_open();
    digest_add(digest, data, size);
    digest_end(digest, out_sum);
}

char *digest_sha256_hex(struct arena *arena, const void *data, size_t size)
{
    unsigned char sum[DIGEST_BYTES];
    digest_sha256(data, size, sum);
    return arena_hex(arena, sum, sizeof sum);
}

void digest_hmac(const void *key, size_t key_size, const void *data, size_t size,
                 unsigned char out_sum[DIGEST_BYTES])
{
    unsigned length = 0;
    assert(key_size <= 4096);
    must(HMAC(EVP_sha256(), key, (int)key_size, data, size, out_sum, &length) != NULL);
    assert(length == DIGEST_BYTES);
}

void digest_random(void *out, size_t size)
{
    assert(size <= 4096);
    must(RAND_bytes(out, (int)size) == 1);
}
