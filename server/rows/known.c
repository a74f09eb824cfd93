#include "known.h"

#include "tags.h"

#include "server/auth/principal.h"
#include "server/authority.h"

#include <assert.h>
#include <string.h>

/* Everything that selection_make reads, but the catalogue; each text with the NUL behind it, and a
 * field that is not there is told from an empty one. */
static bool question_of(struct request *rq, const char **out_text, size_t *out_size)
{
    const char *accept = request_header(rq, "Accept");
    const char *prefer = request_header(rq, "Prefer");
    if (!rq->principal || !rq->principal->verdict || !request_header(rq, "If-None-Match")
        || request_header(rq, "If-Match"))
        return false;
    const char *const texts[] = { request_target(rq), request_base_url(rq), accept ? accept : "",
                                  prefer ? prefer : "" };
    char head[sizeof rq->principal->verdict + 2];
    memcpy(head, &rq->principal->verdict, sizeof rq->principal->verdict);
    head[sizeof head - 2] = accept != NULL;
    head[sizeof head - 1] = prefer != NULL;
    size_t sizes[COUNT(texts)];
    size_t size = sizeof head;
    for (size_t i = 0; i < COUNT(texts); i++)
        size += sizes[i] = strlen(texts[i]) + 1;
    if (size > TAGS_QUESTION_BYTES)
        return false;
    char *question = arena_alloc(rq->arena, size);
    char *at = memcpy(question, head, sizeof head);
    at += sizeof head;
    for (size_t i = 0; i < COUNT(texts); at += sizes[i++])
        memcpy(at, texts[i], sizes[i]);
    *out_text = question;
    *out_size = size;
    return true;
}

bool known_answer(struct request *rq, struct reply *rp)
{
    const char *question;
    size_t size;
    assert(rq->route->lane == READ);
    if (!question_of(rq, &question, &size))
        return false;
    const struct tag *tag =
        tags_find(authority_tags(rq), server_catalogue(rq)->revision, question, size);
    if (!tag || !reply_not_modified(rq, rp, tag->text))
        return false;
    selection_cache_headers(rp, tag->pinned);
    return true;
}

void known_keep(struct request *rq, const struct selection *selection)
{
    const char *question;
    size_t size;
    struct tag tag = { .pinned = selection->pinned };
    assert(rq->route->lane == READ && strlen(selection->etag) < sizeof tag.text);
    if (query_token(selection->query) || query_moves(rq->arena, selection->query)
        || !question_of(rq, &question, &size))
        return;
    memcpy(tag.text, selection->etag, strlen(selection->etag) + 1);
    tags_keep(authority_tags(rq), server_catalogue(rq)->revision, question, size, &tag);
}
