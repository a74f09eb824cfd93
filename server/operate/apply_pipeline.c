#include "apply.h"

#include "server/pipeline/case.h"
#include "sql.h"
#include "triggers.h"

#include <string.h>

struct storing {
    const struct pipeline_document *document;
    const char *by;
    int64_t id;
    bool changed;
};

static struct problem *bump(struct db *db, struct arena *arena)
{
    int64_t number;
    bool told;
    const struct db_column out[] = { db_to_int64(&number), db_to_bool(&told) };
    return db_one(db, arena, &sql_catalogue_bump, NULL, 0, out, COUNT(out));
}

static struct problem *store(struct db *db, struct arena *arena, void *context)
{
    struct storing *storing = context;
    const struct pipeline_document *document = storing->document;
    const char *sha256 = NULL;
    bool is_current = false;
    bool found;
    const struct db_param which[] = { db_text(document->name), db_text(document->version) };
    const struct db_column out[] = { db_to_int64(&storing->id), db_to_text(&sha256),
                                     db_to_bool(&is_current) };
    TRY(db_maybe(db, arena, &sql_workflow_find, which, COUNT(which), out, COUNT(out), &found));
    if (found && strcmp(sha256, document->sha256) != 0)
        return problem_new(arena, &PROBLEM_CONFLICT,
                           "pipeline %s %s is stored with other content; a stored version is never "
                           "changed: raise the version",
                           document->name, document->version);
    storing->changed = !found || !is_current;
    if (!storing->changed)
        return NULL;
    const struct db_param name[] = { db_text(document->name) };
    TRY(db_none(db, arena, &sql_workflow_uncurrent, name, COUNT(name)));
    const struct db_param in[] = { db_text(document->name), db_text(document->version),
                                   db_text(document->json), db_text(document->sha256),
                                   db_text(storing->by) };
    const struct db_column id[] = { db_to_int64(&storing->id) };
    TRY(db_one(db, arena, &sql_workflow_put, in, COUNT(in), id, COUNT(id)));
    for (size_t i = 0; i < document->step_count; i++) {
        const struct pipeline_step *step = &document->steps[i];
        const struct db_param transform[] = { db_int64(storing->id), db_int32((int32_t)i + 1),
                                              db_text(step->name), db_text(step->sql),
                                              db_text(step->output) };
        TRY(db_none(db, arena, &sql_transform_add, transform, COUNT(transform)));
    }
    TRY(triggers_store(db, arena, document));
    return bump(db, arena);
}

struct problem *apply_pipeline(struct db *db, struct arena *arena,
                               const struct pipeline_document *document, const char *by,
                               int64_t *out_id, bool *out_changed)
{
    struct storing storing = { .document = document, .by = by };
    TRY(db_in_transaction(db) ? store(db, arena, &storing)
                              : db_transact(db, arena, store, &storing));
    *out_id = storing.id;
    *out_changed = storing.changed;
    return NULL;
}

static struct problem *retire(struct db *db, struct arena *arena, void *context)
{
    const struct db_param name[] = { db_text(context) };
    TRY(db_none(db, arena, &sql_workflow_uncurrent, name, COUNT(name)));
    TRY(triggers_drop(db, arena, context));
    return bump(db, arena);
}

struct problem *apply_pipeline_retired(struct db *db, struct arena *arena, const char *name)
{
    char *context = arena_text(arena, name);
    return db_in_transaction(db) ? retire(db, arena, context)
                                 : db_transact(db, arena, retire, context);
}

struct problem *apply_check(struct db *db, struct arena *arena, const struct catalogue *catalogue,
                            const char *pipeline_conninfo, const struct pipeline_document *document)
{
    const struct pipeline_wish wish = { .checking = true };
    struct pipeline_meaning meaning;
    TRY(pipeline_check(db, arena, catalogue, document, &wish, &meaning));
    return cases_run(arena, pipeline_conninfo, document, &meaning);
}
