/*
 * SHA-256 and HMAC-SHA-256 over OpenSSL: of whole values, and of bytes as they stream by.
 *
 * struct digest owns a foreign handle: digest_open, then digest_close (NULL-safe). One thread each.
 */
#ifndef ENTREPOT_BASE_DIGEST_H
#define ENTREPOT_BASE_DIGEST_H

#include "problem.h"

#define DIGEST_BYTES 32

struct digest;

/** Start a SHA-256. Aborts when OpenSSL has no memory or no SHA-256. */
struct digest *digest_open(void);
void digest_close(struct digest *digest);
void digest_add(struct digest *digest, const void *data, size_t size);
/** Ends it; the digest can only be closed after. */
void digest_end(struct digest *digest, unsigned char out_sum[DIGEST_BYTES]);

/** SHA-256 of size bytes. */
void digest_sha256(const void *data, size_t size, unsigned char out_sum[DIGEST_BYTES]);

/** SHA-256 of size bytes as 64 lower-case hexadecimal digits. */
char *digest_sha256_hex(struct arena *arena, const void *data, size_t size);

/** HMAC-SHA-256. */
void digest_hmac(const void *key, size_t key_size, const void *data, size_t size,
                 unsigned char out_sum[DIGEST_BYTES]);

/** size unpredictable bytes. */
void digest_random(void *out, size_t size);

CLEANUP_DEFINE(struct digest *, digest_close)

#endif
