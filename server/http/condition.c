/* Is the answer one the client has already, or not the one it wants? Declared in reply.h. */
#include "exchange.h"

#include "server/base/text.h"

#include <string.h>

/* The coding an entity tag of ours was given for, and the length of what stands before its suffix.
 */
static enum coding tag_coding(const char *tag, size_t size, size_t *out_size)
{
    for (enum coding coding = CODING_GZIP; coding < CODING_COUNT; coding++) {
        const char *name = coding_name(coding);
        size_t suffix = strlen(name) + 1;
        if (size > suffix && tag[size - suffix] == '-'
            && memcmp(tag + size - suffix + 1, name, suffix - 1) == 0) {
            *out_size = size - suffix;
            return coding;
        }
    }
    *out_size = size;
    return CODING_NONE;
}

/* Does one of these tags name this content, in a coding the client still takes? Gives it. A weak
 * one is no name of certain bytes, which If-Match wants. */
static const char *matching_tag(struct exchange *exchange, const char *wanted, const char *etag,
                                bool weak_too)
{
    const char *accepted = request_header(&exchange->request, "Accept-Encoding");
    size_t etag_size = strlen(etag);
    const char *at = wanted;
    while (*(at += strspn(at, ", \t"))) {
        if (*at == '*')
            return etag;
        bool is_weak = at[0] == 'W' && at[1] == '/';
        if (is_weak)
            at += 2;
        if (*at != '"')
            return NULL;
        const char *tag = at + 1;
        size_t size = strcspn(tag, "\"");
        if (!tag[size])
            return NULL;
        at = tag + size + 1;
        if (is_weak && !weak_too)
            continue;
        if (size == etag_size && memcmp(tag, etag, size) == 0)
            return etag;
        size_t bare;
        enum coding coding = tag_coding(tag, size, &bare);
        if (coding != CODING_NONE && bare == etag_size && memcmp(tag, etag, bare) == 0
            && coding_is_accepted(accepted, coding))
            return arena_copy(exchange->arena, tag, size);
    }
    return NULL;
}

static struct problem *changed(struct request *rq)
{
    return problem_new(rq->arena, &PROBLEM_PRECONDITION,
                       "If-Match names another state than the one that would be answered; ask "
                       "without it, or for a snapshot by its number, which never changes");
}

bool reply_not_modified(struct request *rq, struct reply *rp, const char *etag)
{
    struct exchange *exchange = exchange_of(rq);
    rp->etag = arena_text(rq->arena, etag);
    if (rq->method != GET && rq->method != HEAD)
        return false;
    const char *match = request_header(rq, "If-Match");
    if (match && !matching_tag(exchange, match, rp->etag, false)) {
        reply_of_problem(exchange, changed(rq));
        return true;
    }
    const char *none_match = request_header(rq, "If-None-Match");
    const char *tag = none_match ? matching_tag(exchange, none_match, rp->etag, true) : NULL;
    if (!tag)
        return false;
    rp->etag = tag;
    rp->varies = true;
    return !reply_empty(rq, rp, 304);
}
