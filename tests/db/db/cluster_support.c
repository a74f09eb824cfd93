#include "cluster_support.h"

#include "server/db/data_dir.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

CLEANUP_DEFINE(PGconn *, PQfinish)
CLEANUP_DEFINE(PGresult *, PQclear)

struct place place;

void place_open(void)
{
    place.arena = arena_new(65536);
    char *dir = arena_text(place.arena, "/tmp/entrepot-cluster-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(dir));
    ck_assert_int_eq(chmod(dir, 0711), 0); /* the user of Postgres must pass */
    place.dir = dir;
}

void place_close(void)
{
    ck_assert_int_eq(data_dir_remove(place.dir), 0);
    arena_free(place.arena);
}

const char *path_of(const char *name)
{
    return arena_print(place.arena, "%s/%s", place.dir, name);
}

bool is_there(const char *path)
{
    struct stat found;
    return lstat(path, &found) == 0;
}

void file_write(const char *path, const char *text, mode_t mode)
{
    CLEANUP(close_at) int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
}

struct problem *try_start(struct cluster **out_cluster)
{
    return cluster_start(place.arena, place.dir, NULL, OLDEST, out_cluster);
}

struct cluster *must_start(void)
{
    struct cluster *cluster = NULL;
    struct problem *problem = try_start(&cluster);
    ck_assert_msg(!problem, "%s", problem ? problem_lines(place.arena, problem) : "");
    ck_assert(cluster_is_alive(cluster));
    return cluster;
}

PGconn *connect_to(const struct cluster *cluster)
{
    PGconn *connection = PQconnectdb(cluster_admin_conninfo(cluster, place.arena));
    ck_assert_msg(PQstatus(connection) == CONNECTION_OK, "%s", PQerrorMessage(connection));
    return connection;
}

const char *ask(const struct cluster *cluster, const char *sql)
{
    CLEANUP(PQfinish_at) PGconn *connection = connect_to(cluster);
    CLEANUP(PQclear_at) PGresult *result = PQexec(connection, sql);
    ck_assert_msg(PQresultStatus(result) == PGRES_TUPLES_OK
                      || PQresultStatus(result) == PGRES_COMMAND_OK,
                  "%s", PQerrorMessage(connection));
    return PQntuples(result) ? arena_text(place.arena, PQgetvalue(result, 0, 0)) : "";
}

void ck_problem_says(const struct problem *problem, const char *words)
{
    ck_assert_msg(problem != NULL, "it should have been refused with '%s'", words);
    ck_assert_ptr_eq(problem->kind, &PROBLEM_START);
    ck_assert_msg(strstr(problem->detail, words) != NULL, "'%s' is not in '%s'", words,
                  problem->detail);
}
