#include "server/db/child.h"
#include "server/db/cluster.h"
#include "server/db/data_dir.h"
#include "server/db/postgres_bin.h"
#include "tests/unit/test.h"

#include <errno.h>
#include <fcntl.h>
#include <libpq-fe.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { OLDEST = 15, GROWN_BYTES = 11000000 };

CLEANUP_DEFINE(PGconn *, PQfinish)
CLEANUP_DEFINE(PGresult *, PQclear)

/* Each test has a data directory of its own; Check runs it in a process of its own. */
static struct {
    struct arena *arena;
    const char *dir;
} place;

static void place_open(void)
{
    place.arena = arena_new(65536);
    char *dir = arena_text(place.arena, "/tmp/entrepot-cluster-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(dir));
    ck_assert_int_eq(chmod(dir, 0711), 0); /* the user of Postgres must pass */
    place.dir = dir;
}

static void place_close(void)
{
    ck_assert_int_eq(data_dir_remove(place.dir), 0);
    arena_free(place.arena);
}

static const char *path_of(const char *name)
{
    return arena_print(place.arena, "%s/%s", place.dir, name);
}

static bool is_there(const char *path)
{
    struct stat found;
    return lstat(path, &found) == 0;
}

static void file_write(const char *path, const char *text, mode_t mode)
{
    CLEANUP(close_at) int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
}

static struct problem *try_start(struct cluster **out_cluster)
{
    return cluster_start(place.arena, place.dir, NULL, OLDEST, out_cluster);
}

static struct cluster *must_start(void)
{
    struct cluster *cluster = NULL;
    struct problem *problem = try_start(&cluster);
    ck_assert_msg(!problem, "%s", problem ? problem_lines(place.arena, problem) : "");
    ck_assert(cluster_is_alive(cluster));
    return cluster;
}

static PGconn *connect_to(const struct cluster *cluster)
{
    PGconn *connection = PQconnectdb(cluster_admin_conninfo(cluster, place.arena));
    ck_assert_msg(PQstatus(connection) == CONNECTION_OK, "%s", PQerrorMessage(connection));
    return connection;
}

/* The one value of a query, or "". */
static const char *ask(const struct cluster *cluster, const char *sql)
{
    CLEANUP(PQfinish_at) PGconn *connection = connect_to(cluster);
    CLEANUP(PQclear_at) PGresult *result = PQexec(connection, sql);
    ck_assert_msg(PQresultStatus(result) == PGRES_TUPLES_OK
                      || PQresultStatus(result) == PGRES_COMMAND_OK,
                  "%s", PQerrorMessage(connection));
    return PQntuples(result) ? arena_text(place.arena, PQgetvalue(result, 0, 0)) : "";
}

/* A query that works for longer than any test. */
static PGconn *keep_busy(const struct cluster *cluster)
{
    PGconn *connection = connect_to(cluster);
    ck_assert_int_eq(
        PQsendQuery(connection, "SELECT count(*) FROM generate_series(1, 100000000000) a"), 1);
    return connection;
}

static void ck_problem_says(const struct problem *problem, const char *words)
{
    ck_assert_msg(problem != NULL, "it should have been refused with '%s'", words);
    ck_assert_ptr_eq(problem->kind, &PROBLEM_START);
    ck_assert_msg(strstr(problem->detail, words) != NULL, "'%s' is not in '%s'", words,
                  problem->detail);
}

START_TEST(a_cluster_starts_answers_and_stops)
{
    struct cluster *cluster = must_start();
    pid_t pid = cluster_pid(cluster);
    ck_assert_str_eq(ask(cluster, "SHOW listen_addresses"), "");
    ck_assert_str_eq(ask(cluster, "SHOW server_encoding"), "UTF8");
    ck_assert_str_eq(ask(cluster, "SHOW data_checksums"), "on");
    ck_assert_str_eq(ask(cluster, "SELECT upper('é') || ('B' < 'a')::text"), "Étrue");
    cluster_stop(cluster);
    ck_assert_int_eq(kill(pid, 0), -1);
    ck_assert(!is_there(path_of("postgres/postmaster.pid")));
    ck_assert(!is_there(path_of("postgres.tmp")));
}
END_TEST

START_TEST(a_second_start_finds_what_the_first_stored)
{
    struct cluster *cluster = must_start();
    ask(cluster, "CREATE TABLE kept AS SELECT 42 AS n");
    cluster_stop(cluster);
    cluster = must_start();
    ck_assert_str_eq(ask(cluster, "SELECT n FROM kept"), "42");
    cluster_stop(cluster);
}
END_TEST

START_TEST(only_its_user_may_enter_the_socket_and_the_data)
{
    static const char *const folders[] = { "socket", "postgres" };
    struct cluster *cluster = must_start();
    for (size_t i = 0; i < COUNT(folders); i++) {
        struct stat found;
        ck_assert_int_eq(stat(path_of(folders[i]), &found), 0);
        ck_assert_int_eq(found.st_mode & 0777, 0700);
        ck_assert_uint_ne(found.st_uid, 0);
    }
    cluster_stop(cluster);
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

/* Tend, as main does, until Postgres is back; gives up after many turns. */
static void tend_until_alive(struct cluster *cluster, pid_t before)
{
    for (int turn = 0; turn < 2000; turn++) {
        cluster_tend(cluster, place.arena);
        if (cluster_is_alive(cluster) && cluster_pid(cluster) != before)
            return;
        child_pause(20);
    }
    ck_abort_msg("Postgres did not come back");
}

START_TEST(a_killed_postgres_comes_back_while_its_backends_are_busy)
{
    struct cluster *cluster = must_start();
    ask(cluster, "CREATE TABLE kept AS SELECT 42 AS n");
    PGconn *busy = keep_busy(cluster);
    pid_t before = cluster_pid(cluster);
    ck_assert_int_eq(kill(before, SIGKILL), 0);
    tend_until_alive(cluster, before);
    PQfinish(busy);
    ck_assert_str_eq(ask(cluster, "SELECT n FROM kept"), "42");
    cluster_stop(cluster);
}
END_TEST

/* Another server on the directory: a process that starts the cluster and then waits for its end. */
static pid_t other_server(pid_t *out_postgres)
{
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    pid_t server = fork();
    if (server == 0) {
        struct cluster *cluster = NULL;
        if (try_start(&cluster))
            _exit(1);
        ask(cluster, "CREATE TABLE IF NOT EXISTS kept AS SELECT 42 AS n");
        (void)keep_busy(cluster);
        pid_t pid = cluster_pid(cluster);
        if (write(ends[1], &pid, sizeof pid) != sizeof pid)
            _exit(1);
        for (;;)
            pause();
    }
    (void)close(ends[1]);
    if (out_postgres)
        ck_assert_int_eq(read(ends[0], out_postgres, sizeof *out_postgres), sizeof *out_postgres);
    (void)close(ends[0]);
    return server;
}

static void kill_and_wait(pid_t pid)
{
    ck_assert_int_eq(kill(pid, SIGKILL), 0);
    ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
}

START_TEST(postgres_stops_when_its_server_is_killed)
{
    pid_t postgres;
    pid_t server = other_server(&postgres);
    kill_and_wait(server);
    struct cluster *cluster = must_start();
    ck_assert_int_ne(cluster_pid(cluster), postgres);
    ck_assert_str_eq(ask(cluster, "SELECT n FROM kept"), "42");
    cluster_stop(cluster);
}
END_TEST

START_TEST(a_start_after_both_were_killed_recovers)
{
    pid_t postgres;
    pid_t server = other_server(&postgres);
    ck_assert_int_eq(kill(postgres, SIGKILL), 0);
    kill_and_wait(server);
    ck_assert(is_there(path_of("postgres/postmaster.pid")));
    struct cluster *cluster = must_start();
    ck_assert_str_eq(ask(cluster, "SELECT n FROM kept"), "42");
    cluster_stop(cluster);
}
END_TEST

START_TEST(a_kill_while_the_cluster_is_made_leaves_nothing_in_the_way)
{
    pid_t server = other_server(NULL);
    while (!is_there(path_of("postgres.tmp/PG_VERSION")) && !is_there(path_of("postgres")))
        child_pause(1);
    kill_and_wait(server);
    struct cluster *cluster = must_start();
    ck_assert_str_eq(ask(cluster, "SELECT 1"), "1");
    ck_assert(!is_there(path_of("postgres.tmp")));
    cluster_stop(cluster);
}
END_TEST

static pid_t dead_process(void)
{
    pid_t pid = fork();
    if (pid == 0)
        _exit(0);
    ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
    return pid;
}

static pid_t zombie_process(void)
{
    siginfo_t ended;
    pid_t pid = fork();
    if (pid == 0)
        _exit(0);
    ck_assert_int_eq(waitid(P_PID, (id_t)pid, &ended, WEXITED | WNOWAIT), 0);
    return pid;
}

static const struct {
    pid_t (*process)(void);
    const char *format; /* of the file; takes the process id */
} stale_files[] = {
    { dead_process, "%ld\n/somewhere\n1700000000\n5432\n/tmp\n\n  5432 1\nready   \n" },
    { zombie_process, "%ld\n/somewhere\n1700000000\n5432\n/tmp\n\n  5432 1\nready   \n" },
    { getpid, "%ld\n/somewhere\n1700000000\n5432\n/tmp\n\n  5432 1\nready   \n" },
    { getppid, "-%ld\n" },
    { getpid, "not a number %ld\n" },
    { NULL, "" },
};

START_TEST(a_pid_file_left_behind_does_not_keep_it_from_starting)
{
    cluster_stop(must_start());
    for (size_t i = 0; i < COUNT(stale_files); i++) {
        pid_t pid = stale_files[i].process ? stale_files[i].process() : 0;
        file_write(path_of("postgres/postmaster.pid"),
                   arena_print(place.arena, stale_files[i].format, (long)pid), 0600);
        cluster_stop(must_start());
        ck_assert(!is_there(path_of("postgres/postmaster.pid")));
    }
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

START_TEST(a_long_name_moves_the_socket_elsewhere)
{
    char name[120];
    memset(name, 'd', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    struct cluster *cluster = NULL;
    const char *dir = path_of(name);
    struct problem *problem = cluster_start(place.arena, dir, NULL, OLDEST, &cluster);
    ck_assert_msg(!problem, "%s", problem ? problem_lines(place.arena, problem) : "");
    const char *socket = ask(cluster, "SHOW unix_socket_directories");
    ck_assert_ptr_null(strstr(socket, name));
    socket = arena_copy(place.arena, socket + 1, strlen(socket) - 2); /* without its quotes */
    ck_assert(is_there(socket));
    cluster_stop(cluster);
    ck_assert(!is_there(socket));
}
END_TEST

START_TEST(odd_names_of_the_directory_are_quoted)
{
    struct cluster *cluster = NULL;
    const char *dir = path_of("it's a \"dir\", with = and \\ in it");
    struct problem *problem = cluster_start(place.arena, dir, NULL, OLDEST, &cluster);
    ck_assert_msg(!problem, "%s", problem ? problem_lines(place.arena, problem) : "");
    ck_assert_str_eq(ask(cluster, "SELECT 1"), "1");
    cluster_stop(cluster);
}
END_TEST

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

START_TEST(it_starts_where_the_ends_of_children_are_ignored)
{
    ck_assert(signal(SIGCHLD, SIG_IGN) != SIG_ERR);
    cluster_stop(must_start());
}
END_TEST

START_TEST(a_signal_to_stop_that_is_held_back_ends_the_start)
{
    struct cluster *cluster = NULL;
    sigset_t stop;
    cluster_stop(must_start());
    sigemptyset(&stop);
    sigaddset(&stop, SIGTERM);
    ck_assert_int_eq(sigprocmask(SIG_BLOCK, &stop, NULL), 0);
    ck_assert_int_eq(raise(SIGTERM), 0);
    ck_problem_says(try_start(&cluster), "stopped while Postgres was starting");
    ck_assert(!is_there(path_of("postgres/postmaster.pid")));
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

START_TEST(a_log_that_has_grown_is_moved_aside_while_postgres_writes)
{
    struct cluster *cluster = must_start();
    struct stat found;
    ck_assert_int_eq(truncate(path_of("postgres.log"), GROWN_BYTES), 0);
    cluster_tend(cluster, place.arena);
    ck_assert_int_eq(stat(path_of("postgres.log"), &found), 0);
    ck_assert_int_eq(found.st_size, 0);
    ck_assert_int_eq(stat(path_of("postgres.log.1"), &found), 0);
    ck_assert_int_eq(found.st_size, GROWN_BYTES);
    cluster_stop(cluster);
    ck_assert_int_eq(stat(path_of("postgres.log"), &found), 0);
    ck_assert_int_gt(found.st_size, 0);
    ck_assert_int_lt(found.st_size, 65536);
}
END_TEST

START_TEST(programs_see_nothing_of_our_environment)
{
    ck_assert_int_eq(setenv("PGHOST", "elsewhere", 1), 0);
    ck_assert_int_eq(setenv("ENTREPOT_DATABASE", "postgres://u:secret@h/d", 1), 0);
    const char *const arguments[] = { "/usr/bin/env", NULL };
    const char *text = child_output(place.arena, arguments);
    ck_assert_ptr_nonnull(text);
    ck_assert_ptr_null(strstr(text, "PGHOST"));
    ck_assert_ptr_null(strstr(text, "secret"));
    ck_assert_ptr_nonnull(strstr(text, "LC_ALL=C\n"));
}
END_TEST

START_TEST(a_program_that_is_not_there_has_no_output)
{
    const char *const missing[] = { "/nowhere/program", NULL };
    const char *const failing[] = { "/bin/false", NULL };
    ck_assert_ptr_null(child_output(place.arena, missing));
    ck_assert_ptr_null(child_output(place.arena, failing));
}
END_TEST

static const struct test_case cases[] = {
    TEST(a_cluster_starts_answers_and_stops),
    TEST(a_second_start_finds_what_the_first_stored),
    TEST(only_its_user_may_enter_the_socket_and_the_data),
    TEST(a_directory_in_use_is_refused_with_the_process_that_holds_it),
    TEST(a_killed_postgres_comes_back_while_its_backends_are_busy),
    TEST(postgres_stops_when_its_server_is_killed),
    TEST(a_start_after_both_were_killed_recovers),
    TEST(a_kill_while_the_cluster_is_made_leaves_nothing_in_the_way),
    TEST(a_pid_file_left_behind_does_not_keep_it_from_starting),
    TEST(a_postgres_somebody_else_started_on_the_data_is_refused),
    TEST(a_long_name_moves_the_socket_elsewhere),
    TEST(odd_names_of_the_directory_are_quoted),
    TEST_EACH(a_directory_that_cannot_be_used_is_refused, refusals),
    TEST(as_root_a_folder_closed_to_the_user_of_postgres_is_named),
    TEST_EACH(as_root_the_user_can_be_named, users),
    TEST_EACH(programs_that_will_not_do_are_refused, programs),
    TEST(a_version_nobody_has_is_refused_with_what_to_install),
    TEST(it_starts_where_the_ends_of_children_are_ignored),
    TEST(a_signal_to_stop_that_is_held_back_ends_the_start),
    TEST(a_full_disk_is_told),
    TEST(why_postgres_does_not_start_is_told_from_its_log),
    TEST(a_log_that_has_grown_is_moved_aside_while_postgres_writes),
    TEST(programs_see_nothing_of_our_environment),
    TEST(a_program_that_is_not_there_has_no_output),
};

int main(void)
{
    return test_run_with("cluster", cases, COUNT(cases), place_open, place_close);
}
