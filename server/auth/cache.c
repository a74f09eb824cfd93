/*
 * The cache of verified tokens, declared in verifier.h: a table of buckets keyed by the token's
 * SHA-256. A verdict is kept as one block, so that a hit is one copy into the request's arena: a
 * principal lives as long as its request, which may outlive its place here.
 */
#include "recent.h"
#include "server/base/digest.h"
#include "verdict.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define BUCKET_ENTRIES 8
#define BLOCK_BYTES_HIGHEST 4096 /* larger verdicts are made anew, so memory stays bounded */

struct entry {
    unsigned char sum[DIGEST_BYTES];
    uint64_t used; /* by the clock of the cache; 0 is an empty entry */
    uint64_t generation;
    int64_t valid_from;
    size_t size;
    struct principal *block; /* size bytes: the principal, then its roles, then its text */
};

struct token_cache {
    uint64_t clock;        /* counts hits and fills */
    struct recent *recent; /* fields, so that most need not be read, nor their tokens digested */
    size_t buckets;
    struct entry entries[];
};

struct token_cache *token_cache_new(size_t entries)
{
    size_t buckets = (entries + BUCKET_ENTRIES - 1) / BUCKET_ENTRIES;
    if (!buckets)
        buckets = 1;
    struct token_cache *cache = calloc(
        1, sizeof *cache + arena_array_bytes(buckets * BUCKET_ENTRIES, sizeof(struct entry)));
    if (!cache)
        abort();
    cache->buckets = buckets;
    cache->recent = recent_new();
    return cache;
}

void token_cache_free(struct token_cache *cache)
{
    if (!cache)
        return;
    for (size_t i = 0; i < cache->buckets * BUCKET_ENTRIES; i++)
        free(cache->entries[i].block);
    recent_free(cache->recent);
    free(cache);
}

/* The texts of a principal, in the order they stand in a block. */
static void texts_of(struct principal *principal, const char **out_texts[5])
{
    out_texts[0] = &principal->subject;
    out_texts[1] = &principal->client;
    out_texts[2] = &principal->issuer;
    out_texts[3] = &principal->token_id;
    out_texts[4] = &principal->claims;
}

static size_t block_bytes(const struct principal *principal, size_t *out_roles)
{
    struct principal copy = *principal;
    const char **texts[5];
    size_t bytes = sizeof copy;
    size_t roles = 0;
    texts_of(&copy, texts);
    for (size_t i = 0; i < COUNT(texts); i++)
        bytes += *texts[i] ? strlen(*texts[i]) + 1 : 0;
    for (; principal->roles[roles]; roles++)
        bytes += strlen(principal->roles[roles]) + 1;
    *out_roles = roles;
    return bytes + (roles + 1) * sizeof(char *);
}

static const char *put_text(char **end, const char *text)
{
    char *to = *end;
    size_t bytes = strlen(text) + 1;
    *end += bytes;
    return memcpy(to, text, bytes);
}

/* Write principal into block, which has the room; its pointers point into block. */
static void pack(const struct principal *principal, size_t roles, struct principal *block)
{
    const char **names = (const char **)(void *)(block + 1);
    char *end = (char *)(names + roles + 1);
    const char **texts[5];
    *block = *principal;
    texts_of(block, texts);
    for (size_t i = 0; i < COUNT(texts); i++)
        if (*texts[i])
            *texts[i] = put_text(&end, *texts[i]);
    for (size_t i = 0; i < roles; i++)
        names[i] = put_text(&end, principal->roles[i]);
    names[roles] = NULL;
    block->roles = names;
}

/* The same place in a copy of a block. */
static const char *moved(const char *text, const struct principal *from, struct principal *to)
{
    return text ? (const char *)to + (text - (const char *)from) : NULL;
}

static const struct principal *unpack(struct arena *arena, const struct entry *entry)
{
    struct principal *copy = arena_alloc(arena, entry->size);
    const char **texts[5];
    memcpy(copy, entry->block, entry->size);
    texts_of(copy, texts);
    for (size_t i = 0; i < COUNT(texts); i++)
        *texts[i] = moved(*texts[i], entry->block, copy);
    const char **names = (const char **)(void *)(copy + 1);
    for (size_t i = 0; names[i]; i++)
        names[i] = moved(names[i], entry->block, copy);
    copy->roles = names;
    return copy;
}

static struct entry *bucket_of(struct token_cache *cache, const unsigned char sum[DIGEST_BYTES])
{
    uint64_t prefix;
    memcpy(&prefix, sum, sizeof prefix);
    return &cache->entries[prefix % cache->buckets * BUCKET_ENTRIES];
}

static bool holds(const struct entry *entry, uint64_t generation, int64_t now_at)
{
    return entry->used && entry->generation == generation && now_at >= entry->valid_from
           && now_at < entry->block->expires_at;
}

static void entry_clear(struct entry *entry)
{
    free(entry->block);
    *entry = (struct entry){ 0 };
}

/* Keep a verdict, in the place of an outdated one or of the one not used for longest. */
static void keep(struct token_cache *cache, const unsigned char sum[DIGEST_BYTES],
                 const struct verdict *verdict, int64_t now_at)
{
    size_t roles;
    size_t size = block_bytes(verdict->principal, &roles);
    struct entry *bucket = bucket_of(cache, sum);
    struct entry *oldest = bucket;
    if (size > BLOCK_BYTES_HIGHEST)
        return;
    for (struct entry *entry = bucket; entry < bucket + BUCKET_ENTRIES; entry++) {
        if (entry->used && !holds(entry, verdict->generation, now_at))
            entry_clear(entry);
        if (entry->used < oldest->used)
            oldest = entry;
    }
    entry_clear(oldest);
    oldest->block = malloc(size);
    if (!oldest->block)
        abort();
    pack(verdict->principal, roles, oldest->block);
    oldest->block->verdict = ++cache->clock; /* of no other verdict of this cache */
    memcpy(oldest->sum, sum, DIGEST_BYTES);
    oldest->size = size;
    oldest->used = cache->clock;
    oldest->generation = verdict->generation;
    oldest->valid_from = verdict->valid_from;
}

static bool find(struct token_cache *cache, const unsigned char sum[DIGEST_BYTES],
                 uint64_t generation, struct arena *arena, int64_t now_at,
                 const struct principal **out_principal)
{
    struct entry *bucket = bucket_of(cache, sum);
    for (struct entry *entry = bucket; entry < bucket + BUCKET_ENTRIES; entry++) {
        if (!holds(entry, generation, now_at) || memcmp(entry->sum, sum, DIGEST_BYTES) != 0)
            continue;
        entry->used = ++cache->clock;
        *out_principal = unpack(arena, entry);
        return true;
    }
    return false;
}

/* Gives the sum of the token too; zeroes for one that is too long to be remembered. */
static struct problem *verify(struct token_cache *cache, struct verifier *verifier,
                              struct arena *arena, const char *token, int64_t now_at,
                              const struct principal **out_principal,
                              unsigned char out_sum[DIGEST_BYTES])
{
    struct verdict verdict = { 0 };
    size_t size = strlen(token);
    uint64_t generation = verifier_generation(verifier);
    memset(out_sum, 0, DIGEST_BYTES);
    if (size > TOKEN_BYTES_HIGHEST)
        return verifier_verify(verifier, arena, token, now_at, out_principal); /* which says so */
    digest_sha256(token, size, out_sum);
    if (find(cache, out_sum, generation, arena, now_at, out_principal))
        return NULL;
    TRY(verifier_judge(verifier, arena, token, now_at, &verdict));
    keep(cache, out_sum, &verdict, now_at);
    *out_principal = verdict.principal;
    return NULL;
}

struct problem *token_cache_verify(struct token_cache *cache, struct verifier *verifier,
                                   struct arena *arena, const char *token, int64_t now_at,
                                   const struct principal **out_principal)
{
    unsigned char sum[DIGEST_BYTES];
    return verify(cache, verifier, arena, token, now_at, out_principal, sum);
}

struct problem *token_cache_authorize(struct token_cache *cache, struct verifier *verifier,
                                      struct arena *arena, const char *authorization,
                                      int64_t now_at, const struct principal **out_principal)
{
    unsigned char sum[DIGEST_BYTES];
    const char *token;
    size_t size = authorization ? strlen(authorization) : 0;
    if (size && recent_find(cache->recent, authorization, size, sum)
        && find(cache, sum, verifier_generation(verifier), arena, now_at, out_principal))
        return NULL;
    TRY(bearer_token(arena, authorization, &token));
    TRY(verify(cache, verifier, arena, token, now_at, out_principal, sum));
    recent_keep(cache->recent, authorization, size, sum);
    return NULL;
}
