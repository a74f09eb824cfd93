#include "roles.h"

#include "role_login.h"
#include "sql.h"

#include <string.h>

CLEANUP_DEFINE(struct db *, db_close)

enum { OLDEST_VERSION = 15, PARSER_VERSION = 15, ATTEMPTS = 3, MOST_FAULTS = 100 };

#define SCRIPT_HINT                                                                                \
    "let an administrator run what `entrepot database-script` prints, with psql, and start again"

/* A part of what is needed: a statement of sql/roles that gives the statements still to be run. */
struct step {
    const struct db_statement *missing;
    bool as_one;        /* run them all in one transaction: one cannot fail without the others */
    const char *reason; /* what is weaker without it; NULL: the server cannot do without it */
};

static const struct step steps_of_server[] = {
    { &sql_roles_missing, false, NULL },
    { &sql_roles_members, false, "the owner cannot end a run that does not end by itself" },
    { &sql_roles_limits, false, "not all limits of the pipelines' role are set" },
};
static const struct step steps_of_database[] = {
    { &sql_roles_database, false, "everybody may still enter the database or its schema public" },
    { &sql_roles_functions, true, "pipelines may call built-in functions that can do harm" },
    { &sql_roles_watch, false, "limits.temp_mb of a pipeline does not hold" },
};
static const struct step step_of_schemas = { &sql_roles_schemas, false, NULL };

static const char *const role_names[] = { "entrepot_owner", "entrepot_pipeline",
                                          "entrepot_reader" };

/* Statements that are still to be run. */
struct statements {
    struct arena *arena;
    const char *next; /* the row being read */
    const char **list;
    size_t count;
    size_t capacity;
};

static struct problem *statements_add(void *context)
{
    struct statements *statements = context;
    if (statements->count == statements->capacity) {
        size_t capacity = statements->capacity ? 2 * statements->capacity : 16;
        const char **list = arena_array_of(statements->arena, const char *, capacity);
        if (statements->count)
            memcpy(list, statements->list, statements->count * sizeof *list);
        statements->list = list;
        statements->capacity = capacity;
    }
    statements->list[statements->count++] = statements->next;
    return NULL;
}

static struct problem *step_read(struct db *db, struct arena *arena, const struct step *step,
                                 struct statements *out)
{
    *out = (struct statements){ .arena = arena };
    const struct db_column row[] = { db_to_text(&out->next) };
    return db_each(db, arena, step->missing, NULL, 0, row, COUNT(row), statements_add, out);
}

static const char *statements_join(struct arena *arena, const struct statements *statements)
{
    const char *joined = "";
    for (size_t i = 0; i < statements->count; i++)
        joined = arena_print(arena, "%s%s;\n", joined, statements->list[i]);
    return joined;
}

static struct problem *statements_run(struct db *db, struct arena *arena, const struct step *step,
                                      const struct statements *statements)
{
    struct problem *first = NULL;
    if (step->as_one)
        return db_run(db, arena, statements_join(arena, statements));
    for (size_t i = 0; i < statements->count; i++) {
        struct problem *problem = db_run(db, arena, statements->list[i]);
        if (!first)
            first = problem;
    }
    return first;
}

/* Run what is missing, and look again: another server may have been faster, Postgres only warns of
 * what it did not revoke. What is still missing then is `left`; `refused` is why, if it was said.
 */
static struct problem *step_run(struct db *db, struct arena *arena, const struct step *step,
                                struct statements *left, struct problem **refused)
{
    *refused = NULL;
    TRY(step_read(db, arena, step, left));
    for (int attempt = 0; left->count && attempt < ATTEMPTS; attempt++) {
        size_t before = left->count;
        *refused = statements_run(db, arena, step, left);
        TRY(step_read(db, arena, step, left));
        if (left->count == before && attempt)
            break;
    }
    return NULL;
}

static const char *refusal(const struct problem *refused)
{
    return refused && refused->cause ? refused->cause : "Postgres did not say why";
}

/* Why the protection is weaker than it could be. */
struct reasons {
    const char *list[COUNT(steps_of_server) + COUNT(steps_of_database) + 2]; /* ended by NULL */
    size_t count;
};

static struct problem *steps_run(struct db *db, struct arena *arena, const struct step *steps,
                                 size_t count, struct reasons *reasons)
{
    for (size_t i = 0; i < count; i++) {
        struct statements left;
        struct problem *refused;
        TRY(step_run(db, arena, &steps[i], &left, &refused));
        if (!left.count)
            continue;
        if (!steps[i].reason)
            return problem_because(arena,
                                   problem_new(arena, &PROBLEM_START,
                                               "the database does not let us do `%s`: %s",
                                               left.list[0], SCRIPT_HINT),
                                   "%s", refusal(refused));
        reasons->list[reasons->count++] =
            arena_print(arena,
                        "%s: %zu statements of `entrepot database-script` are not done, the "
                        "first is `%s`",
                        steps[i].reason, left.count, left.list[0]);
    }
    return NULL;
}

/* The server, as the administrator sees it. */
struct standing {
    int32_t version;
    bool has_database;
};

static struct problem *standing_read(struct db *db, struct arena *arena, const char *database,
                                     struct standing *out)
{
    const struct db_param in[] = { db_text(database) };
    const struct db_column row[] = { db_to_int32(&out->version), db_to_bool(&out->has_database) };
    TRY(db_one(db, arena, &sql_roles_admin, in, COUNT(in), row, COUNT(row)));
    if (out->version < OLDEST_VERSION * 10000)
        return problem_new(arena, &PROBLEM_START,
                           "the database server is Postgres %d, and Postgres %d or newer is needed",
                           out->version / 10000, OLDEST_VERSION);
    return NULL;
}

/* At start-up a failure of the database is a reason not to start, and its cause may be read. */
static struct problem *start_problem(struct arena *arena, struct problem *problem)
{
    if (!problem || problem->kind == &PROBLEM_START)
        return problem;
    return problem_because(
        arena,
        problem_new(arena, &PROBLEM_START, "the database cannot be prepared: %s", problem->detail),
        "%s", problem->cause ? problem->cause : "");
}

/* Connect to the product's database, or, when that does not work, to the one every server has. */
static struct problem *admin_open(struct arena *arena, const struct role_login *login,
                                  struct db **out_db)
{
    struct db *db = db_open(role_login_admin(arena, login, login->database), "entrepot start");
    struct problem *problem = db_connect(db, arena);
    if (problem) {
        db_close(db);
        db = db_open(role_login_admin(arena, login, "postgres"), "entrepot start");
        if (db_connect(db, arena)) {
            db_close(db);
            return problem_because(
                arena,
                problem_new(arena, &PROBLEM_START,
                            "the database server cannot be reached as the user %s", login->admin),
                "%s", problem->cause);
        }
    }
    *out_db = db;
    return NULL;
}

static struct problem *database_create(struct db *db, struct arena *arena, const char *database)
{
    const char *sql = arena_print(
        arena, "CREATE DATABASE %s OWNER entrepot_owner ENCODING 'UTF8' TEMPLATE template0",
        db_identifier(arena, database));
    struct standing standing;
    struct problem *refused = db_run(db, arena, sql);
    TRY(standing_read(db, arena, database, &standing));
    if (standing.has_database) /* by us, or by another server meanwhile */
        return NULL;
    return problem_because(arena,
                           problem_new(arena, &PROBLEM_START, "the database %s cannot be made: %s",
                                       database, SCRIPT_HINT),
                           "%s", refusal(refused));
}

/* libpg_query is the parser of one major version. What it takes, a newer server may read in another
 * way; then the probe, which asks the server itself, is the only gate for that statement. */
static void parser_check(struct arena *arena, const struct standing *standing,
                         struct reasons *reasons)
{
    if (standing->version / 10000 != PARSER_VERSION)
        reasons->list[reasons->count++] =
            arena_print(arena,
                        "the first gate reads SQL as Postgres %d does, and the server is Postgres "
                        "%d: what they read in different ways is judged by the probe alone",
                        PARSER_VERSION, standing->version / 10000);
}

/* What concerns the whole server: roles, and the database itself. */
static struct problem *server_prepare(struct arena *arena, const struct role_login *login,
                                      struct reasons *reasons, struct standing *standing)
{
    CLEANUP(db_close_at) struct db *db = NULL;
    TRY(admin_open(arena, login, &db));
    TRY(standing_read(db, arena, login->database, standing));
    TRY(steps_run(db, arena, steps_of_server, COUNT(steps_of_server), reasons));
    return standing->has_database ? NULL : database_create(db, arena, login->database);
}

static struct problem *bootstrap(struct arena *arena, const char *admin_conninfo,
                                 const char *data_dir, struct roles *out_roles)
{
    struct role_login login;
    struct standing standing;
    struct reasons *reasons = arena_new_of(arena, struct reasons);
    struct roles roles = { 0 };
    const char **conninfos[] = { &roles.owner_conninfo, &roles.pipeline_conninfo,
                                 &roles.reader_conninfo };
    TRY(role_login_open(arena, admin_conninfo, data_dir, &login));
    TRY(server_prepare(arena, &login, reasons, &standing));

    CLEANUP(db_close_at)
    struct db *db = db_open(role_login_admin(arena, &login, login.database), "entrepot start");
    TRY(steps_run(db, arena, steps_of_database, COUNT(steps_of_database), reasons));
    for (size_t i = 0; i < COUNT(role_names); i++)
        TRY(role_login_ensure(arena, &login, db, role_names[i], conninfos[i]));
    TRY(roles_check(db, arena));
    parser_check(arena, &standing, reasons);
    roles.degraded = reasons->count > 0;
    roles.degraded_reasons = reasons->list;
    roles.server_version = standing.version;
    *out_roles = roles;
    return NULL;
}

struct problem *roles_bootstrap(struct arena *arena, const char *admin_conninfo,
                                const char *data_dir, struct roles *out_roles)
{
    return start_problem(arena, bootstrap(arena, admin_conninfo, data_dir, out_roles));
}

struct fault_list {
    struct faults faults;
    const char *next; /* the row being read */
};

static struct problem *fault_add(void *context)
{
    struct fault_list *list = context;
    faults_add(&list->faults, NULL, 0, NULL, "%s", list->next);
    return NULL;
}

struct problem *roles_check(struct db *db, struct arena *arena)
{
    struct fault_list list;
    faults_init(&list.faults, arena, MOST_FAULTS);
    const struct db_column row[] = { db_to_text(&list.next) };
    TRY(db_each(db, arena, &sql_roles_faults, NULL, 0, row, COUNT(row), fault_add, &list));
    return faults_problem(&list.faults, &PROBLEM_START,
                          "the database is not safe to serve with: an administrator must put right "
                          "what follows");
}

struct problem *roles_grant_schemas(struct db *owner, struct arena *arena)
{
    struct statements left;
    struct problem *refused;
    TRY(step_run(owner, arena, &step_of_schemas, &left, &refused));
    if (!left.count)
        return NULL;
    return problem_because(
        arena,
        problem_new(arena, &PROBLEM_START, "entrepot_owner does not let us do `%s`", left.list[0]),
        "%s", refusal(refused));
}
