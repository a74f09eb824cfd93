/* What keeps a private cluster from starting, and what is said of it. */
#include "cluster_support.h"

#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

static void make_file(void)
{
    file_write(path_of("d"), "", 0600);
}

static void make_foreign_data(void)
{
    ck_assert_int_eq(mkdir(path_of("d"), 0755), 0);
    ck_assert_int_eq(mkdir(path_of("d/postgres"), 0755), 0);
    file_write(path_of("d/postgres/letter"), "hello", 0644);
    if (geteuid() == 0)
        ck_assert_int_eq(chown(path_of("d/postgres"), 65534, 65534), 0);
}

static void make_old_data(void)
{
    make_foreign_data();
    file_write(path_of("d/postgres/PG_VERSION"), "9\n", 0644);
}

static void make_new_data(void)
{
    make_foreign_data();
    file_write(path_of("d/postgres/PG_VERSION"), "99\n", 0644);
}

static void make_data_of_another(void)
{
    if (geteuid() == 0) {
        ck_assert_int_eq(mkdir(path_of("d"), 0755), 0);
        ck_assert_int_eq(mkdir(path_of("d/postgres"), 0700), 0);
    } else {
        ck_assert_int_eq(symlink("/", path_of("d")), 0);
    }
}

static void make_data_a_file(void)
{
    ck_assert_int_eq(mkdir(path_of("d"), 0755), 0);
    file_write(path_of("d/postgres"), "", 0600);
    if (geteuid() == 0)
        ck_assert_int_eq(chown(path_of("d/postgres"), 65534, 65534), 0);
}

static void make_closed(void)
{
    /* root passes every folder; Postgres's user, whom root takes, does not */
    ck_assert_int_eq(mkdir(path_of("closed"), 0700), 0);
    ck_assert_int_eq(mkdir(path_of("closed/d"), geteuid() == 0 ? 0755 : 0500), 0);
    ck_assert_int_eq(rename(path_of("closed"), path_of("d")), 0);
}

static const struct {
    void (*make)(void);
    const char *dir;
    const char *says;
} refusals[] = {
    { make_file, "d", "Not a directory" },
    { make_file, "d/sub", "Not a directory" },
    { NULL, "two\nlines", "has a line break in its name" },
    { make_foreign_data, "d", "is not the data of a Postgres cluster" },
    { make_old_data, "d", "made by Postgres 9, and Postgres 15 or newer is needed" },
    { make_new_data, "d", "made by Postgres 99, and only Postgres" },
    { make_data_a_file, "d", "is not a folder" },
    { make_data_of_another, "d", "" },
    { make_closed, "d/d", "" },
    { NULL, "", "" },
};

START_TEST(a_directory_that_cannot_be_used_is_refused)
{
    struct cluster *cluster = NULL;
    if (refusals[_i].make)
        refusals[_i].make();
    const char *dir = *refusals[_i].dir ? path_of(refusals[_i].dir) : "";
    ck_problem_says(cluster_start(place.arena, dir, NULL, OLDEST, &cluster), refusals[_i].says);
    ck_assert_ptr_null(cluster);
}
END_TEST

START_TEST(as_root_a_folder_closed_to_the_user_of_postgres_is_named)
{
    if (geteuid() != 0)
        return; /* only root changes its user */
    struct cluster *cluster = NULL;
    ck_assert_int_eq(mkdir(path_of("closed"), 0700), 0);
    ck_assert_int_eq(chmod(place.dir, 0700), 0);
    ck_problem_says(cluster_start(place.arena, path_of("closed/d"), NULL, OLDEST, &cluster),
                    arena_print(place.arena, "who may not enter %s:", place.dir));
    ck_assert_int_eq(chmod(place.dir, 0711), 0);
    ck_problem_says(cluster_start(place.arena, path_of("closed/d"), NULL, OLDEST, &cluster),
                    arena_print(place.arena, "who may not enter %s:", path_of("closed")));
}
END_TEST

static const struct {
    const char *user;
    const char *says; /* NULL: it starts */
} users[] = {
    { "nobody", NULL },
    { "", NULL },
    { "root", "Postgres does not run as root" },
    { "no-such-user", "there is no such user" },
};

START_TEST(as_root_the_user_can_be_named)
{
    struct cluster *cluster = NULL;
    if (geteuid() != 0)
        return; /* only root changes its user */
    ck_assert_int_eq(setenv("ENTREPOT_POSTGRES_USER", users[_i].user, 1), 0);
    if (users[_i].says) {
        ck_problem_says(try_start(&cluster), users[_i].says);
        return;
    }
    cluster = must_start();
    cluster_stop(cluster);
    /* the owner of a cluster is kept; another user is refused */
    ck_assert_int_eq(setenv("ENTREPOT_POSTGRES_USER", "daemon", 1), 0);
    ck_problem_says(try_start(&cluster), "belongs to the user");
    ck_assert_int_eq(unsetenv("ENTREPOT_POSTGRES_USER"), 0);
    cluster_stop(must_start());
}
END_TEST

static const struct {
    const char *version; /* of a program that only tells this; NULL: there is none */
    int64_t oldest;
    const char *says;
} programs[] = {
    { "postgres (PostgreSQL) 13.4 (Debian 13.4-1)", 15, "only Postgres 13 was found" },
    { "postgres (PostgreSQL) 17beta1", 18, "only Postgres 17 was found" },
    { "something else", 15, "there is no initdb and postgres to run" },
    { NULL, 15, "there is no initdb and postgres to run" },
};

START_TEST(programs_that_will_not_do_are_refused)
{
    struct cluster *cluster = NULL;
    if (programs[_i].version) {
        const char *script =
            arena_print(place.arena, "#!/bin/sh\necho '%s'\n", programs[_i].version);
        file_write(path_of("postgres"), script, 0755);
        file_write(path_of("initdb"), script, 0755);
    }
    ck_problem_says(
        cluster_start(place.arena, path_of("data"), place.dir, programs[_i].oldest, &cluster),
        programs[_i].says);
}
END_TEST

START_TEST(a_version_nobody_has_is_refused_with_what_to_install)
{
    struct cluster *cluster = NULL;
    struct problem *problem = cluster_start(place.arena, place.dir, NULL, 99, &cluster);
    ck_problem_says(problem, "Postgres 99 or newer is needed");
    ck_problem_says(problem,
                    "install postgresql-99, or name one with --postgres-bin or --database");
}
END_TEST

START_TEST(a_full_disk_is_told)
{
    struct cluster *cluster = NULL;
    const char *disk = path_of("disk");
    ck_assert_int_eq(mkdir(disk, 0755), 0);
    if (mount("tmpfs", disk, "tmpfs", 0, "size=90m,mode=0755") != 0)
        return; /* not allowed to make a small disk here */
    struct problem *problem = cluster_start(place.arena, disk, NULL, OLDEST, &cluster);
    (void)umount2(disk, MNT_DETACH);
    ck_problem_says(problem, "is full");
}
END_TEST

START_TEST(why_postgres_does_not_start_is_told_from_its_log)
{
    struct cluster *cluster = NULL;
    cluster_stop(must_start());
    ck_assert_int_eq(rename(path_of("postgres/global/pg_control"), path_of("control")), 0);
    struct problem *problem = try_start(&cluster);
    ck_assert_int_eq(rename(path_of("control"), path_of("postgres/global/pg_control")), 0);
    ck_problem_says(problem, "Postgres did not start");
    ck_assert_ptr_nonnull(strstr(problem->cause, "could not find the database system"));
    cluster_stop(must_start());
}
END_TEST

START_TEST(a_directory_in_use_is_refused_with_the_process_that_holds_it)
{
    struct cluster *cluster = must_start(), *second = NULL;
    ck_problem_says(try_start(&second),
                    arena_print(place.arena, "another server, process %ld", (long)getpid()));
    ck_assert_ptr_null(second);
    ck_assert_str_eq(ask(cluster, "SELECT 1"), "1"); /* the first is not harmed */
    cluster_stop(cluster);
    cluster_stop(must_start());
}
END_TEST

START_TEST(a_postgres_somebody_else_started_on_the_data_is_refused)
{
    struct cluster *cluster = must_start(), *second = NULL;
    /* the same, seen by a server that could take the lock: its file was removed by hand */
    ck_assert_int_eq(unlink(path_of("lock")), 0);
    ck_problem_says(try_start(&second),
                    arena_print(place.arena, "another Postgres, process %ld, serves",
                                (long)cluster_pid(cluster)));
    ck_assert_str_eq(ask(cluster, "SELECT 1"), "1");
    cluster_stop(cluster);
}
END_TEST

static const struct test_case cases[] = {
    TEST_EACH(a_directory_that_cannot_be_used_is_refused, refusals),
    TEST(as_root_a_folder_closed_to_the_user_of_postgres_is_named),
    TEST_EACH(as_root_the_user_can_be_named, users),
    TEST_EACH(programs_that_will_not_do_are_refused, programs),
    TEST(a_version_nobody_has_is_refused_with_what_to_install),
    TEST(a_full_disk_is_told),
    TEST(why_postgres_does_not_start_is_told_from_its_log),
    TEST(a_directory_in_use_is_refused_with_the_process_that_holds_it),
    TEST(a_postgres_somebody_else_started_on_the_data_is_refused),
};

int main(void)
{
    return test_run_with("cluster_refusal", cases, COUNT(cases), place_open, place_close);
}
