/*
 * The three roles the server works as, and the database they work in: made at start-up by an
 * administrator's connection, which is not used after that.
 *
 *     entrepot_owner      owns the product's tables, changes everything, is no superuser
 *     entrepot_pipeline   runs the SQL of pipelines: reads the inputs pinned for it, nothing else
 *     entrepot_reader     reads what is published
 *
 * What is missing is asked for as statements (sql/roles), run, and asked for again, so a second
 * start changes nothing. Each role logs in by itself: a session that can change its role back is no
 * sandbox. Start-up only; what is given lives in the caller's arena.
 */
#ifndef ENTREPOT_DB_ROLES_H
#define ENTREPOT_DB_ROLES_H

#include "db.h"

struct roles {
    const char *owner_conninfo;
    const char *pipeline_conninfo;
    const char *reader_conninfo;
    bool degraded; /* a layer of protection is missing that this server does not let us have */
    const char *const *degraded_reasons; /* sentences, ended by NULL */
    int server_version;                  /* 150020 for 15.20 */
};

/**
 * Make what is missing of roles and database, and see that all of it is safe.
 *
 * Takes   admin_conninfo: URL or keywords of an administrator: a superuser, or a role that may
 *         create roles and databases; or any role when the roles exist already. Its database is
 *         the product's, or `entrepot` when it names none, `postgres` or `template1`. data_dir:
 * holds the key of the roles' passwords when the administrator has none (see role_login.h). Fails
 * PROBLEM_START: the server cannot be reached, is too old, does not let us make what is needed (the
 * detail names the command that prints the script for its administrator), or the roles are not
 * safe, with a fault for each reason. Source  sql/roles
 */
struct problem *roles_bootstrap(struct arena *arena, const char *admin_conninfo,
                                const char *data_dir, struct roles *out_roles) MUST_USE;

/**
 * Are the roles and the database safe to serve with?
 *
 * Takes   db: any role in the product's database.
 * Fails   PROBLEM_START with a fault for each reason; PROBLEM_STORE.
 * Source  sql/roles/roles_faults.sql
 */
struct problem *roles_check(struct db *db, struct arena *arena) MUST_USE;

/**
 * Let pipelines and readers into the schemas the migrations have made. Tables are granted one by
 * one where they are made.
 *
 * Takes   owner: a connection of entrepot_owner, after migrate.
 * Source  sql/roles/roles_schemas.sql
 */
struct problem *roles_grant_schemas(struct db *owner, struct arena *arena) MUST_USE;

/**
 * The same as SQL, for an administrator to run with psql where the server may not: makes roles and
 * database, sets limits, closes dangerous functions. May be run again.
 *
 * Takes   admin_conninfo, data_dir: as for roles_bootstrap; then the script sets the passwords the
 *         server will come with (as SCRAM verifiers). NULL, NULL: no passwords.
 * Fails   PROBLEM_START: the conninfo is not understood, or data_dir cannot be written.
 */
struct problem *roles_script(struct arena *arena, const char *admin_conninfo, const char *data_dir,
                             const char **out_sql) MUST_USE;

#endif
