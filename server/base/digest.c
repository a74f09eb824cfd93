#include "digest.h"

#include <assert.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <pthread.h>
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

/*
 * SHA-256 as OpenSSL's provider has it, looked up once: EVP_sha256() is looked up again by every
 * EVP_DigestInit_ex, under a lock that all threads share, and every request hashes its token.
 * Written once by pthread_once, then only read; it is kept until the process ends.
 */
static const EVP_MD *sha256_found;
static pthread_once_t sha256_once = PTHREAD_ONCE_INIT;

static void sha256_find(void)
{
    sha256_found = EVP_MD_fetch(NULL, "SHA256", NULL);
    must(sha256_found != NULL);
}

static const EVP_MD *sha256(void)
{
    must(pthread_once(&sha256_once, sha256_find) == 0);
    return sha256_found;
}

struct digest *digest_open(void)
{
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    must(md && EVP_DigestInit_ex(md, sha256(), NULL));
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
    must(HMAC(sha256(), key, (int)key_size, data, size, out_sum, &length) != NULL);
    assert(length == DIGEST_BYTES);
}

void digest_random(void *out, size_t size)
{
    assert(size <= 4096);
    must(RAND_bytes(out, (int)size) == 1);
}
