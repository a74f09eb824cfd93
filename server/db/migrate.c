#include "migrate.h"

#include "failure.h"
#include "migrations.h"
#include "sql.h"

#include <string.h>

/* Any number, as long as it is the same in every server: "entrepot" in ASCII. */
#define LOCK_KEY INT64_C(0x656e747265706f74)

static const char create_schema[] = "CREATE SCHEMA meta; "
                                    "COMMENT ON SCHEMA meta IS 'What the product knows of itself'";

static const char create_table[] =
    "CREATE TABLE meta.migration ("
    " number int4 PRIMARY KEY CHECK (number > 0),"
    " name text NOT NULL,"
    " sha256 text NOT NULL,"
    " applied_at timestamptz NOT NULL DEFAULT now()); "
    "COMMENT ON TABLE meta.migration IS 'Migrations this database has had'; "
    "COMMENT ON COLUMN meta.migration.number IS 'From 1, without gaps'; "
    "COMMENT ON COLUMN meta.migration.name IS 'Name of its file'; "
    "COMMENT ON COLUMN meta.migration.sha256 IS 'SHA-256 of its text, hexadecimal'; "
    "COMMENT ON COLUMN meta.migration.applied_at IS 'When it was run'";

/* Walks the record beside the table of the program. */
struct walk {
    struct arena *arena;
    const struct migration *list;
    const struct migration *next; /* the first one the database has not had */
    int32_t number;
    const char *name;
    const char *sha256;
};

static struct problem *check_recorded(void *context)
{
    struct walk *walk = context;
    const struct migration *ours = walk->next;
    int expected = (int)(ours - walk->list) + 1;
    if (walk->number != expected)
        return problem_new(walk->arena, &PROBLEM_START,
                           "the database has migration %d (%s) but not %d; its record in "
                           "meta.migration is damaged",
                           walk->number, walk->name, expected);
    if (!ours->number)
        return problem_new(walk->arena, &PROBLEM_START,
                           "the database is newer than this program: it has migration %d (%s); "
                           "start the version that ran it, or a later one",
                           walk->number, walk->name);
    if (strcmp(ours->sha256, walk->sha256) != 0)
        return problem_new(walk->arena, &PROBLEM_START,
                           "migration %s was changed after this database ran it (it ran %.12s…, "
                           "this program has %.12s…); start the version that ran it",
                           ours->name, walk->sha256, ours->sha256);
    walk->next++;
    return NULL;
}

/* Whatever happens after this, no other server migrates until the transaction ends. */
static struct problem *find_next(struct db *db, struct arena *arena, const struct migration *list,
                                 const struct migration **out_next)
{
    bool has_schema;
    bool has_table;
    const struct db_param key[] = { db_int64(LOCK_KEY) };
    const struct db_column place[] = { db_to_bool(&has_schema), db_to_bool(&has_table) };
    TRY(db_one(db, arena, &sql_migration_place, key, COUNT(key), place, COUNT(place)));
    if (!has_schema)
        TRY(db_run(db, arena, create_schema));
    if (!has_table)
        TRY(db_run(db, arena, create_table));
    struct walk walk = { .arena = arena, .list = list, .next = list };
    const struct db_column out[] = { db_to_int32(&walk.number), db_to_text(&walk.name),
                                     db_to_text(&walk.sha256) };
    TRY(db_each(db, arena, &sql_migration_list, NULL, 0, out, COUNT(out), check_recorded, &walk));
    *out_next = walk.next;
    return NULL;
}

static int line_of(const char *text, int position)
{
    int line = 1;
    for (; *text && position > 1; text++) {
        line += *text == '\n';
        position -= ((unsigned char)*text & 0xc0) != 0x80; /* characters, not bytes */
    }
    return line;
}

static struct problem *run(struct db *db, struct arena *arena, const struct migration *migration)
{
    struct problem *problem = db_run(db, arena, migration->text);
    if (!problem || failure_is_away(db_sqlstate(db)))
        return problem;
    struct problem *start =
        problem_new(arena, &PROBLEM_START, "migration %s does not run; nothing of it was kept",
                    migration->name);
    int position = db_error_position(db);
    if (!position)
        return problem_because(arena, start, "%s", problem->cause);
    return problem_because(arena, start, "line %d: %s", line_of(migration->text, position),
                           problem->cause);
}

struct step {
    const struct migration *list;
    bool ran;
};

static struct problem *migrate_one(struct db *db, struct arena *arena, void *context)
{
    struct step *step = context;
    const struct migration *next;
    step->ran = false;
    TRY(find_next(db, arena, step->list, &next));
    if (!next->number)
        return NULL;
    TRY(run(db, arena, next));
    const struct db_param in[] = { db_int32(next->number), db_text(next->name),
                                   db_text(next->sha256) };
    TRY(db_none(db, arena, &sql_migration_record, in, COUNT(in)));
    step->ran = true;
    return NULL;
}

struct problem *migrate(struct db *db, struct arena *arena, int *out_applied)
{
    return migrate_list(db, arena, migrations, out_applied);
}

struct problem *migrate_list(struct db *db, struct arena *arena, const struct migration *list,
                             int *out_applied)
{
    int applied = 0;
    for (;;) {
        struct step step = { .list = list };
        TRY(db_transact(db, arena, migrate_one, &step));
        if (!step.ran)
            break;
        applied++;
    }
    *out_applied = applied;
    return NULL;
}
