#include "triggers.h"

#include "sql.h"

#include <string.h>

static bool is_among(const struct pipeline_document *documents, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(documents[i].name, name) == 0)
            return true;
    return false;
}

/* The pipelines as they will be. Gives how many there are. */
static size_t all_pipelines(struct arena *arena, const struct catalogue *catalogue,
                            const struct pipeline_document *documents, size_t count,
                            const struct pipeline_document *const **out_all)
{
    const struct pipeline_document **all =
        arena_array_of(arena, const struct pipeline_document *, count + catalogue->pipeline_count);
    size_t found = 0;
    for (size_t i = 0; i < count; i++)
        all[found++] = &documents[i];
    for (size_t i = 0; i < catalogue->pipeline_count; i++) {
        const struct catalogue_pipeline *pipeline = &catalogue->pipelines[i];
        if (pipeline->is_current && !is_among(documents, count, pipeline->document.name))
            all[found++] = &pipeline->document;
    }
    *out_all = all;
    return found;
}

static struct problem *check_zone(struct db *db, struct arena *arena, const struct trigger *trigger,
                                  struct faults *faults)
{
    bool known = true;
    const struct db_param in[] = { db_text(trigger->timezone) };
    const struct db_column out[] = { db_to_bool(&known) };
    if (strcmp(trigger->timezone, "UTC") != 0)
        TRY(db_one(db, arena, &sql_zone_known, in, COUNT(in), out, COUNT(out)));
    if (!known)
        node_fault(faults, node_member(trigger->node, "timezone"),
                   "Postgres knows no time zone %s; names are written as Europe/Paris is",
                   trigger->timezone);
    return NULL;
}

struct problem *triggers_check(struct db *db, struct arena *arena,
                               const struct catalogue *catalogue,
                               const struct pipeline_document *documents, size_t count,
                               const struct pipeline_document *document)
{
    struct faults faults;
    const struct pipeline_document *const *all;
    faults_init(&faults, arena, 20);
    if (!document->trigger_count)
        return NULL;
    size_t all_count = all_pipelines(arena, catalogue, documents, count, &all);
    for (size_t i = 0; i < document->trigger_count; i++) {
        const struct trigger *trigger = &document->triggers[i];
        const struct node *name = node_member(trigger->node, "pipeline");
        if (trigger->kind == TRIGGER_SCHEDULE)
            TRY(check_zone(db, arena, trigger, &faults));
        if (trigger->kind != TRIGGER_PIPELINE)
            continue;
        if (!is_among(documents, count, trigger->pipeline)
            && !catalogue_pipeline(catalogue, trigger->pipeline))
            node_fault(&faults, name, "there is no pipeline %s", trigger->pipeline);
        const char *cycle = trigger_cycle(arena, all, all_count, document, trigger);
        if (cycle)
            node_fault(&faults, name, "the pipelines would start each other without end: %s",
                       cycle);
    }
    return faults_problem(&faults, &PROBLEM_INVALID_DOCUMENT,
                          "the triggers of pipeline %s are not valid", document->name);
}

struct problem *triggers_store(struct db *db, struct arena *arena,
                               const struct pipeline_document *document)
{
    const char **names = arena_array_of(arena, const char *, document->trigger_count + 1);
    for (size_t i = 0; i < document->trigger_count; i++)
        names[i] = document->triggers[i].name;
    const struct db_param kept[] = { db_text(document->name), db_texts(names) };
    TRY(db_none(db, arena, &sql_triggers_drop, kept, COUNT(kept)));
    for (size_t i = 0; i < document->trigger_count; i++) {
        const struct trigger *trigger = &document->triggers[i];
        bool is_schedule = trigger->kind == TRIGGER_SCHEDULE;
        const struct db_param in[] = {
            db_text(document->name),
            db_text(trigger->name),
            db_text(trigger_kind_name(trigger->kind)),
            db_text(trigger->parameters),
            db_text(trigger->dataset),
            db_text(trigger->pipeline),
            db_text(trigger->cron),
            db_text(trigger->timezone),
            db_text(is_schedule ? trigger_missed_name(trigger->missed) : NULL),
        };
        TRY(db_none(db, arena, &sql_trigger_put, in, COUNT(in)));
    }
    return NULL;
}

struct problem *triggers_drop(struct db *db, struct arena *arena, const char *pipeline)
{
    static const char *const none[] = { NULL };
    const struct db_param in[] = { db_text(pipeline), db_texts(none) };
    return db_none(db, arena, &sql_triggers_drop, in, COUNT(in));
}
