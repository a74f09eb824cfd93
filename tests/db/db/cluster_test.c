/* The life of a private cluster: started, stopped, killed, found again. */
#include "cluster_support.h"
#include "server/db/child.h"

#include <libpq-fe.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { GROWN_BYTES = 11000000 };

/* A query that works for longer than any test. */
static PGconn *keep_busy(const struct cluster *cluster)
{
    PGconn *connection = connect_to(cluster);
    ck_assert_int_eq(
        PQsendQuery(connection, "SELECT count(*) FROM generate_series(1, 100000000000) a"), 1);
    return connection;
}

START_TEST(a_cluster_starts_answers_and_stops)
{
    struct cluster *cluster = must_start();
    pid_t pid = cluster_pid(cluster);
    ck_assert_str_eq(ask(cluster, "SHOW listen_addresses"), "");
    ck_assert_str_eq(ask(cluster, "SHOW server_encoding"), "UTF8");
    ck_assert_str_eq(ask(cluster, "SHOW data_checksums"), "on");
    /* an aggregate that collects has no other limit than this */
    ck_assert_str_eq(ask(cluster, "SELECT (pg_read_file('/proc/self/limits') ~"
                                  " 'Max data size +[0-9]{10,11} ')::text"),
                     "true");
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
    TEST(a_killed_postgres_comes_back_while_its_backends_are_busy),
    TEST(postgres_stops_when_its_server_is_killed),
    TEST(a_start_after_both_were_killed_recovers),
    TEST(a_kill_while_the_cluster_is_made_leaves_nothing_in_the_way),
    TEST(a_pid_file_left_behind_does_not_keep_it_from_starting),
    TEST(a_long_name_moves_the_socket_elsewhere),
    TEST(odd_names_of_the_directory_are_quoted),
    TEST(it_starts_where_the_ends_of_children_are_ignored),
    TEST(a_signal_to_stop_that_is_held_back_ends_the_start),
    TEST(a_log_that_has_grown_is_moved_aside_while_postgres_writes),
    TEST(programs_see_nothing_of_our_environment),
    TEST(a_program_that_is_not_there_has_no_output),
};

int main(void)
{
    return test_run_with("cluster", cases, COUNT(cases), place_open, place_close);
}
