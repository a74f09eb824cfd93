#include "metadata.h"

#include "csdl.h"

#include <string.h>

CLEANUP_DEFINE(json_t *, json_decref)

static const char *const known[] = { "format", NULL };

struct problem *metadata_get(struct request *rq, struct reply *rp)
{
    struct protocol protocol;
    bool json;
    TRY(protocol_version(rq, &protocol));
    TRY(protocol_csdl(rq, &json));
    TRY(protocol_options(rq, known));
    const char *document =
        arena_print(rq->arena, "metadata %s %d", json ? "json" : "xml", protocol.is_4_01);
    reply_header(rp, "Cache-Control", "private, no-cache");
    reply_header(rp, "Vary", "Accept, Authorization");
    if (reply_not_modified(rq, rp, sets_etag(rq, document)))
        return NULL;
    size_t count;
    const struct set *sets = sets_list(rq, &count);
    CLEANUP(json_decref_at) json_t *csdl = csdl_json(sets, count, protocol.is_4_01);
    if (json)
        return reply_json(rq, rp, 200, json_incref(csdl));
    if (!csdl)
        return problem_new(rq->arena, &PROBLEM_INTERNAL, "the model could not be put into words");
    const char *text = csdl_xml(rq->arena, csdl);
    return reply_text(rq, rp, 200, "application/xml", text, strlen(text));
}
