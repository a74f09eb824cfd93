#include "pipeline.h"

#include "server/operate/apply.h"
#include "server/operate/triggers.h"
#include "server/reply_document.h"

#include <string.h>

static struct problem *unknown(struct request *rq, const char *name)
{
    return problem_new(rq->arena, &PROBLEM_NOT_FOUND, "there is no pipeline %s", name);
}

/* JSON by Content-Type, else YAML, of which JSON is a part. */
static enum document_format format_of(const struct request *rq)
{
    const char *media_type = request_header(rq, "Content-Type");
    return media_type && strcasestr(media_type, "json") ? DOCUMENT_JSON : DOCUMENT_YAML;
}

static struct problem *check_media_type(struct request *rq)
{
    const char *media_type = request_header(rq, "Content-Type");
    if (!media_type || strcasestr(media_type, "json") || strcasestr(media_type, "yaml"))
        return NULL;
    return problem_new(rq->arena, &PROBLEM_MEDIA_TYPE,
                       "send a pipeline as application/yaml or application/json, not %s",
                       media_type);
}

struct problem *pipeline_put(struct request *rq, struct reply *rp)
{
    const char *name = request_path(rq, 0);
    struct document_text source = { .format = format_of(rq) };
    struct pipeline_document document;
    int64_t id;
    bool changed;
    TRY(check_media_type(rq));
    TRY(request_document(rq, &source.text, &source.size));
    TRY(pipeline_document_parse(rq->arena, &source, &document));
    if (strcmp(document.name, name) != 0)
        return problem_new(rq->arena, &PROBLEM_INVALID_DOCUMENT,
                           "the document is of pipeline %s, the URL of %s", document.name, name);
    const struct catalogue *catalogue = server_catalogue(rq);
    TRY(apply_check(rq->db, rq->arena, catalogue, server_of(rq)->pipeline_conninfo, &document));
    TRY(triggers_check(rq->db, rq->arena, catalogue, &document, 1, &document));
    TRY(apply_pipeline(rq->db, rq->arena, &document, server_subject(rq), &id, &changed));
    TRY(server_refresh(rq));
    reply_header(rp, "Location", "%s/control/pipelines/%s/versions/%s", request_base_url(rq), name,
                 document.version);
    return reply_json(rq, rp, changed ? 201 : 200,
                      json_pack("{s:s, s:s, s:s, s:b}", "pipeline", name, "version",
                                document.version, "sha256", document.sha256, "changed",
                                (int)changed));
}

static json_t *pipeline_json(struct request *rq, const struct catalogue_pipeline *pipeline)
{
    const struct pipeline_document *document = &pipeline->document;
    return json_pack("{s:s, s:s, s:s?, s:b, s:s, s:o, s:s, s:s}", "pipeline", document->name,
                     "version", document->version, "description", document->description, "current",
                     (int)pipeline->is_current, "sha256", pipeline->sha256, "created_at",
                     server_json_time(rq, pipeline->created_at), "created_by", pipeline->created_by,
                     "href",
                     arena_print(rq->arena, "%s/control/pipelines/%s/versions/%s",
                                 request_base_url(rq), document->name, document->version));
}

struct problem *pipeline_list(struct request *rq, struct reply *rp)
{
    const struct catalogue *catalogue = server_catalogue(rq);
    json_t *list = json_array();
    for (size_t i = 0; i < catalogue->pipeline_count; i++)
        if (catalogue->pipelines[i].is_current)
            /* a list that cannot grow becomes a problem in reply_json */
            (void)json_array_append_new(list, pipeline_json(rq, &catalogue->pipelines[i]));
    return reply_json(rq, rp, 200, list);
}

static struct problem *show(struct request *rq, struct reply *rp,
                            const struct catalogue_pipeline *pipeline)
{
    return reply_document(rq, rp, pipeline->document.json, pipeline->sha256);
}

struct problem *pipeline_get(struct request *rq, struct reply *rp)
{
    const char *name = request_path(rq, 0);
    const struct catalogue_pipeline *pipeline = catalogue_pipeline(server_catalogue(rq), name);
    return pipeline ? show(rq, rp, pipeline) : unknown(rq, name);
}

struct problem *pipeline_get_version(struct request *rq, struct reply *rp)
{
    const char *name = request_path(rq, 0);
    const char *version = request_path(rq, 1);
    const struct catalogue *catalogue = server_catalogue(rq);
    for (size_t i = 0; i < catalogue->pipeline_count; i++) {
        const struct catalogue_pipeline *pipeline = &catalogue->pipelines[i];
        if (strcmp(pipeline->document.name, name) == 0
            && strcmp(pipeline->document.version, version) == 0)
            return show(rq, rp, pipeline);
    }
    return problem_new(rq->arena, &PROBLEM_NOT_FOUND, "there is no version %s of pipeline %s",
                       version, name);
}

struct problem *pipeline_delete(struct request *rq, struct reply *rp)
{
    const char *name = request_path(rq, 0);
    if (!catalogue_pipeline(server_catalogue(rq), name))
        return unknown(rq, name);
    TRY(apply_pipeline_retired(rq->db, rq->arena, name));
    TRY(server_refresh(rq));
    return reply_empty(rq, rp, 204);
}
