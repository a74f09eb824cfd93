/*
 * The Authorization fields verified last, with the SHA-256 of their tokens: a client sends the same
 * one with every request, and to compare a few hundred bytes is cheaper than to read and digest
 * them.
 *
 * A table of fixed size, in which a new field may take the place of an old one. What it gives is
 * only a sum; whether the token still holds is for the cache to say. One thread each.
 */
#ifndef ENTREPOT_AUTH_RECENT_H
#define ENTREPOT_AUTH_RECENT_H

#include "server/base/digest.h"

#include <stdbool.h>
#include <stddef.h>

struct recent;

struct recent *recent_new(void);
void recent_free(struct recent *recent);

/** False: the field is not among them. */
bool recent_find(const struct recent *recent, const char *field, size_t size,
                 unsigned char out_sum[DIGEST_BYTES]);
void recent_keep(struct recent *recent, const char *field, size_t size,
                 const unsigned char sum[DIGEST_BYTES]);

#endif
