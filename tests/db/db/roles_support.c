#include "roles_support.h"

#include "server/base/clock.h"
#include "server/db/child.h"
#include "server/db/cluster.h"
#include "server/db/conninfo.h"
#include "server/db/data_dir.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct roles_place roles_place;

static struct cluster *roles_cluster;

static const char TRUSTING_HBA[] = "local all all trust\n";

const char *roles_conninfo(const char *user, const char *password, const char *database)
{
    return conninfo_replace(roles_place.arena, roles_place.admin, user, password, database);
}

void roles_sql(const char *database, const char *sql)
{
    CLEANUP(db_close_at)
    struct db *db = db_open(roles_conninfo("postgres", "secret", database), "roles test");
    struct problem *problem = db_run(db, roles_place.arena, sql);
    ck_assert_msg(!problem, "%s: %s", sql, problem ? problem->cause : "");
}

const char *roles_sqlstate(const char *conninfo, const char *sql)
{
    CLEANUP(db_close_at) struct db *db = db_open(conninfo, "roles test");
    struct problem *problem = db_run(db, roles_place.arena, sql);
    return problem ? arena_text(roles_place.arena, db_sqlstate(db)) : "";
}

void roles_set_hba(const char *text)
{
    const char *path =
        arena_print(roles_place.arena, "%s/postgres/pg_hba.conf", cluster_data_dir(roles_cluster));
    CLEANUP(close_at) int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
    ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    /* a user that does not exist is refused by a password rule and by trust in different words */
    bool trusts = strcmp(text, TRUSTING_HBA) == 0;
    const char *nobody = roles_conninfo("no_such_user", "wrong", "postgres");
    for (int turn = 0; turn < 1000; turn++) {
        roles_sql("postgres", "SELECT pg_reload_conf()");
        CLEANUP(db_close_at) struct db *db = db_open(nobody, "roles test");
        struct problem *problem = db_connect(db, roles_place.arena);
        ck_assert_ptr_nonnull(problem);
        if (trusts == !strstr(problem->cause, "password authentication"))
            return;
        child_pause(10);
    }
    ck_abort_msg("pg_hba.conf was not read");
}

struct roles roles_must(const char *conninfo)
{
    struct roles roles = { 0 };
    struct problem *problem = roles_bootstrap(roles_place.arena, conninfo, roles_place.dir, &roles);
    ck_assert_msg(!problem, "%s", problem ? problem_lines(roles_place.arena, problem) : "");
    return roles;
}

static void place_open(void)
{
    static const char *const databases[] = { "entrepot", "sales", "ascii" };
    static const char *const users[] = { "entrepot_owner", "entrepot_pipeline", "entrepot_reader",
                                         "test_admin",     "test_plain",        "test_group" };
    struct arena *arena = roles_place.arena;
    char *dir = arena_text(arena, "/tmp/entrepot-roles-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(dir));
    roles_place.dir = dir;
    roles_set_hba(TRUSTING_HBA);
    for (size_t i = 0; i < COUNT(databases); i++)
        roles_sql("postgres",
                  arena_print(arena, "DROP DATABASE IF EXISTS %s WITH (FORCE)", databases[i]));
    for (size_t i = 0; i < COUNT(users); i++)
        if (!*roles_sqlstate(roles_place.admin,
                             arena_print(arena, "SELECT '%s'::regrole", users[i])))
            roles_sql("postgres",
                      arena_print(arena, "DROP OWNED BY %s; DROP ROLE %s", users[i], users[i]));
}

static void place_close(void)
{
    ck_assert_int_eq(data_dir_remove(roles_place.dir), 0);
}

int roles_run(const char *name, const struct test_case *cases, size_t count)
{
    struct arena *arena = arena_new(65536);
    char *dir = arena_text(arena, "/tmp/entrepot-roles-XXXXXX");
    if (!mkdtemp(dir)) {
        perror("mkdtemp");
        return EXIT_FAILURE;
    }
    struct problem *problem = cluster_start(arena, dir, NULL, 15, &roles_cluster);
    int failed = EXIT_FAILURE;
    if (!problem) {
        /* databases come and go with each test, and nothing has to outlive a crash */
        CLEANUP(db_close_at)
        struct db *db = db_open(cluster_admin_conninfo(roles_cluster, arena), "roles test");
        problem = db_run(db, arena, "ALTER SYSTEM SET fsync = off");
    }
    if (problem) {
        (void)fputs(problem_lines(arena, problem), stderr);
    } else {
        roles_place.arena = arena;
        roles_place.admin = cluster_admin_conninfo(roles_cluster, arena);
        failed = test_run_with(name, cases, count, place_open, place_close);
        cluster_stop(roles_cluster);
    }
    (void)data_dir_remove(dir); /* what stays behind says why */
    arena_free(arena);
    return failed;
}
