/*
 * A private cluster of the program's own, for tests of roles: they change what the whole server
 * shares. main starts it; before each test it has no roles and no database of ours.
 */
#ifndef ENTREPOT_TESTS_DB_DB_ROLES_SUPPORT_H
#define ENTREPOT_TESTS_DB_DB_ROLES_SUPPORT_H

#include "server/db/roles.h"
#include "support.h"

/* What a test has: an arena, the cluster's administrator, and a data directory that is not the
 * cluster's own. */
struct roles_place {
    struct arena *arena;
    const char *admin; /* conninfo of the superuser, to the database postgres */
    const char *dir;
};

extern struct roles_place roles_place;

/** Run the cases, each in a clean place. */
int roles_run(const char *name, const struct test_case *cases, size_t count);

/** conninfo of somebody, with a password or NULL, to a database of the cluster. */
const char *roles_conninfo(const char *user, const char *password, const char *database);

/** Run SQL as the superuser; fails the test when it fails. */
void roles_sql(const char *database, const char *sql);

/** The SQLSTATE that SQL ends with: "" when it works, "08001" when the login is refused. */
const char *roles_sqlstate(const char *conninfo, const char *sql);

/** Replace pg_hba.conf, and wait until it holds. */
void roles_set_hba(const char *text);

/** Bootstrap with a conninfo, which must work. */
struct roles roles_must(const char *conninfo);

#endif
