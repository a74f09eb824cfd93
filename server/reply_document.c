#include "reply_document.h"

#include "server/base/text.h"
#include "server/model/document.h"

#include <string.h>

enum representation { REPRESENTATION_NONE, REPRESENTATION_JSON, REPRESENTATION_YAML };

static bool names(const char *accept, const char *media_type)
{
    return strcasestr(accept, media_type) != NULL;
}

/* Documents come in two forms only, so the first of Accept that names one decides; q values of
 * equal weight are what real clients send. */
static enum representation choose(const char *accept)
{
    if (!accept || !*accept)
        return REPRESENTATION_JSON;
    const char *yaml = strcasestr(accept, "yaml");
    const char *json = strcasestr(accept, "json");
    if (yaml && (!json || yaml < json))
        return REPRESENTATION_YAML;
    if (json || names(accept, "*/*") || names(accept, "application/*"))
        return REPRESENTATION_JSON;
    return names(accept, "text/*") ? REPRESENTATION_YAML : REPRESENTATION_NONE;
}

static enum representation choose_for(const struct request *rq)
{
    const char *format = request_option(rq, "format");
    if (!format)
        return choose(request_header(rq, "Accept"));
    return strcmp(format, "yaml") == 0   ? REPRESENTATION_YAML
           : strcmp(format, "json") == 0 ? REPRESENTATION_JSON
                                         : REPRESENTATION_NONE;
}

struct problem *reply_document(struct request *rq, struct reply *rp, const char *json,
                               const char *etag)
{
    enum representation representation = choose_for(rq);
    if (representation == REPRESENTATION_NONE)
        return problem_new(rq->arena, &PROBLEM_NOT_ACCEPTABLE,
                           "this document is served as application/json and application/yaml "
                           "(format=json, yaml)");
    bool yaml = representation == REPRESENTATION_YAML;
    reply_header(rp, "Vary", "Accept");
    reply_header(rp, "Cache-Control", "no-cache");
    if (etag && reply_not_modified(rq, rp, arena_print(rq->arena, "%s-%s", etag, yaml ? "y" : "j")))
        return NULL;
    const char *text = json;
    if (yaml)
        TRY(document_yaml_of_json(rq->arena, json, strlen(json), &text));
    return reply_text(rq, rp, 200, yaml ? "application/yaml" : "application/json", text,
                      strlen(text));
}
