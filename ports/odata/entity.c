#include "entity.h"

#include "resource.h"
#include "set.h"
#include "writer.h"

#include "server/base/text.h"

#include <string.h>

static const char *const of_one[] = { "select",   "format", "expand", "compute",
                                      "snapshot", "as_of",  NULL };
static const char *const of_count[] = { "filter", "search", "apply", "snapshot", "as_of", NULL };

/* `#sales`, or `#sales(id,amount)` where the client chose, or apply made the rows. */
static const char *fragment_of(struct request *rq, const struct selection *selection,
                               const char *suffix)
{
    CLEANUP(buffer_clear) struct buffer out = { 0 };
    const char *select = request_query_option(rq, "select");
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

struct problem *entity_get_one(struct request *rq, struct reply *rp, const char *set,
                               const char *key)
{
    struct resource *one = arena_new_of(rq->arena, struct resource);
    TRY(protocol_json(rq, &one->protocol));
    TRY(protocol_options(rq, of_one));
    one->ask.dataset = set;
    one->ask.key = key;
    one->ask.placed = true;
    one->ask.variant = protocol_variant(rq->arena, &one->protocol, "entity");
    one->write = write_one;
    return resource_answer(rq, rp, one);
}

static struct problem *get_set(struct request *rq, struct reply *rp, const char *name)
{
    struct resource *set = arena_new_of(rq->arena, struct resource);
    TRY(protocol_json(rq, &set->protocol));
    set->ask.dataset = name;
    set->ask.paged = true;
    set->ask.variant = protocol_variant(rq->arena, &set->protocol, "set");
    set->write = write_page;
    return resource_answer(rq, rp, set);
}

struct problem *entity_get(struct request *rq, struct reply *rp)
{
    const char *segment = request_path(rq, 0);
    const char *name;
    const char *key;
    if (segment[0] == '$')
        return problem_new(rq->arena, &PROBLEM_NOT_IMPLEMENTED, "%s is not served here", segment);
    if (!set_split(rq->arena, segment, &name, &key))
        return problem_new(rq->arena, &PROBLEM_NOT_FOUND,
                           "%s is neither a set nor a set with a key in parentheses", segment);
    return key ? entity_get_one(rq, rp, name, key) : get_set(rq, rp, name);
}

static struct problem *give_count(struct request *rq, struct reply *rp, int64_t count)
{
    const char *text = arena_print(rq->arena, "%lld", (long long)count);
    return reply_text(rq, rp, 200, "text/plain", text, strlen(text));
}

struct problem *entity_count(struct request *rq, struct reply *rp)
{
    struct resource *count = arena_new_of(rq->arena, struct resource);
    TRY(protocol_version(rq, &count->protocol));
    TRY(protocol_options(rq, of_count));
    count->ask.dataset = request_path(rq, 0);
    count->ask.variant = "odata count";
    count->count = give_count;
    return resource_answer(rq, rp, count);
}
