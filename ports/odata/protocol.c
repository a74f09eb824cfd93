#include "protocol.h"

#include "server/base/buffer.h"
#include "server/base/text.h"
#include "server/http/media.h"

#include <string.h>

static const char json_media[] = "application/json";
static const char xml_media[] = "application/xml";

/* A header field that may be written with or without OData- in front; NULL: neither. */
static const char *either_header(const struct request *rq, const char *name)
{
    const char *value = request_header(rq, name);
    return value ? value : request_header(rq, name + strlen("OData-"));
}

/* digits.digits, compared as a decimal: 4.01 is more than 4.0 and less than 4.1. */
static bool read_version(const char *text, bool *out_known, bool *out_is_4_01)
{
    size_t whole = strspn(text, "0123456789");
    if (!whole || whole > 4 || text[whole] != '.')
        return false;
    const char *part = text + whole + 1;
    size_t digits = strspn(part, "0123456789");
    if (!digits || part[digits])
        return false;
    int64_t major = 0;
    for (size_t i = 0; i < whole; i++)
        major = major * 10 + (text[i] - '0');
    bool is_4_01 = major > 4 || part[0] > '0' || (digits > 1 && part[1] > '0');
    *out_known = major >= 4;
    *out_is_4_01 = major >= 4 && is_4_01;
    return true;
}

void protocol_begin_reply(struct request *rq, struct reply *rp)
{
    const char *most = request_header(rq, "OData-MaxVersion");
    bool known;
    bool is_4_01 = false;
    if (most && !read_version(most, &known, &is_4_01))
        is_4_01 = false;
    reply_header(rp, "OData-Version", "%s", is_4_01 ? "4.01" : "4.0");
    reply_header(rp, "Vary", "OData-MaxVersion");
}

struct problem *protocol_version(struct request *rq, struct protocol *out_protocol)
{
    const char *most = request_header(rq, "OData-MaxVersion");
    const char *isolation = either_header(rq, "OData-Isolation");
    struct protocol protocol = { .prefix = "@odata." };
    bool known = true;
    if (most && !read_version(most, &known, &protocol.is_4_01))
        return problem_new(rq->arena, &PROBLEM_BAD_REQUEST,
                           "OData-MaxVersion must be a version such as 4.0, not %s", most);
    if (!known)
        return problem_new(rq->arena, &PROBLEM_NOT_ACCEPTABLE,
                           "OData 4.0 and 4.01 are spoken here; OData-MaxVersion asks for at most "
                           "%s",
                           most);
    if (isolation && !text_equal_caseless(isolation, "snapshot"))
        return problem_new(rq->arena, &PROBLEM_PRECONDITION,
                           "the only Isolation is snapshot, which every answer has");
    if (protocol.is_4_01)
        protocol.prefix = "@";
    *out_protocol = protocol;
    return NULL;
}

/* The parameters of a range that say how the JSON is to be. */
struct wish {
    enum metadata_level level;
    bool exact;
    bool streaming;
    bool is_of_data; /* it says something that only rows have */
};

static bool read_level(const char *value, enum metadata_level *out_level)
{
    static const char *const names[] = {
        [METADATA_MINIMAL] = "minimal", [METADATA_FULL] = "full", [METADATA_NONE] = "none"
    };
    for (size_t i = 0; i < COUNT(names); i++)
        if (text_equal_caseless(value, names[i])) {
            *out_level = (enum metadata_level)i;
            return true;
        }
    return false;
}

static bool read_switch(const char *value, bool *out_on)
{
    *out_on = text_equal_caseless(value, "true");
    return *out_on || text_equal_caseless(value, "false");
}

/* False when the range asks for what is not served. What nobody defined is ignored. */
static bool read_wish(const struct media_range *range, struct wish *out_wish)
{
    struct wish wish = { 0 };
    bool good = true;
    for (size_t i = 0; i < range->parameter_count && good; i++) {
        const struct media_parameter *parameter = &range->parameters[i];
        const char *name = parameter->name;
        wish.is_of_data |= text_starts(name, "odata"); /* odata=verbose, of OData 3 */
        name += text_starts(name, "odata.") ? strlen("odata.") : 0;
        if (text_equal_caseless(name, "metadata")) {
            wish.is_of_data = true;
            good = read_level(parameter->value, &wish.level);
        } else if (text_equal_caseless(name, "IEEE754Compatible")) {
            wish.is_of_data = true;
            good = read_switch(parameter->value, &wish.exact);
        } else if (text_equal_caseless(name, "streaming")) {
            good = read_switch(parameter->value, &wish.streaming);
        } else if (text_equal_caseless(name, "charset")) {
            good = text_equal_caseless(parameter->value, "utf-8");
        }
    }
    *out_wish = wish;
    return good;
}

/* The ranges a client names, by the option or the header field; count 0 means anything. */
static const struct media_range *wanted(struct request *rq, size_t *out_count)
{
    const char *format = request_query_option(rq, "format");
    if (!format)
        return media_ranges(rq->arena, request_header(rq, "Accept"), out_count);
    if (text_equal_caseless(format, "json"))
        format = json_media;
    else if (text_equal_caseless(format, "xml"))
        format = xml_media;
    return media_ranges(rq->arena, format, out_count);
}

static bool accepts_anything(struct request *rq)
{
    const char *accept = request_header(rq, "Accept");
    return !request_query_option(rq, "format") && (!accept || !accept[strspn(accept, " \t")]);
}

/* The best range for JSON: of those that name it most exactly, the one with the best q. */
static bool choose_json(struct request *rq, struct wish *out_wish)
{
    size_t count;
    const struct media_range *ranges = wanted(rq, &count);
    int exactness = 0;
    int quality = 0;
    *out_wish = (struct wish){ 0 };
    if (accepts_anything(rq))
        return true;
    for (size_t i = 0; i < count; i++) {
        struct wish wish;
        int exact = media_exactness(&ranges[i], json_media);
        if (!exact || !read_wish(&ranges[i], &wish))
            continue;
        if (exact < exactness || (exact == exactness && ranges[i].quality <= quality))
            continue;
        exactness = exact;
        quality = ranges[i].quality;
        *out_wish = wish;
    }
    return quality > 0;
}

struct problem *protocol_json(struct request *rq, struct protocol *out_protocol)
{
    static const char *const levels[] = {
        [METADATA_MINIMAL] = "minimal", [METADATA_FULL] = "full", [METADATA_NONE] = "none"
    };
    struct wish wish;
    TRY(protocol_version(rq, out_protocol));
    if (!choose_json(rq, &wish))
        return problem_new(rq->arena, &PROBLEM_NOT_ACCEPTABLE,
                           "this is served as application/json, with the parameters metadata="
                           "minimal, full or none and IEEE754Compatible=true or false");
    const char *odata = out_protocol->is_4_01 ? "" : "odata.";
    out_protocol->level = wish.level;
    out_protocol->exact = wish.exact;
    out_protocol->media_type =
        arena_print(rq->arena, "application/json;%smetadata=%s%s%s", odata, levels[wish.level],
                    wish.streaming ? arena_print(rq->arena, ";%sstreaming=true", odata) : "",
                    wish.exact ? ";IEEE754Compatible=true" : "");
    return NULL;
}

/*
 * Clients send the field they have for rows with every request, and read $metadata as XML all the
 * same. So XML wins wherever it is acceptable at all, unless JSON is wanted more by a range that
 * can mean a document, not rows.
 */
struct problem *protocol_csdl(struct request *rq, bool *out_json)
{
    size_t count;
    const struct media_range *ranges = wanted(rq, &count);
    int xml = accepts_anything(rq);
    int json = 0;
    int rows = 0;
    for (size_t i = 0; i < count; i++) {
        struct wish wish;
        int quality = ranges[i].quality;
        if (media_exactness(&ranges[i], xml_media) && quality > xml)
            xml = quality;
        if (media_exactness(&ranges[i], json_media) < 3 || !read_wish(&ranges[i], &wish))
            continue;
        int *best = wish.is_of_data ? &rows : &json;
        if (quality > *best)
            *best = quality;
    }
    if (!xml && !json && !rows)
        return problem_new(rq->arena, &PROBLEM_NOT_ACCEPTABLE,
                           "the metadata is served as application/xml and application/json");
    *out_json = json > xml || (!xml && rows);
    return NULL;
}

struct problem *protocol_options(struct request *rq, const char *const *known)
{
    size_t count;
    const struct request_option *options = request_options(rq, &count);
    for (size_t i = 0; i < count; i++) {
        const char *name = options[i].name + (options[i].name[0] == '$');
        size_t k = 0;
        while (known[k] && !text_equal_caseless(known[k], name))
            k++;
        if (known[k] || name[0] == '@')
            continue;
        struct problem *problem =
            problem_new(rq->arena, &PROBLEM_BAD_QUERY, "the option %s is not one of this resource",
                        options[i].name);
        problem_add_text(rq->arena, problem, "option", name);
        return problem;
    }
    return NULL;
}

const char *protocol_root(const struct request *rq)
{
    return arena_print(rq->arena, "%s" ODATA_ROOT, request_base_url(rq));
}

const char *protocol_variant(struct arena *arena, const struct protocol *protocol,
                             const char *resource)
{
    return arena_print(arena, "odata %s %s", resource, protocol->media_type);
}

void protocol_add_context(struct request *rq, struct buffer *out, const struct protocol *protocol,
                          const char *fragment)
{
    if (protocol->level == METADATA_NONE)
        return;
    const char *url = arena_print(rq->arena, "%s/$metadata%s", protocol_root(rq), fragment);
    buffer_print(out, "\"%scontext\":", protocol->prefix);
    buffer_add_json_string(out, url, strlen(url));
    buffer_add_char(out, ',');
}
