#include "openlineage.h"

#include "openlineage_dataset.h"
#include "server/base/buffer.h"
#include "server/base/clock.h"

#include <string.h>

#define SPEC "https://openlineage.io/spec/2-0-2/OpenLineage.json"

static const struct {
    const char *state;
    const char *type;
} ends[] = {
    { "published", "COMPLETE" }, { "staged", "COMPLETE" }, { "reused", "COMPLETE" },
    { "failed", "FAIL" },        { "cancelled", "ABORT" }, { "superseded", "ABORT" },
};

static const char *event_type(const struct lineage_event *event)
{
    for (size_t i = 0; event->ended && i < COUNT(ends); i++)
        if (strcmp(ends[i].state, event->run->state) == 0)
            return ends[i].type;
    return event->ended ? "OTHER" : "START";
}

/* --- the run --------------------------------------------------------------------------------- */

static json_t *parent_facet(const struct lineage_event *event)
{
    const struct lineage_run *run = event->run;
    if (!run->parent_uuid)
        return NULL;
    return openlineage_facet("ParentRunFacet",
                             json_pack("{s:{s:s}, s:{s:s, s:s}}", "run", "runId", run->parent_uuid,
                                       "job", "namespace", event->base_url, "name",
                                       run->parent_pipeline));
}

static json_t *error_facet(const struct lineage_event *event)
{
    if (!event->ended || !event->run->error)
        return NULL;
    return openlineage_facet(
        "ErrorMessageRunFacet",
        json_pack("{s:s, s:s}", "message", event->run->error, "programmingLanguage", "SQL"));
}

static json_t *run_json(struct arena *arena, const struct lineage_event *event)
{
    json_t *nominal =
        openlineage_facet("NominalTimeRunFacet", json_pack("{s:s}", "nominalStartTime",
                                                           clock_text(arena, event->run->as_of)));
    return json_pack("{s:s, s:{s:o, s:o*, s:o*}}", "runId", event->run->uuid, "facets",
                     "nominalTime", nominal, "parent", parent_facet(event), "errorMessage",
                     error_facet(event));
}

/* --- the job --------------------------------------------------------------------------------- */

/* All steps, so that the job can be read as one script. */
static const char *script_of(struct arena *arena, const struct pipeline_document *document)
{
    CLEANUP(buffer_clear) struct buffer script = { 0 };
    for (size_t i = 0; i < document->step_count; i++) {
        const struct pipeline_step *step = &document->steps[i];
        size_t size = strlen(step->sql);
        while (size && strchr(" \t\r\n;", step->sql[size - 1]))
            size--;
        if (document->step_count > 1)
            buffer_print(&script, "%s-- %s\n", i ? "\n" : "", step->name);
        buffer_add(&script, step->sql, size);
        buffer_add_text(&script, document->step_count > 1 ? ";\n" : "");
    }
    return arena_copy(arena, script.data, script.size);
}

static json_t *job_json(struct arena *arena, const struct lineage_event *event,
                        const struct pipeline_document *document)
{
    json_t *sql = openlineage_facet(
        "SQLJobFacet",
        json_pack("{s:s, s:s}", "query", script_of(arena, document), "dialect", "postgres"));
    json_t *type = openlineage_facet("JobTypeJobFacet",
                                     json_pack("{s:s, s:s, s:s}", "processingType", "BATCH",
                                               "integration", "ENTREPOT", "jobType", "PIPELINE"));
    return json_pack("{s:s, s:s, s:{s:o, s:o}}", "namespace", event->base_url, "name",
                     document->name, "facets", "sql", sql, "jobType", type);
}

struct problem *openlineage_event(struct arena *arena, const struct lineage_event *event,
                                  json_t **out_json)
{
    struct pipeline_document document;
    const char *text = event->run->document;
    const struct document_text source = { NULL, text, strlen(text), DOCUMENT_JSON };
    TRY(pipeline_document_parse(arena, &source, &document));
    json_t *json = json_pack(
        "{s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:o}", "eventType", event_type(event), "eventTime",
        clock_text(arena, event->at), "producer", OPENLINEAGE_PRODUCER, "schemaURL",
        SPEC "#/$defs/RunEvent", "run", run_json(arena, event), "job",
        job_json(arena, event, &document), "inputs", openlineage_inputs(arena, event, &document),
        "outputs", openlineage_outputs(arena, event, &document));
    if (!json)
        return problem_new(arena, &PROBLEM_INTERNAL, "an event of a run cannot be written");
    *out_json = json;
    return NULL;
}
