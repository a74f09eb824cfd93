/* Key sets, as a file or an issuer gives them: for public keys, and for a secret. */
#include "fuzz.h"
#include "server/auth/jwks.h"

#include <assert.h>

static void read_set(const char *text, size_t size, unsigned algorithms)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(16384);
    CLEANUP(jwks_release_at) struct jwks *set = NULL;
    static const unsigned char signature[64] = { 1 };
    const struct problem *problem = jwks_read(arena, text, size, algorithms, &set);
    assert((problem != NULL) == (set == NULL));
    for (unsigned bit = 1; set && bit <= ALGORITHM_HS256; bit <<= 1) {
        bool known;
        enum algorithm algorithm = (enum algorithm)bit;
        const struct jwk *jwk = jwks_find(set, NULL, algorithm, &known);
        if (!jwk)
            continue;
        assert(jwk->algorithms & algorithms & bit);
        /* whatever the key is, it can be used; only of an Ed25519 key of small order, which an
         * issuer would have to publish on purpose, could this be a signature */
        assert(!signature_is_valid(algorithm, &jwk->key, "data", 4, signature, sizeof signature)
               || algorithm == ALGORITHM_EDDSA);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    read_set((const char *)data, size,
             ALGORITHM_RS256 | ALGORITHM_PS256 | ALGORITHM_ES256 | ALGORITHM_ES384
                 | ALGORITHM_EDDSA);
    read_set((const char *)data, size, ALGORITHM_HS256);
    return 0;
}
