/*
 * A place to attack: a database with secrets, another run under way, and canaries that tell of
 * harm.
 *
 * Each layer of the sandbox is there or not, as the mask says; in the product they are calls that
 * cannot be left out. A statement is bound, passes the gates that are there, and is run by what the
 * product runs it with (server/pipeline/transfer.h), or, where the run is no layer, by an INSERT on
 * a connection that is kept and may write. Then every canary is looked at.
 */
#ifndef ENTREPOT_TESTS_CONFORMANCE_PLACE_H
#define ENTREPOT_TESTS_CONFORMANCE_PLACE_H

#include "corpus.h"
#include "tests/db/operate/product.h"

enum layer {
    LAYER_ROLE = 1,    /* the pipeline role; without: a superuser */
    LAYER_REVOKED = 2, /* built-ins are revoked; without: everybody may call everything */
    LAYER_GATE = 4,    /* libpg_query */
    LAYER_PROBE = 8,   /* the view */
    LAYER_RUN = 16,    /* a fresh connection, one statement, read only, rolled back */
    LAYERS_ALL = 31
};

/* Time a statement gets, and what it may take longer: half a second and a little. */
enum { ATTACK_LIMIT_MS = 150, ATTACK_SLACK_MS = 600 };

struct place;

/** Which statements the gate refuses, in the order of the corpus; no database is needed. */
bool *place_gate(struct arena *arena, const struct corpus *corpus);

/** A database with these layers. One at a time. */
struct place *place_open(unsigned layers);
void place_close(struct place *place);

/* How far a statement came. */
enum verdict { VERDICT_GATE, VERDICT_PROBE, VERDICT_FAILED, VERDICT_RAN };

struct outcome {
    enum verdict verdict;
    const char *said; /* the problem, or "" */
    const char *harm; /* NULL: none */
};

/** Try a statement. The outcome's texts are good until the next one. */
struct outcome place_attack(struct place *place, const struct attack *attack);

/** Only the gates: does it pass those that are there? */
bool place_passes(struct place *place, const struct attack *attack);

/** Names of all functions and types of the server, with blanks between them. */
const char *place_words(struct place *place, struct arena *arena);

#endif
