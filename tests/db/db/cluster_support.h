/*
 * A place for private clusters: each test has a data directory of its own, and what is shared by
 * the tests of starting and of refusing to start.
 */
#ifndef ENTREPOT_TESTS_DB_DB_CLUSTER_SUPPORT_H
#define ENTREPOT_TESTS_DB_DB_CLUSTER_SUPPORT_H

#include "server/db/cluster.h"
#include "tests/unit/test.h"

#include <libpq-fe.h>
#include <sys/types.h>

enum { OLDEST = 15 };

struct place {
    struct arena *arena;
    const char *dir;
};

extern struct place place;

/* Before and after each test. */
void place_open(void);
void place_close(void);

/** A path in the test's directory; is something there; a file written. */
const char *path_of(const char *name);
bool is_there(const char *path);
void file_write(const char *path, const char *text, mode_t mode);

/** Start a cluster in the test's directory; must_start fails the test when it does not start. */
struct problem *try_start(struct cluster **out_cluster);
struct cluster *must_start(void);

/** As its administrator: a connection, and the one value of a query ("" when it has none). */
PGconn *connect_to(const struct cluster *cluster);
const char *ask(const struct cluster *cluster, const char *sql);

/** It is PROBLEM_START, and its detail has the words. */
void ck_problem_says(const struct problem *problem, const char *words);

#endif
