#include "service.h"

#include "server/base/buffer.h"
#include "set.h"

#include <string.h>

static const char *const known[] = { "format", NULL };

static void add_set(struct request *rq, struct buffer *out, const struct protocol *protocol,
                    const struct set *set)
{
    const char *name = set->datum->name;
    const char *title = set->datum->contract->title;
    /* a URL is relative to that of the context; without one it must stand alone */
    const char *base =
        protocol->level == METADATA_NONE ? arena_print(rq->arena, "%s/", protocol_root(rq)) : "";
    buffer_print(out, "{\"name\":\"%s\",\"kind\":\"EntitySet\",\"url\":\"%s%s\"", name, base, name);
    if (title && strcmp(title, name) != 0) {
        buffer_add_text(out, ",\"title\":");
        buffer_add_json_string(out, title, strlen(title));
    }
    buffer_add_char(out, '}');
}

struct problem *service_get(struct request *rq, struct reply *rp)
{
    struct protocol protocol;
    TRY(protocol_json(rq, &protocol));
    TRY(protocol_options(rq, known));
    reply_header(rp, "Cache-Control", "private, no-cache");
    reply_header(rp, "Vary", "Accept, Authorization");
    if (reply_not_modified(rq, rp,
                           sets_etag(rq, protocol_variant(rq->arena, &protocol, "service"))))
        return NULL;
    size_t count;
    const struct set *sets = sets_list(rq, &count);
    CLEANUP(buffer_clear) struct buffer out = { 0 };
    buffer_add_char(&out, '{');
    protocol_add_context(rq, &out, &protocol, "");
    buffer_add_text(&out, "\"value\":[");
    for (size_t i = 0; i < count; i++) {
        buffer_add_text(&out, i ? "," : "");
        add_set(rq, &out, &protocol, &sets[i]);
    }
    buffer_add_text(&out, "]}\n");
    return reply_text(rq, rp, 200, protocol.media_type, arena_copy(rq->arena, out.data, out.size),
                      out.size);
}
