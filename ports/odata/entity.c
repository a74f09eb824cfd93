#include "entity.h"

#include "set.h"
#include "writer.h"

#include "server/base/text.h"

#include <string.h>

static const char *const of_one[] = { "select", "format", "expand", "compute", "snapshot", NULL };
static const char *const of_count[] = { "filter", "search", "apply", "snapshot", NULL };

/* `#sales`, or `#sales(id,amount)` where the client chose, or apply made the rows. */
static const char *fragment_of(struct request *rq, const struct selection *selection,
                               const char *suffix)
{
    CLEANUP(buffer_clear) struct buffer out = { 0 };
    const char *select = protocol_option(rq, "select");
    const struct columns *columns = query_columns(selection->query);
    buffer_print(&out, "#%s", selection->datum->name);
    bool named = query_has_apply(selection->query) || (select && !strchr(select, '*'));
    for (size_t i = 0; i < columns->count && named; i++)
        buffer_print(&out, "%s%s%s", i ? "," : "(", columns->list[i].name,
                     i + 1 == columns->count ? ")" : "");
    buffer_add_text(&out, suffix);
    return arena_copy(rq->arena, out.data, out.size);
}

static const char *lead_of(struct request *rq, const struct protocol *protocol,
                           const char *fragment)
{
    CLEANUP(buffer_clear) struct buffer out = { 0 };
    protocol_add_context(rq, &out, protocol, fragment);
    return arena_copy(rq->arena, out.data, out.size);
}

static struct problem *add_page(struct request *rq, const struct rows_page *page,
                                const struct protocol *protocol, struct buffer *out)
{
    struct writer *writer = writer_new(rq, protocol, page->selection, "");
    buffer_add_text(out, "{");
    buffer_add_text(out, lead_of(rq, protocol, fragment_of(rq, page->selection, "")));
    if (page->total >= 0) {
        const char *quote = protocol->exact ? "\"" : "";
        buffer_print(out, "\"%scount\":%s%lld%s,", protocol->prefix, quote, (long long)page->total,
                     quote);
    }
    buffer_add_text(out, "\"value\":[\n");
    for (size_t row = 0; row < page->count; row++) {
        if (row)
            buffer_add_char(out, ',');
        TRY(writer_row(writer, page, row, out));
    }
    buffer_add_char(out, ']');
    if (page->next_url) {
        buffer_print(out, ",\"%snextLink\":", protocol->prefix);
        buffer_add_json_string(out, page->next_url, strlen(page->next_url));
    }
    buffer_add_text(out, "}\n");
    return NULL;
}

static struct problem *write_page(struct request *rq, struct reply *rp,
                                  const struct rows_page *page)
{
    const struct protocol *protocol = page->context;
    TRY(add_page(rq, page, protocol, reply_buffer(rq)));
    return reply_buffered(rq, rp, 200, protocol->media_type);
}

static struct problem *write_one(struct request *rq, struct reply *rp, const struct rows_page *page)
{
    const struct protocol *protocol = page->context;
    if (!page->count)
        return problem_new(rq->arena, &PROBLEM_NOT_FOUND, "%s has no entity (%s)",
                           page->selection->datum->name, page->selection->ask.key);
    const char *lead = lead_of(rq, protocol, fragment_of(rq, page->selection, "/$entity"));
    TRY(writer_row(writer_new(rq, protocol, page->selection, lead), page, 0, reply_buffer(rq)));
    return reply_buffered(rq, rp, 200, protocol->media_type);
}

static struct problem *answer(struct request *rq, struct reply *rp, struct selection_ask *ask,
                              rows_write *write)
{
    struct protocol *protocol = arena_new_of(rq->arena, struct protocol);
    struct selection *selection;
    TRY(protocol_json(rq, protocol));
    ask->root = ODATA_ROOT;
    ask->format = FORMAT_JSON;
    ask->keyed = true;
    ask->variant = protocol_variant(rq->arena, protocol, ask->key ? "entity" : "set");
    TRY(selection_make(rq, ask, &selection));
    selection_cache_headers(rp, selection->pinned);
    if (reply_not_modified(rq, rp, selection->etag))
        return NULL;
    selection_headers(rq, rp, selection, false);
    return rows_answer_page(rq, rp, selection, write, protocol);
}

struct problem *entity_get_one(struct request *rq, struct reply *rp, const char *set,
                               const char *key)
{
    struct selection_ask ask = { .dataset = set, .key = key, .placed = true };
    TRY(protocol_options(rq, of_one));
    return answer(rq, rp, &ask, write_one);
}

struct problem *entity_get(struct request *rq, struct reply *rp)
{
    struct selection_ask ask = { .paged = true };
    const char *segment = request_path(rq, 0);
    const char *key;
    if (segment[0] == '$')
        return problem_new(rq->arena, &PROBLEM_NOT_IMPLEMENTED, "%s is not served here", segment);
    if (!set_split(rq->arena, segment, &ask.dataset, &key))
        return problem_new(rq->arena, &PROBLEM_NOT_FOUND,
                           "%s is neither a set nor a set with a key in parentheses", segment);
    return key ? entity_get_one(rq, rp, ask.dataset, key) : answer(rq, rp, &ask, write_page);
}

static struct problem *give_count(struct request *rq, struct reply *rp, int64_t count)
{
    const char *text = arena_print(rq->arena, "%lld", (long long)count);
    return reply_text(rq, rp, 200, "text/plain", text, strlen(text));
}

struct problem *entity_count(struct request *rq, struct reply *rp)
{
    struct protocol protocol;
    struct selection *selection;
    const struct selection_ask ask = { .dataset = request_path(rq, 0),
                                       .root = ODATA_ROOT,
                                       .format = FORMAT_JSON,
                                       .variant = "odata count",
                                       .keyed = true };
    TRY(protocol_version(rq, &protocol));
    TRY(protocol_options(rq, of_count));
    TRY(selection_make(rq, &ask, &selection));
    selection_cache_headers(rp, selection->pinned);
    if (reply_not_modified(rq, rp, selection->etag))
        return NULL;
    selection_headers(rq, rp, selection, false);
    return rows_count(rq, rp, selection, give_count);
}
