#include "lineage.h"

#include "openlineage.h"
#include "server/base/text.h"
#include "server/formats/format.h"
#include "server/formats/moment.h"
#include "sql.h"

#include <stdlib.h>
#include <string.h>

#define LIST_MOST 1000
#define AT_2000 INT64_C(946684800000000)    /* moments are since 2000, times since 1970 */
#define AT_MOST INT64_C(253402300799999999) /* the end of 9999 */

CLEANUP_DEFINE(json_t *, json_decref)
CLEANUP_DEFINE(char *, free)

/* An event, and a place in the list of them: at, then run, then 0 for its start, 1 for its end. */
struct place {
    int64_t at;
    int64_t run;
    int32_t event;
};

struct places {
    struct arena *arena;
    struct place row; /* the one just read */
    struct place *list;
    size_t count;
};

/* 1732666800000000.12.1, or a time: what happens at it is after it. */
static bool place_read(struct arena *arena, const char *text, struct place *out)
{
    int64_t since_2000;
    int64_t event;
    char **parts = text_split(arena, text, ".");
    if (strchr(text, '-')) {
        *out = (struct place){ 0 };
        bool good = !moment_read_timestamp(text, strlen(text), &since_2000);
        out->at = good ? since_2000 + AT_2000 : 0;
        return good;
    }
    if (!parts[0] || !parts[1] || !parts[2] || parts[3] || !text_to_int64(parts[0], &out->at)
        || !text_to_int64(parts[1], &out->run) || !text_to_int64(parts[2], &event)
        || (event != 0 && event != 1) || out->at < 0 || out->at > AT_MOST)
        return false;
    out->event = (int32_t)event;
    return true;
}

static struct problem *place_option(struct request *rq, const char *name, struct place *out_place,
                                    bool *out_given)
{
    const char *text = request_option(rq, name);
    *out_given = text != NULL;
    if (!text || place_read(rq->arena, text, out_place))
        return NULL;
    struct problem *problem = problem_new(
        rq->arena, &PROBLEM_BAD_QUERY,
        "%s must be a place as the Link headers have it, or a time like 2026-01-31T12:30:00Z",
        name);
    problem_add_text(rq->arena, problem, "option", name);
    return problem;
}

static struct problem *keep_place(void *context)
{
    struct places *places = context;
    places->list = arena_grown(places->arena, places->list, places->count, sizeof *places->list);
    places->list[places->count++] = places->row;
    return NULL;
}

/* Newest first, whichever way they were read. */
static struct problem *find_places(struct request *rq, const struct place *from, bool after,
                                   int64_t top, struct places *places)
{
    places->arena = rq->arena;
    const struct db_param in[] = { db_time(from->at), db_int64(from->run), db_int32(from->event),
                                   db_int64(top) };
    const struct db_column out[] = { db_to_time(&places->row.at), db_to_int64(&places->row.run),
                                     db_to_int32(&places->row.event) };
    TRY(db_each(rq->db, rq->arena, after ? &sql_event_list_after : &sql_event_list_before, in,
                COUNT(in), out, COUNT(out), keep_place, places));
    for (size_t i = 0; after && i < places->count / 2; i++) {
        struct place kept = places->list[i];
        places->list[i] = places->list[places->count - 1 - i];
        places->list[places->count - 1 - i] = kept;
    }
    return NULL;
}

static void link_to(struct request *rq, struct reply *rp, const char *relation, const char *option,
                    const struct place *place, int64_t top)
{
    reply_header(rp, "Link", "<%s/observability/lineage?top=%lld&%s=%lld.%lld.%d>; rel=\"%s\"",
                 request_base_url(rq), (long long)top, option, (long long)place->at,
                 (long long)place->run, (int)place->event, relation);
}

static struct problem *event_text(struct request *rq, struct arena *arena,
                                  const struct place *place, char **out_text)
{
    bool found;
    struct lineage_run run;
    const struct db_param in[] = { db_int64(place->run) };
    const struct db_column out[] = {
        db_to_text(&run.uuid),        db_to_text(&run.document),        db_to_text(&run.state),
        db_to_time(&run.as_of),       db_to_text(&run.origin),          db_to_text(&run.error),
        db_to_text(&run.parent_uuid), db_to_text(&run.parent_pipeline), db_to_text(&run.sources),
        db_to_text(&run.outputs),     db_to_text(&run.quality),
    };
    TRY(db_maybe(rq->db, arena, &sql_event_run, in, COUNT(in), out, COUNT(out), &found));
    *out_text = NULL;
    if (!found) /* history was cut since the list was read */
        return NULL;
    const struct lineage_event event = { request_base_url(rq), server_catalogue(rq), &run,
                                         place->at, place->event == 1 };
    CLEANUP(json_decref_at) json_t *json = NULL;
    TRY(openlineage_event(arena, &event, &json));
    *out_text = json_dumps(json, JSON_COMPACT);
    return *out_text ? NULL
                     : problem_new(rq->arena, &PROBLEM_INTERNAL, "an event cannot be written");
}

/* One event at a time: memory does not grow with the list. */
static struct problem *stream(struct request *rq, struct reply *rp, const struct places *places,
                              enum format format)
{
    bool lines = format == FORMAT_NDJSON;
    const char *between = lines ? "" : "[";
    TRY(reply_begin(rq, rp, 200, format_media_type(format)));
    CLEANUP(arena_free_at) struct arena *scratch = arena_new(64 * 1024);
    for (size_t i = 0; i < places->count; i++) {
        arena_reset(scratch);
        CLEANUP(free_at) char *text = NULL;
        struct problem *problem = event_text(rq, scratch, &places->list[i], &text);
        if (problem) /* it must outlive the scratch arena */
            return problem_because(rq->arena,
                                   problem_new(rq->arena, problem->kind, "%s", problem->detail),
                                   "%s", problem->cause ? problem->cause : problem->detail);
        if (!text)
            continue;
        TRY(reply_write(rq, rp, between, strlen(between)));
        TRY(reply_write(rq, rp, text, strlen(text)));
        between = lines ? "\n" : ",\n";
    }
    const char *end = lines ? (between[0] ? "\n" : "") : (between[0] == '[' ? "[]\n" : "]\n");
    return *end ? reply_write(rq, rp, end, strlen(end)) : NULL;
}

struct problem *lineage_list(struct request *rq, struct reply *rp)
{
    static const char *const known[] = { "before", "after", "top", NULL };
    struct place from = { .at = AT_MOST, .run = INT64_MAX, .event = 1 };
    struct places places = { 0 };
    bool before;
    bool after;
    int64_t top;
    enum format format = format_by_accept(request_header(rq, "Accept"));
    TRY(server_known_options(rq, known));
    TRY(server_number_option(rq, "top", 1, LIST_MOST, 100, &top));
    TRY(place_option(rq, "before", &from, &before));
    TRY(place_option(rq, "after", &from, &after));
    if (before && after)
        return problem_new(rq->arena, &PROBLEM_BAD_QUERY, "before and after exclude each other");
    if (format != FORMAT_JSON && format != FORMAT_NDJSON)
        return problem_new(rq->arena, &PROBLEM_NOT_ACCEPTABLE,
                           "events are application/json or application/x-ndjson");
    TRY(find_places(rq, &from, after, top, &places));
    if ((int64_t)places.count == top)
        link_to(rq, rp, "next", "before", &places.list[places.count - 1], top);
    if (places.count)
        link_to(rq, rp, "prev", "after", &places.list[0], top);
    reply_header(rp, "Cache-Control", "no-store");
    return stream(rq, rp, &places, format);
}
