/*
 * How the three roles log in: their conninfo and passwords.
 *
 * A password is derived, HMAC-SHA-256 of the role's name under a key that all servers on one
 * database share: made of the administrator's password; without one, 32 random bytes kept in the
 * data directory (database.json). So no password of ours has to be configured or handed round; see
 * docs/decisions/0003-role-passwords.md. A role that is the administrator keeps its password.
 * Start-up only.
 */
#ifndef ENTREPOT_DB_ROLE_LOGIN_H
#define ENTREPOT_DB_ROLE_LOGIN_H

#include "db.h"

struct role_login {
    const char *admin_conninfo;
    const char *admin;    /* who the administrator is */
    const char *database; /* the product's */
    const char *data_dir;
    bool has_key; /* derived so far; the key is made when it is first needed */
    unsigned char key[32];
};

/**
 * Understand the administrator's conninfo.
 *
 * Fails   PROBLEM_START: it is not understood, or names entrepot_pipeline or entrepot_reader.
 */
struct problem *role_login_open(struct arena *arena, const char *admin_conninfo,
                                const char *data_dir, struct role_login *out_login) MUST_USE;

/** The administrator's conninfo for another database. */
const char *role_login_admin(struct arena *arena, const struct role_login *login,
                             const char *database);

/**
 * Log in as the role: as the server lets us, with the derived password, or after setting it.
 *
 * Takes   admin: a connection that may set passwords.
 * Fails   PROBLEM_START: the server refuses the role.
 */
struct problem *role_login_ensure(struct arena *arena, struct role_login *login, struct db *admin,
                                  const char *role, const char **out_conninfo) MUST_USE;

/**
 * The statement that sets the derived password of the role, as its SCRAM verifier.
 *
 * Gives   NULL for the administrator's own role.
 */
struct problem *role_login_statement(struct arena *arena, struct role_login *login,
                                     const char *role, const char **out_sql) MUST_USE;

#endif
