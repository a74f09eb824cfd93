#include "harness.h"

#include "cluster.h"
#include "server/db/conninfo.h"
#include "server/db/migrate.h"
#include "server/db/stream.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { MOST_DATABASES = 64 };

struct harness {
    struct arena *arena;
    struct test_cluster cluster; /* watcher is 0 when another server is used */
    const char *server;          /* conninfo to make databases with */
    const char *template;
    const char *conninfo; /* of the program's database */
    pid_t owner;
};

/* One per program, as its main is; tests get at it after Check has forked. */
static struct harness harness_of_program;

static void must(const char *what, const struct problem *problem)
{
    if (!problem)
        return;
    fprintf(stderr, "harness: %s: %s (%s)\n", what, problem->detail,
            problem->cause ? problem->cause : "");
    test_cluster_stop(&harness_of_program.cluster); /* a named server may keep a database, then */
    exit(EXIT_FAILURE);
}

/* A later dbname holds. */
static const char *with_database(const struct harness *harness, const char *name)
{
    return arena_print(harness->arena, "%s dbname=%s", harness->server, name);
}

/* As keywords, so that tests can add some. */
static const char *as_keywords(struct arena *arena, const char *conninfo)
{
    return conninfo_replace(arena, conninfo, conninfo_value(arena, conninfo, "user"),
                            conninfo_value(arena, conninfo, "password"),
                            conninfo_value(arena, conninfo, "dbname"));
}

static const char *create(const struct harness *harness, const char *name, const char *template)
{
    struct db *db = db_open(harness->server, "harness");
    const char *sql =
        arena_print(harness->arena, "CREATE DATABASE %s TEMPLATE %s",
                    db_identifier(harness->arena, name), db_identifier(harness->arena, template));
    must("create a database", db_run(db, harness->arena, sql));
    db_close(db);
    return with_database(harness, name);
}

static const char *own_name(const struct harness *harness, const char *name)
{
    return arena_print(harness->arena, "entrepot_test_%d_%s", (int)harness->owner, name);
}

struct harness *harness_start(void)
{
    struct harness *harness = &harness_of_program;
    const char *given = getenv("ENTREPOT_TEST_DATABASE");
    harness->arena = arena_new(4096);
    harness->owner = getpid();
    if (given && !conninfo_value(harness->arena, given, "dbname")) {
        fprintf(stderr, "harness: ENTREPOT_TEST_DATABASE names no database\n");
        exit(EXIT_FAILURE);
    }
    if (given) {
        harness->server = as_keywords(harness->arena, given);
    } else {
        test_cluster_start(&harness->cluster);
        harness->server = arena_print(harness->arena, "host=%s user=%s dbname=postgres",
                                      harness->cluster.directory, harness->cluster.user);
    }
    harness->template = own_name(harness, "template");
    struct db *db = db_open(create(harness, harness->template, "template0"), "harness");
    int applied;
    must("migrate", migrate(db, harness->arena, &applied));
    db_close(db);
    harness->conninfo = harness_database("main");
    return harness;
}

/* Another server keeps nothing of ours. */
static void drop_databases(const struct harness *harness)
{
    struct db *db = db_open(harness->server, "harness");
    const char *ours[MOST_DATABASES];
    size_t count = 0;
    const struct db_param name[] = { db_text(own_name(harness, "")) };
    const struct db_query query = {
        "SELECT datname FROM pg_database WHERE starts_with(datname, $1)", name, COUNT(name)
    };
    must("find databases", db_stream_begin(db, harness->arena, &query));
    for (;;) {
        const struct db_value *row;
        size_t columns;
        must("find databases", db_stream_next(db, harness->arena, &row, &columns));
        if (!row)
            break;
        if (count < MOST_DATABASES)
            ours[count++] = arena_copy(harness->arena, row->data, (size_t)row->size);
    }
    for (size_t i = 0; i < count; i++)
        must("drop a database", db_run(db, harness->arena,
                                       arena_print(harness->arena, "DROP DATABASE %s WITH (FORCE)",
                                                   db_identifier(harness->arena, ours[i]))));
    db_close(db);
}

void harness_stop(struct harness *harness)
{
    if (harness->owner != getpid())
        return;
    if (harness->cluster.watcher)
        test_cluster_stop(&harness->cluster);
    else
        drop_databases(harness);
    arena_free(harness->arena);
    harness->arena = NULL;
}

const char *harness_conninfo(void)
{
    return harness_of_program.conninfo;
}

const char *harness_database(const char *name)
{
    const struct harness *harness = &harness_of_program;
    return create(harness, own_name(harness, name), harness->template);
}

const char *harness_empty_database(const char *name)
{
    const struct harness *harness = &harness_of_program;
    return create(harness, own_name(harness, name), "template0");
}
