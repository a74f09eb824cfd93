#include "resource.h"

#include "server/rows/as_of.h"

static struct problem *give(struct request *rq, struct reply *rp, struct selection *selection,
                            void *context)
{
    struct resource *resource = context;
    selection_cache_headers(rp, selection->pinned);
    if (reply_not_modified(rq, rp, selection->etag))
        return NULL;
    selection_headers(rq, rp, selection, false);
    if (resource->count)
        return rows_count(rq, rp, selection, resource->count);
    return rows_answer_page(rq, rp, selection, resource->write, &resource->protocol);
}

struct problem *resource_answer(struct request *rq, struct reply *rp, struct resource *resource)
{
    resource->ask.root = ODATA_ROOT;
    resource->ask.format = FORMAT_JSON;
    resource->ask.keyed = true;
    return as_of_select(rq, rp, &resource->ask, give, resource);
}
