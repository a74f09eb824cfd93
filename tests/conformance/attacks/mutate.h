/*
 * Mutants of statements: words exchanged, brackets moved, calls wrapped, statements spliced.
 *
 * The same seed gives the same mutants. Everything lives in the caller's arena.
 */
#ifndef ENTREPOT_TESTS_CONFORMANCE_MUTATE_H
#define ENTREPOT_TESTS_CONFORMANCE_MUTATE_H

#include "corpus.h"

#include <stdint.h>

struct mutator {
    uint64_t state; /* never 0 */
    const struct corpus *corpus;
    const char *const *words; /* names of functions and types, ended by NULL */
    size_t word_count;
};

/** One more statement. */
const char *mutate(struct mutator *mutator, struct arena *arena);

#endif
