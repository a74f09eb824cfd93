#include "format.h"

#include "server/base/cleanup.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

#define PARQUET "application/vnd.apache.parquet"
#define ARROW "application/vnd.apache.arrow.stream"

/* The first row of a format is how we write it; further rows are other names clients know it by. */
static const struct {
    enum format format;
    const char *name;
    const char *range; /* what an Accept header calls it; NULL: it has no word for it */
    const char *media_type;
    const char *extension;
} formats[] = {
    { FORMAT_JSON, "json", "application/json", "application/json", "json" },
    { FORMAT_NDJSON, "ndjson", "application/x-ndjson", "application/x-ndjson", "ndjson" },
    { FORMAT_NDJSON, "ndjson", "application/ndjson", NULL, NULL },
    { FORMAT_NDJSON, "ndjson", "application/jsonl", NULL, NULL },
    { FORMAT_CSV, "csv", "text/csv", "text/csv; charset=utf-8; header=present", "csv" },
    { FORMAT_PARQUET, "parquet", PARQUET, PARQUET, "parquet" },
    { FORMAT_PARQUET_UNCOMPRESSED, "parquet-uncompressed", NULL, PARQUET, "parquet" },
    { FORMAT_ARROW, "arrow", ARROW, ARROW, "arrows" },
};

const char *format_media_type(enum format format)
{
    for (size_t i = 0; i < COUNT(formats); i++)
        if (formats[i].format == format)
            return formats[i].media_type;
    return NULL;
}

const char *format_name(enum format format)
{
    for (size_t i = 0; i < COUNT(formats); i++)
        if (formats[i].format == format)
            return formats[i].name;
    return NULL;
}

const char *format_extension(enum format format)
{
    for (size_t i = 0; i < COUNT(formats); i++)
        if (formats[i].format == format)
            return formats[i].extension;
    return NULL;
}

bool format_is_columnar(enum format format)
{
    return format == FORMAT_PARQUET || format == FORMAT_PARQUET_UNCOMPRESSED
           || format == FORMAT_ARROW;
}

enum format format_by_name(const char *name)
{
    for (size_t i = 0; i < COUNT(formats); i++)
        if (strcmp(formats[i].name, name) == 0)
            return formats[i].format;
    return FORMAT_NONE;
}

/* A run of bytes of the header. */
struct span {
    const char *at;
    size_t size;
};

static struct span trim(const char *at, const char *end)
{
    while (at < end && (*at == ' ' || *at == '\t'))
        at++;
    while (end > at && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    return (struct span){ at, (size_t)(end - at) };
}

/* The end of the part that begins at `at`: the next separator outside of quotes, or the end. */
static const char *part_end(const char *at, const char *end, char separator)
{
    bool quoted = false;
    for (; at < end && (quoted || *at != separator); at++) {
        if (quoted && *at == '\\' && at + 1 < end)
            at++;
        else if (*at == '"')
            quoted = !quoted;
    }
    return at;
}

static bool is_token(struct span span)
{
    for (size_t i = 0; i < span.size; i++)
        if (span.at[i] <= ' ' || span.at[i] > '~' || strchr("\"(),/:;<=>?@[\\]{}", span.at[i]))
            return false;
    return span.size > 0;
}

static bool is_equal(struct span span, const char *text)
{
    return span.size == strlen(text) && strncasecmp(span.at, text, span.size) == 0;
}

/* Thousandths of 0, 0.5, 0.125, 1, 1.000; -1 for anything else. */
static int read_quality(struct span span)
{
    if (!span.size || span.size > 5 || (span.at[0] != '0' && span.at[0] != '1')
        || (span.size > 1 && span.at[1] != '.'))
        return -1;
    int quality = (span.at[0] - '0') * 1000;
    int unit = 100;
    for (size_t i = 2; i < span.size; i++, unit /= 10) {
        if (span.at[i] < '0' || span.at[i] > '9')
            return -1;
        quality += (span.at[i] - '0') * unit;
    }
    return quality > 1000 ? -1 : quality;
}

/* The q among parameters; 1000 when it is not there, -1 when the parameters are not well formed. */
static int quality_of(const char *at, const char *end)
{
    int quality = 1000;
    while (at < end) {
        const char *stop = part_end(at + 1, end, ';'); /* at is a semicolon */
        struct span parameter = trim(at + 1, stop);
        at = stop;
        if (!parameter.size)
            continue;
        const char *equals = memchr(parameter.at, '=', parameter.size);
        const char *parameter_end = parameter.at + parameter.size;
        struct span name = trim(parameter.at, equals ? equals : parameter_end);
        if (!is_token(name))
            return -1;
        if (!is_equal(name, "q"))
            continue;
        quality = equals ? read_quality(trim(equals + 1, parameter_end)) : -1;
        break; /* what stands behind q are no parameters of the type */
    }
    return quality;
}

/* How exactly does a media range name a type: 3 whole, 2 by its first half, 1 by all, 0 not? */
static int exactness(struct span type, struct span subtype, const char *media_type)
{
    const char *slash = strchr(media_type, '/');
    struct span ours = { media_type, (size_t)(slash - media_type) };
    if (is_equal(type, "*"))
        return is_equal(subtype, "*") ? 1 : 0;
    if (type.size != ours.size || strncasecmp(type.at, ours.at, ours.size) != 0)
        return 0;
    if (is_equal(subtype, "*"))
        return 2;
    return is_equal(subtype, slash + 1) ? 3 : 0;
}

/* What the header says of one format: the q of the range that names it most exactly. */
struct wish {
    int exactness;
    int quality;
};

static void take_range(struct span range, struct wish *wishes)
{
    const char *end = range.at + range.size;
    const char *stop = part_end(range.at, end, ';');
    const char *slash = memchr(range.at, '/', (size_t)(stop - range.at));
    if (!slash)
        return;
    struct span type = trim(range.at, slash);
    struct span subtype = trim(slash + 1, stop);
    int quality = quality_of(stop, end);
    if (!is_token(type) || !is_token(subtype) || quality < 0)
        return;
    for (size_t i = 0; i < COUNT(formats); i++) {
        if (!formats[i].range)
            continue;
        struct wish *wish = &wishes[formats[i].format];
        int exact = exactness(type, subtype, formats[i].range);
        if (exact > wish->exactness)
            *wish = (struct wish){ exact, quality };
    }
}

enum format format_by_accept(const char *accept)
{
    const char *end = accept ? accept + strlen(accept) : NULL;
    if (!accept || !trim(accept, end).size)
        return FORMAT_JSON;
    struct wish wishes[FORMAT_COUNT] = { 0 };
    for (const char *at = accept; at < end;) {
        const char *stop = part_end(at, end, ',');
        take_range(trim(at, stop), wishes);
        at = stop + 1;
    }
    enum format best = FORMAT_NONE;
    for (enum format format = FORMAT_JSON; format < FORMAT_COUNT; format++)
        if (wishes[format].quality > wishes[best].quality
            || (wishes[format].quality && wishes[format].quality == wishes[best].quality
                && wishes[format].exactness > wishes[best].exactness))
            best = format;
    return best;
}
