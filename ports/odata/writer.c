#include "writer.h"

#include "csdl.h"
#include "edm.h"
#include "server/base/text.h"

#include <string.h>

struct writer {
    struct request *rq;
    const struct protocol *protocol;
    const struct selection *selection;
    struct encoder *encoder;
    struct row_value *values;
    const char *start; /* of every entity */
};

/* Is it none of the model, because apply made it? */
static bool is_dynamic(const struct selection *selection, const struct column *column)
{
    const struct column *known = columns_find(selection->columns, column->name, false);
    return !known || known->type != column->type;
}

/* `"name@odata.type":"#Int64",` for values that do not show it; 4.01 leaves the # out. Of what the
 * model has it is told only where the client wants all metadata. */
static void add_type(struct buffer *out, const struct protocol *protocol,
                     const struct selection *selection, const struct column *column)
{
    bool told = protocol->level == METADATA_FULL
                || (protocol->level == METADATA_MINIMAL && is_dynamic(selection, column));
    if (told && edm_is_hidden(column))
        buffer_print(out, "\"%s%stype\":\"%s%s\",", column->name, protocol->prefix,
                     protocol->is_4_01 ? "" : "#", edm_type(column, protocol->is_4_01));
}

/* What stands before each value. Names are letters, digits and _: no JSON to escape. */
static const char *const *make_leads(struct request *rq, const struct protocol *protocol,
                                     const struct selection *selection)
{
    const struct columns *columns = query_columns(selection->query);
    const char **leads = arena_array_of(rq->arena, const char *, columns->count);
    CLEANUP(buffer_clear) struct buffer lead = { 0 };
    for (size_t i = 0; i < columns->count; i++) {
        buffer_reset(&lead);
        buffer_add_text(&lead, i ? "," : "");
        add_type(&lead, protocol, selection, &columns->list[i]);
        buffer_print(&lead, "\"%s\":", columns->list[i].name);
        leads[i] = arena_copy(rq->arena, lead.data, lead.size);
    }
    return leads;
}

struct encoder *writer_encoder(struct request *rq, const struct protocol *protocol,
                               const struct columns *columns, const char *const *leads)
{
    struct encoder *encoder = encoder_new(rq->arena, FORMAT_NDJSON, columns);
    const struct encoder_style style = { .leads = leads,
                                         .exact = protocol->exact,
                                         .base64url = true,
                                         .json_is_text = !protocol->is_4_01 };
    encoder_set_style(encoder, &style);
    return encoder;
}

struct writer *writer_new(struct request *rq, const struct protocol *protocol,
                          const struct selection *selection, const char *lead)
{
    const struct columns *columns = query_columns(selection->query);
    struct writer *writer = arena_new_of(rq->arena, struct writer);
    writer->rq = rq;
    writer->protocol = protocol;
    writer->selection = selection;
    writer->encoder = writer_encoder(rq, protocol, columns, make_leads(rq, protocol, selection));
    writer->values = arena_array_of(rq->arena, struct row_value, columns->count);
    writer->start = arena_print(rq->arena, "{%s", lead);
    /* what apply made is of no type of the model, and nowhere else to be found */
    if (protocol->level == METADATA_FULL && query_has_apply(selection->query))
        writer->start = arena_print(rq->arena, "%s\"%sid\":null,", writer->start, protocol->prefix);
    else if (protocol->level == METADATA_FULL)
        writer->start = arena_print(rq->arena, "%s\"%stype\":\"#" CSDL_NAMESPACE ".%s\",",
                                    writer->start, protocol->prefix, selection->datum->name);
    return writer;
}

/* A value as it stands in a URL. */
static struct problem *add_key_value(struct request *rq, struct buffer *out,
                                     const struct column *column, struct row_value value)
{
    const char *text;
    TRY(encode_value_text(rq->arena, column, value, &text));
    bool quoted = column->type == COLUMN_TEXT;
    buffer_add_text(out, quoted ? "'" : "");
    for (const char *c = text ? text : ""; *c; c++) {
        size_t size = strcspn(c, "'");
        buffer_add_text(out, text_percent_encode(rq->arena, arena_copy(rq->arena, c, size)));
        c += size;
        if (!*c)
            break;
        buffer_add_text(out, "''");
    }
    buffer_add_text(out, quoted ? "'" : "");
    return NULL;
}

/* The place of a column of the key among the values of a row: selected, or behind those as part of
 * the order. */
static size_t key_place(const struct selection *selection, const char *name)
{
    const struct columns *lists[] = { query_columns(selection->query),
                                      query_order_columns(selection->query) };
    size_t place = 0;
    for (size_t k = 0; k < COUNT(lists); k++)
        for (size_t i = 0; i < lists[k]->count; i++, place++)
            if (strcmp(lists[k]->list[i].name, name) == 0)
                return place;
    return place;
}

struct problem *writer_key(struct request *rq, const struct rows_page *page, size_t row,
                           const char **out_key)
{
    const struct selection *selection = page->selection;
    const struct columns key = columns_key(rq->arena, selection->columns);
    CLEANUP(buffer_clear) struct buffer out = { 0 };
    buffer_add_char(&out, '(');
    for (size_t i = 0; i < key.count; i++) {
        const struct column *column = &key.list[i];
        if (key.count > 1)
            buffer_print(&out, "%s%s=", i ? "," : "", column->name);
        TRY(add_key_value(rq, &out, column,
                          rows_page_value(page, row, key_place(selection, column->name))));
    }
    buffer_add_char(&out, ')');
    *out_key = arena_copy(rq->arena, out.data, out.size);
    return NULL;
}

static struct problem *add_id(struct writer *writer, const struct rows_page *page, size_t row,
                              struct buffer *out)
{
    const char *key;
    TRY(writer_key(writer->rq, page, row, &key));
    const char *url = arena_print(writer->rq->arena, "%s/%s%s", protocol_root(writer->rq),
                                  writer->selection->datum->name, key);
    buffer_print(out, "\"%sid\":", writer->protocol->prefix);
    buffer_add_json_string(out, url, strlen(url));
    buffer_add_char(out, ',');
    return NULL;
}

struct problem *writer_row(struct writer *writer, const struct rows_page *page, size_t row,
                           struct buffer *out)
{
    buffer_add_text(out, writer->start);
    if (writer->protocol->level == METADATA_FULL && !query_has_apply(writer->selection->query))
        TRY(add_id(writer, page, row, out));
    rows_page_row(page, row, writer->values);
    return encoder_row(writer->encoder, writer->values, out);
}
