/* The verifier as the cache of tokens sees it: a verdict that can be kept, and when it is outdated.
 */
#ifndef ENTREPOT_AUTH_VERDICT_H
#define ENTREPOT_AUTH_VERDICT_H

#include "claims.h"
#include "keys.h"
#include "verifier.h"

/** As verifier_open, but nothing refreshes the keys unless the caller does, by keys_turn. */
struct problem *verifier_prepare(struct arena *arena, const struct verifier_options *options,
                                 struct verifier **out_verifier) MUST_USE;
struct keys *verifier_keys(const struct verifier *verifier);

/** As verifier_verify, with all that is needed to give the same answer later. */
struct problem *verifier_judge(struct verifier *verifier, struct arena *arena, const char *token,
                               int64_t now_at, struct verdict *out_verdict) MUST_USE;

/** The generation of the current keys; a verdict of another one must be judged again. */
uint64_t verifier_generation(const struct verifier *verifier);

#endif
