#include "postgres_bin.h"

#include "child.h"
#include "server/base/text.h"

#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct search {
    struct arena *arena;
    int64_t oldest;
    int64_t data_version;
    struct postgres_bin best;  /* version 0: none will do so far */
    struct postgres_bin other; /* one that was found and will not do, for the message */
};

static void globfree_at(glob_t *found)
{
    globfree(found);
}

const char *postgres_bin_path(struct arena *arena, const struct postgres_bin *bin,
                              const char *program)
{
    return arena_print(arena, "%s/%s", bin->folder, program);
}

static bool is_program(const char *path)
{
    return access(path, X_OK) == 0;
}

/* 15 out of "postgres (PostgreSQL) 15.20 (Debian 15.20-0+deb12u1)", 17 out of "… 17beta1". */
static int64_t version_parse(struct arena *arena, const char *text)
{
    const char *name = text ? strstr(text, "(PostgreSQL) ") : NULL;
    if (!name)
        return 0;
    name += strlen("(PostgreSQL) ");
    int64_t version;
    const char *digits = arena_copy(arena, name, strspn(name, "0123456789"));
    return text_to_int64(digits, &version) ? version : 0;
}

static void search_try(struct search *search, const char *folder)
{
    struct postgres_bin bin = { .folder = folder };
    const char *postgres = postgres_bin_path(search->arena, &bin, "postgres");
    if (!is_program(postgres) || !is_program(postgres_bin_path(search->arena, &bin, "initdb")))
        return;
    const char *const arguments[] = { postgres, "--version", NULL };
    bin.version = version_parse(search->arena, child_output(search->arena, arguments));
    bool will_do = bin.version >= search->oldest
                   && (!search->data_version || bin.version == search->data_version);
    if (will_do && bin.version > search->best.version)
        search->best = bin;
    if (!will_do && bin.version > search->other.version)
        search->other = bin;
}

/* The first program of that name along PATH. */
static const char *path_find(struct arena *arena, const char *program)
{
    const char *path = getenv("PATH");
    char **folders = text_split(arena, path ? path : "", ":");
    for (; *folders; folders++) {
        const char *file = arena_print(arena, "%s/%s", *folders, program);
        if (is_program(file))
            return file;
    }
    return NULL;
}

static void search_pg_config(struct search *search)
{
    const char *program = path_find(search->arena, "pg_config");
    const char *const arguments[] = { program, "--bindir", NULL };
    const char *text = program ? child_output(search->arena, arguments) : NULL;
    if (text)
        search_try(search, arena_copy(search->arena, text, strcspn(text, "\n")));
}

static void search_packages(struct search *search)
{
    CLEANUP(globfree_at) glob_t found = { 0 };
    if (glob("/usr/lib/postgresql/*/bin", 0, NULL, &found) != 0)
        found.gl_pathc = 0;
    (void)glob("/usr/pgsql-*/bin", GLOB_APPEND, NULL, &found); /* nothing more is an answer */
    for (size_t i = 0; i < found.gl_pathc; i++)
        search_try(search, arena_text(search->arena, found.gl_pathv[i]));
}

static void search_path(struct search *search)
{
    const char *file = path_find(search->arena, "postgres");
    if (file)
        search_try(search, arena_copy(search->arena, file, (size_t)(strrchr(file, '/') - file)));
}

/* Why nothing was found that will do. */
static struct problem *search_problem(const struct search *search, const char *folder)
{
    struct arena *arena = search->arena;
    const struct postgres_bin *other = &search->other;
    if (search->data_version && search->data_version < search->oldest)
        return problem_new(arena, &PROBLEM_START,
                           "the data directory was made by Postgres %lld, and Postgres %lld or "
                           "newer is needed: move the data with pg_upgrade or pg_dump",
                           (long long)search->data_version, (long long)search->oldest);
    if (search->data_version && other->version)
        return problem_new(arena, &PROBLEM_START,
                           "the data directory was made by Postgres %lld, and only Postgres %lld "
                           "was found (in %s): install postgresql-%lld or name its folder with "
                           "--postgres-bin, or move the data with pg_upgrade",
                           (long long)search->data_version, (long long)other->version,
                           other->folder, (long long)search->data_version);
    long long needed = (long long)(search->data_version ? search->data_version : search->oldest);
    if (other->version)
        return problem_new(arena, &PROBLEM_START,
                           "Postgres %lld or newer is needed, and only Postgres %lld was found (in "
                           "%s): install postgresql-%lld, or name one with --postgres-bin or "
                           "--database",
                           needed, (long long)other->version, other->folder, needed);
    if (folder)
        return problem_new(arena, &PROBLEM_START,
                           "--postgres-bin is %s, and there is no initdb and postgres to run: name "
                           "the folder that holds the server programs of Postgres %lld or newer",
                           folder, needed);
    return problem_new(
        arena, &PROBLEM_START,
        "Postgres %lld or newer is needed, and no Postgres server was found: install "
        "postgresql-%lld, or name one with --postgres-bin or --database",
        needed, needed);
}

/* Was it built with LZ4? Unknown is no: an unknown setting would keep Postgres from starting. */
static bool lz4_find(struct arena *arena, const struct postgres_bin *bin)
{
    const char *program = postgres_bin_path(arena, bin, "pg_config");
    const char *const arguments[] = { program, "--configure", NULL };
    const char *text = is_program(program) ? child_output(arena, arguments) : NULL;
    return text && strstr(text, "--with-lz4");
}

struct problem *postgres_bin_find(struct arena *arena, const char *folder, int64_t oldest,
                                  int64_t data_version, struct postgres_bin *out_bin)
{
    static void (*const places[])(struct search *) = { search_pg_config, search_packages,
                                                       search_path };
    struct search search = { .arena = arena, .oldest = oldest, .data_version = data_version };
    if (folder)
        search_try(&search, folder);
    for (size_t i = 0; i < COUNT(places) && !folder && !search.best.version; i++)
        places[i](&search);
    if (!search.best.version)
        return search_problem(&search, folder);
    search.best.has_lz4 = lz4_find(arena, &search.best);
    *out_bin = search.best;
    return NULL;
}
