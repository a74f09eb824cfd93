#include "listing.h"

#include "server/base/text.h"
#include "server/server.h"

#include <stdlib.h>
#include <string.h>

#define PAGE_MOST 500
#define MARK "after:" /* so that a token is never empty, which is none */

CLEANUP_DEFINE(json_t *, json_decref)

static int compare_names(const void *left, const void *right)
{
    const struct listing_item *one = left;
    const struct listing_item *other = right;
    return strcmp(one->name, other->name);
}

/* The name to go on behind; "" from the start. */
static struct problem *read_token(struct request *rq, const char **out_after)
{
    const char *token = request_option(rq, "pageToken");
    unsigned char *data = NULL;
    size_t size;
    *out_after = "";
    if (!token || !*token)
        return NULL;
    if (!text_from_base64url(rq->arena, token, strlen(token), &data, &size)
        || !text_starts((const char *)data, MARK) || strlen((const char *)data) != size)
        return problem_new(rq->arena, &PROBLEM_BAD_QUERY,
                           "pageToken must be the nextPageToken of the page before");
    *out_after = (const char *)data + strlen(MARK);
    return NULL;
}

static struct problem *read_page(struct request *rq, const char **out_after, int64_t *out_most)
{
    TRY(read_token(rq, out_after));
    TRY(server_number_option(rq, "maxResults", 0, INT32_MAX, PAGE_MOST, out_most));
    return NULL;
}

struct problem *listing_reply(struct request *rq, struct reply *rp, struct listing_item *items,
                              size_t count)
{
    CLEANUP(json_decref_at) json_t *page = json_array();
    const char *last = NULL;
    const char *after;
    int64_t most;
    bool more = false;
    struct problem *problem = read_page(rq, &after, &most);
    if (most > PAGE_MOST)
        most = PAGE_MOST;
    qsort(items, count, sizeof *items, compare_names);
    for (size_t i = 0; i < count; i++) {
        CLEANUP(json_decref_at) json_t *json = items[i].json;
        if (problem || strcmp(items[i].name, after) <= 0)
            continue;
        more = json_array_size(page) >= (size_t)most;
        if (more)
            continue;
        last = items[i].name;
        if (json_array_append(page, json))
            problem = problem_new(rq->arena, &PROBLEM_INTERNAL, "the list cannot be written");
    }
    TRY(problem);
    const char *next = arena_print(rq->arena, MARK "%s", last ? last : after);
    reply_header(rp, "Cache-Control", "private, no-cache");
    reply_header(rp, "Vary", "Authorization");
    return reply_json(rq, rp, 200,
                      json_pack("{s:O, s:s*}", "items", page, "nextPageToken",
                                more ? text_base64url(rq->arena, next, strlen(next)) : NULL));
}
