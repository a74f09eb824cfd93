#include "jwks.h"

#include "strict_json.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

struct jwks {
    atomic_int holders;
    struct arena *arena; /* of left_out */
    const char *left_out;
    size_t count;
    struct jwk keys[JWKS_KEYS_HIGHEST];
};

static struct jwks *jwks_new(void)
{
    struct jwks *jwks = calloc(1, sizeof *jwks);
    if (!jwks)
        abort();
    atomic_init(&jwks->holders, 1);
    jwks->arena = arena_new(256);
    jwks->left_out = "";
    return jwks;
}

struct jwks *jwks_hold(struct jwks *jwks)
{
    (void)atomic_fetch_add_explicit(&jwks->holders, 1, memory_order_relaxed);
    return jwks;
}

void jwks_release(struct jwks *jwks)
{
    if (!jwks || atomic_fetch_sub_explicit(&jwks->holders, 1, memory_order_acq_rel) > 1)
        return;
    for (size_t i = 0; i < jwks->count; i++)
        jwk_clear(&jwks->keys[i]);
    arena_free(jwks->arena);
    free(jwks);
}

/* Two keys of one kid that verify the same algorithm: which is meant would be a guess. */
static bool is_taken(const struct jwks *jwks, const struct jwk *jwk)
{
    for (size_t i = 0; jwk->kid && i < jwks->count; i++)
        if (jwks->keys[i].kid && strcmp(jwks->keys[i].kid, jwk->kid) == 0
            && (jwks->keys[i].algorithms & jwk->algorithms))
            return true;
    return false;
}

static void add_key(struct arena *arena, struct jwks *jwks, size_t number, const json_t *object,
                    unsigned algorithms)
{
    struct jwk jwk;
    const char *why;
    if (jwk_read(arena, object, algorithms, &jwk, &why)) {
        if (!is_taken(jwks, &jwk)) {
            jwks->keys[jwks->count++] = jwk;
            return;
        }
        jwk_clear(&jwk);
        why = "has the kid of an earlier key";
    }
    jwks->left_out = arena_print(jwks->arena, "%s%skey %zu %s", jwks->left_out,
                                 *jwks->left_out ? "; " : "", number + 1, why);
}

struct problem *jwks_read(struct arena *arena, const char *text, size_t size, unsigned algorithms,
                          struct jwks **out_jwks)
{
    if (size > JWKS_BYTES_HIGHEST)
        return problem_new(arena, &PROBLEM_INVALID_DOCUMENT, "the key set is larger than %zu bytes",
                           JWKS_BYTES_HIGHEST);
    const char *why;
    CLEANUP(json_decref_at) json_t *document = strict_json_object(text, size, &why);
    if (!document)
        return problem_new(arena, &PROBLEM_INVALID_DOCUMENT, "the key set %s", why);
    const json_t *keys = json_object_get(document, "keys");
    if (!json_is_array(keys))
        return problem_new(arena, &PROBLEM_INVALID_DOCUMENT,
                           "the key set has no array named keys (RFC 7517 §5)");
    if (json_array_size(keys) > JWKS_KEYS_HIGHEST)
        return problem_new(arena, &PROBLEM_INVALID_DOCUMENT, "the key set has more than %d keys",
                           JWKS_KEYS_HIGHEST);
    CLEANUP(jwks_release_at) struct jwks *jwks = jwks_new();
    size_t i;
    const json_t *object;
    json_array_foreach(keys, i, object) add_key(arena, jwks, i, object, algorithms);
    *out_jwks = TAKE(jwks);
    return NULL;
}

size_t jwks_count(const struct jwks *jwks)
{
    return jwks->count;
}

const char *jwks_left_out(const struct jwks *jwks)
{
    return jwks->left_out;
}

const struct jwk *jwks_find(const struct jwks *jwks, const char *kid, enum algorithm algorithm,
                            bool *out_kid_known)
{
    const struct jwk *found = NULL;
    size_t fitting = 0;
    *out_kid_known = false;
    for (size_t i = 0; i < jwks->count; i++) {
        const struct jwk *jwk = &jwks->keys[i];
        bool same = !kid || (jwk->kid && strcmp(jwk->kid, kid) == 0);
        *out_kid_known = *out_kid_known || (kid && same);
        if (!same || !(jwk->algorithms & (unsigned)algorithm))
            continue;
        found = jwk;
        fitting++;
    }
    return fitting == 1 ? found : NULL;
}
