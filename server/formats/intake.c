#include "intake.h"

#include "csv_reader.h"
#include "json_reader.h"
#include "sink.h"

#include <assert.h>
#include <strings.h>

#define PIECE_BYTES 65536 /* bytes looked at in one go: what stays in the cache */

struct intake {
    struct arena *arena;
    enum intake_format format;
    struct sink sink;
    struct csv_reader *csv;
    struct json_reader *json;
    struct buffer window;   /* bytes not used yet: the beginning of a row that is not complete */
    bool begun;             /* the header of COPY was written */
    bool marked;            /* the byte order mark was looked for */
    struct problem *failed; /* nothing is read any more */
};

struct intake *intake_open(struct arena *arena, const struct intake_options *options)
{
    assert(options->format != INTAKE_NONE && options->max_field > 0 && options->max_depth > 0);
    struct intake *intake = arena_new_of(arena, struct intake);
    intake->arena = arena;
    intake->format = options->format;
    sink_init(&intake->sink, arena, options);
    if (options->format == INTAKE_CSV)
        intake->csv = csv_reader_new(arena, options, &intake->sink);
    else
        intake->failed = json_reader_new(arena, options, &intake->sink, &intake->json);
    return intake;
}

void intake_close(struct intake *intake)
{
    if (intake)
        buffer_clear(&intake->window);
}

/* Skip a byte order mark; false while the first bytes may still become one. */
static bool skip_mark(struct intake *intake, bool final)
{
    static const char mark[] = "\xEF\xBB\xBF";
    struct buffer *window = &intake->window;
    size_t size = window->size < 3 ? window->size : 3;
    if (size && memcmp(window->data, mark, size) == 0) {
        if (size < 3)
            return final;
        buffer_consume(window, 3);
    }
    intake->marked = size > 0;
    return true;
}

static struct problem *read_window(struct intake *intake, bool final)
{
    struct buffer *window = &intake->window;
    if (!intake->marked && !skip_mark(intake, final))
        return NULL;
    (void)buffer_room(window, 1); /* so that data is never NULL */
    size_t used;
    if (intake->json)
        TRY(json_reader_read(intake->json, window->data, window->size, final, &used));
    else
        TRY(csv_reader_read(intake->csv, window->data, window->size, &used));
    buffer_consume(window, used);
    if (final && intake->csv)
        TRY(csv_reader_end(intake->csv, window->data, window->size));
    return NULL;
}

static void begin(struct intake *intake, struct buffer *out)
{
    intake->sink.out = out;
    if (!intake->begun)
        sink_begin(&intake->sink);
    intake->begun = true;
}

struct problem *intake_feed(struct intake *intake, const char *data, size_t size,
                            struct buffer *out)
{
    if (intake->failed)
        return intake->failed;
    begin(intake, out);
    while (size) {
        size_t piece = size < PIECE_BYTES ? size : PIECE_BYTES;
        buffer_add(&intake->window, data, piece);
        data += piece;
        size -= piece;
        intake->failed = read_window(intake, false);
        if (intake->failed)
            return intake->failed;
    }
    return NULL;
}

struct problem *intake_end(struct intake *intake, struct buffer *out)
{
    if (intake->failed)
        return intake->failed;
    begin(intake, out);
    intake->failed = read_window(intake, true);
    if (!intake->failed)
        intake->failed = sink_problem(&intake->sink);
    if (!intake->failed)
        sink_end(&intake->sink);
    return intake->failed;
}

int64_t intake_rows(const struct intake *intake)
{
    return intake->sink.accepted;
}

enum intake_format intake_format_of(const char *media_type)
{
    static const struct {
        const char *media_type;
        enum intake_format format;
    } types[] = {
        { "text/csv", INTAKE_CSV },
        { "application/json", INTAKE_JSON },
        { "application/x-ndjson", INTAKE_NDJSON },
        { "application/ndjson", INTAKE_NDJSON },
        { "application/jsonl", INTAKE_NDJSON },
    };
    if (!media_type)
        return INTAKE_NONE;
    media_type += strspn(media_type, " \t");
    size_t size = strcspn(media_type, "; \t");
    for (size_t i = 0; i < COUNT(types); i++)
        if (strlen(types[i].media_type) == size
            && strncasecmp(types[i].media_type, media_type, size) == 0)
            return types[i].format;
    return INTAKE_NONE;
}
