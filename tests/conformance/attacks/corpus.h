/*
 * The corpus of attacks: statements in ../sql-attacks, a class of attack in each file.
 *
 * A statement begins behind a line `--- CANARY`, which says what it is after; lines before the
 * first are a comment. Two marks keep files small:
 *
 *     @repeat(3|SELECT #, )@     SELECT 1, SELECT 2, SELECT 3,     (%# is the number before)
 *     @repeat(3|lower(!'x'!))@   lower(lower(lower('x')))
 *
 * Words like @VICTIM@ are put in by the place that runs them.
 */
#ifndef ENTREPOT_TESTS_CONFORMANCE_CORPUS_H
#define ENTREPOT_TESTS_CONFORMANCE_CORPUS_H

#include "server/base/arena.h"

#include <stdbool.h>

struct attack {
    const char *name;   /* file and line: role.sql:12 */
    const char *canary; /* fine: it is none, and must run */
    const char *sql;
};

struct corpus {
    const struct attack *list;
    size_t count;
};

/** All of the folder $SQL_ATTACKS. Ends the program with a message when it cannot be read. */
struct corpus corpus_read(struct arena *arena);

/** text with every mark replaced by a value. */
const char *corpus_replace(struct arena *arena, const char *text, const char *mark,
                           const char *value);

static inline bool attack_is(const struct attack *attack, const char *canary)
{
    return __builtin_strcmp(attack->canary, canary) == 0;
}

#endif
