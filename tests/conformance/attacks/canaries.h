/*
 * Canaries: what must not move while statements are tried.
 *
 * A run of the pipeline role waits for a table and must go on waiting; the state of the database is
 * one text that must stay the same; nothing is heard on the channel `canary`; rows and messages
 * carry no secret; no process of the server takes more memory, no statement more time, than it may.
 * A thread of its own watches the running statement as the product's watcher does. For place.c
 * alone.
 */
#ifndef ENTREPOT_TESTS_CONFORMANCE_CANARIES_H
#define ENTREPOT_TESTS_CONFORMANCE_CANARIES_H

#include "corpus.h"
#include "server/pipeline/run.h"

struct db;
struct canaries;

/** Takes admin: conninfo of a superuser; pipeline: of the pipeline role. */
struct canaries *canaries_open(const char *admin, const char *pipeline);
void canaries_close(struct canaries *canaries);

/** A statement with the words for the victim, the file and the large object filled in. */
const char *canaries_fill(const struct canaries *canaries, struct arena *arena, const char *sql);

/** A statement begins now. */
void canaries_begin(struct canaries *canaries);

/** Watch a run, or (NULL) no longer. */
void canaries_watch(struct canaries *canaries, struct run_watch *watch);

/** A row of data.attacked that carries a secret, or "". */
const char *canaries_row(struct db *db, struct arena *arena);

/**
 * Look at all of them, once a statement has ended.
 *
 * Takes   kept: the connection that ran it, whose settings must be as before; or NULL.
 * Gives   what moved, in words; NULL: nothing did.
 */
const char *canaries_harm(struct canaries *canaries, struct arena *arena,
                          const struct attack *attack, struct db *kept, const char *row,
                          const char *said);

#endif
