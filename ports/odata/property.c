#include "property.h"

#include "edm.h"
#include "entity.h"
#include "resource.h"
#include "set.h"
#include "writer.h"

#include <string.h>

static const char *const known[] = { "format", "snapshot", "as_of", NULL };

static struct problem *no_entity(struct request *rq, const struct selection *selection)
{
    return problem_new(rq->arena, &PROBLEM_NOT_FOUND, "%s has no entity (%s)",
                       selection->datum->name, selection->ask.key);
}

/* {"@odata.context":"…#sales(42)/name","value":…} */
static struct problem *write_json(struct request *rq, struct reply *rp,
                                  const struct rows_page *page)
{
    const struct protocol *protocol = page->context;
    const struct columns *columns = query_columns(page->selection->query);
    const struct column *column = &columns->list[0];
    struct row_value value;
    const char *key;
    CLEANUP(buffer_clear) struct buffer out = { 0 };
    if (!page->count)
        return no_entity(rq, page->selection);
    rows_page_row(page, 0, &value);
    if (value.size < 0)
        return reply_empty(rq, rp, 204);
    TRY(writer_key(rq, page, 0, &key));
    buffer_add_char(&out, '{');
    protocol_add_context(
        rq, &out, protocol,
        arena_print(rq->arena, "#%s%s/%s", page->selection->datum->name, key, column->name));
    if (protocol->level == METADATA_FULL && edm_is_hidden(column))
        buffer_print(&out, "\"%stype\":\"%s%s\",", protocol->prefix, protocol->is_4_01 ? "" : "#",
                     edm_type(column, protocol->is_4_01));
    buffer_add_text(&out, "\"value\":");
    TRY(encoder_value(writer_encoder(rq, protocol, columns, NULL), 0, value, &out));
    buffer_add_text(&out, "}\n");
    return reply_text(rq, rp, 200, protocol->media_type, arena_copy(rq->arena, out.data, out.size),
                      out.size);
}

/* The value without anything around it. */
static struct problem *write_raw(struct request *rq, struct reply *rp, const struct rows_page *page)
{
    const struct column *column = &query_columns(page->selection->query)->list[0];
    struct row_value value;
    const char *text;
    if (!page->count)
        return no_entity(rq, page->selection);
    rows_page_row(page, 0, &value);
    if (value.size < 0)
        return reply_empty(rq, rp, 204);
    if (column->type == COLUMN_BYTES)
        return reply_text(rq, rp, 200, "application/octet-stream",
                          arena_copy(rq->arena, value.data, (size_t)value.size),
                          (size_t)value.size);
    TRY(encode_value_text(rq->arena, column, value, &text));
    return reply_text(
        rq, rp, 200, column->type == COLUMN_JSON ? "application/json" : "text/plain; charset=utf-8",
        text, strlen(text));
}

static struct problem *answer(struct request *rq, struct reply *rp, const char *set_name,
                              const char *key, const char *property, bool raw)
{
    struct resource *value = arena_new_of(rq->arena, struct resource);
    struct protocol *protocol = &value->protocol;
    TRY(raw ? protocol_version(rq, protocol) : protocol_json(rq, protocol));
    TRY(protocol_options(rq, known));
    value->ask.dataset = set_name;
    value->ask.key = key;
    value->ask.select = property;
    value->ask.placed = true;
    value->ask.variant = raw ? "odata value" : protocol_variant(rq->arena, protocol, "property");
    value->write = raw ? write_raw : write_json;
    return resource_answer(rq, rp, value);
}

static bool is_system(const char *segment)
{
    return segment[0] == '$';
}

static struct problem *unsupported(struct request *rq, const char *segment)
{
    return problem_new(rq->arena, &PROBLEM_NOT_IMPLEMENTED, "%s is not served here", segment);
}

/* The property of set(key). */
static struct problem *of_parentheses(struct request *rq, struct reply *rp, bool raw)
{
    const char *name;
    const char *key;
    const char *property = request_path(rq, 1);
    if (is_system(request_path(rq, 0)) || is_system(property))
        return unsupported(rq, is_system(property) ? property : request_path(rq, 0));
    if (!set_split(rq->arena, request_path(rq, 0), &name, &key) || !key)
        return problem_new(rq->arena, &PROBLEM_NOT_FOUND,
                           "%s is no entity: its key stands in parentheses, as in sales(42)",
                           request_path(rq, 0));
    return answer(rq, rp, name, key, property, raw);
}

static struct problem *of_segment(struct request *rq, struct reply *rp, bool raw)
{
    const char *property = request_path(rq, 2);
    struct set set;
    if (is_system(property) || is_system(request_path(rq, 1)))
        return unsupported(rq, is_system(property) ? property : request_path(rq, 1));
    TRY(set_find(rq, request_path(rq, 0), &set));
    return answer(rq, rp, request_path(rq, 0),
                  set_key_of_segment(rq->arena, &set, request_path(rq, 1)), property, raw);
}

struct problem *property_get(struct request *rq, struct reply *rp)
{
    const char *segment = request_path(rq, 0);
    struct set set;
    if (strchr(segment, '(') || is_system(segment) || is_system(request_path(rq, 1)))
        return of_parentheses(rq, rp, false);
    TRY(set_find(rq, segment, &set));
    return entity_get_one(rq, rp, segment,
                          set_key_of_segment(rq->arena, &set, request_path(rq, 1)));
}

struct problem *property_get_by_segment(struct request *rq, struct reply *rp)
{
    return of_segment(rq, rp, false);
}

struct problem *property_value(struct request *rq, struct reply *rp)
{
    return of_parentheses(rq, rp, true);
}

struct problem *property_value_by_segment(struct request *rq, struct reply *rp)
{
    return of_segment(rq, rp, true);
}
