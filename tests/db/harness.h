/*
 * A real Postgres for tests: a throw-away cluster, and a migrated database for each program.
 *
 * The cluster lives in a new directory under $TMPDIR, speaks on a unix socket in it, is watched by
 * a process of its own and is gone with the program, however that ends. With
 * $ENTREPOT_TEST_DATABASE (a conninfo whose role may create databases) that server is used instead.
 * main starts it before Check forks; tests connect on their own:
 *
 *     HARNESS_MAIN("db", cases)
 */
#ifndef ENTREPOT_TESTS_DB_HARNESS_H
#define ENTREPOT_TESTS_DB_HARNESS_H

#include "tests/unit/test.h"

struct harness;

/** Start or find the server and make this program's database. Exits with a message when it cannot.
 */
struct harness *harness_start(void);
void harness_stop(struct harness *harness);

/** conninfo of the program's database, with all migrations. The same in every test. */
const char *harness_conninfo(void);

/** conninfo of a new database: migrated, or empty. For tests that spoil theirs. */
const char *harness_database(const char *name);
const char *harness_empty_database(const char *name);

/* Starts the harness, runs the cases with setup and teardown (or NULL) around each, stops it. */
#define HARNESS_MAIN_WITH(name, cases, setup, teardown)                                            \
    int main(void)                                                                                 \
    {                                                                                              \
        struct harness *harness = harness_start();                                                 \
        int failed =                                                                               \
            test_run_with(name, cases, sizeof(cases) / sizeof((cases)[0]), setup, teardown);       \
        harness_stop(harness);                                                                     \
        return failed;                                                                             \
    }
#define HARNESS_MAIN(name, cases) HARNESS_MAIN_WITH(name, cases, NULL, NULL)

#endif
