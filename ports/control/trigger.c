#include "trigger.h"

#include "server/model/schedule.h"
#include "server/operate/zones.h"
#include "sql.h"

#include <string.h>

#define NEXT_MOST 5 /* due times shown */

CLEANUP_DEFINE(json_t *, json_decref)

struct trigger_row {
    struct request *rq;
    struct trigger_row *all; /* as found; the zones are asked for after the rows have come */
    size_t count;
    const char *name, *kind, *parameters, *dataset, *upstream, *cron, *timezone, *missed;
    const char *last_run_state;
    int64_t due_at, left_out, last_due_at, last_fired_at, last_run_id;
    bool waiting;
};

static struct problem *note_row(void *context)
{
    struct trigger_row *row = context;
    row->all = arena_grown(row->rq->arena, row->all, row->count, sizeof *row->all);
    row->all[row->count++] = *row;
    return NULL;
}

static struct problem *read_rows(struct request *rq, const char *pipeline, struct trigger_row *row)
{
    const struct db_param in[] = { db_text(pipeline) };
    const struct db_column out[] = {
        db_to_text(&row->name),
        db_to_text(&row->kind),
        db_to_text(&row->parameters),
        db_to_text(&row->dataset),
        db_to_text(&row->upstream),
        db_to_text(&row->cron),
        db_to_text(&row->timezone),
        db_to_text(&row->missed),
        db_to_time_or(&row->due_at, 0),
        db_to_int64(&row->left_out),
        db_to_time_or(&row->last_due_at, 0),
        db_to_time_or(&row->last_fired_at, 0),
        db_to_int64_or(&row->last_run_id, 0),
        db_to_text(&row->last_run_state),
        db_to_bool(&row->waiting),
    };
    return db_each(rq->db, rq->arena, &sql_trigger_list, in, COUNT(in), out, COUNT(out), note_row,
                   row);
}

/* The next due times: the one that is stored, and those behind it. */
static struct problem *next_due(struct zones *zones, const struct trigger_row *row, int64_t now_at,
                                json_t *list)
{
    struct request *rq = row->rq;
    const struct zone *zone;
    struct cron cron;
    const char *reason;
    int64_t at = row->due_at;
    if (!cron_parse(rq->arena, row->cron, &cron, &reason))
        return problem_new(rq->arena, &PROBLEM_INTERNAL, "the stored schedule \"%s\": %s",
                           row->cron, reason);
    TRY(zones_find(zones, rq->db, row->timezone, &zone));
    bool more = at || cron_next(&cron, zone, now_at, &at);
    for (int i = 0; i < NEXT_MOST && more; i++) {
        /* a list that cannot grow is short of a time, and the rest is right */
        (void)json_array_append_new(list, server_json_time(rq, at));
        more = cron_next(&cron, zone, at, &at);
    }
    return NULL;
}

/* Only what the kind of the trigger has. */
static struct problem *kind_json(struct zones *zones, const struct trigger_row *row, int64_t now_at,
                                 json_t *item)
{
    if (strcmp(row->kind, "schedule") != 0)
        return NULL;
    CLEANUP(json_decref_at) json_t *next = json_array();
    TRY(next_due(zones, row, now_at, next));
    CLEANUP(json_decref_at)
    json_t *schedule = json_pack("{s:s, s:s, s:s, s:O, s:o, s:I}", "cron", row->cron, "timezone",
                                 row->timezone, "missed", row->missed, "next_due_at", next,
                                 "last_due_at", server_json_time(row->rq, row->last_due_at),
                                 "left_out", (json_int_t)row->left_out);
    if (json_object_update(item, schedule))
        return problem_new(row->rq->arena, &PROBLEM_INTERNAL, "the triggers cannot be written");
    return NULL;
}

static json_t *last_run_json(const struct trigger_row *row)
{
    if (!row->last_run_id)
        return json_null();
    return json_pack("{s:I, s:s, s:s}", "id", (json_int_t)row->last_run_id, "state",
                     row->last_run_state, "href",
                     arena_print(row->rq->arena, "%s/control/runs/%lld", request_base_url(row->rq),
                                 (long long)row->last_run_id));
}

static struct problem *append_trigger(struct zones *zones, const struct trigger_row *row,
                                      int64_t now_at, json_t *list)
{
    const char *input = row->dataset ? arena_print(row->rq->arena, "input.%s", row->dataset) : NULL;
    CLEANUP(json_decref_at)
    json_t *item = json_pack("{s:s, s:s, s:s*, s:s*, s:o, s:o, s:o, s:b}", "name", row->name, "on",
                             row->kind, "dataset", input, "pipeline", row->upstream, "parameters",
                             json_loads(row->parameters, 0, NULL), "last_fired_at",
                             server_json_time(row->rq, row->last_fired_at), "last_run",
                             last_run_json(row), "waiting", (int)row->waiting);
    TRY(kind_json(zones, row, now_at, item));
    if (!item || json_array_append(list, item))
        return problem_new(row->rq->arena, &PROBLEM_INTERNAL, "the triggers cannot be written");
    return NULL;
}

struct problem *trigger_list_json(struct request *rq, const char *pipeline, json_t **out_list)
{
    struct trigger_row rows = { .rq = rq };
    int64_t now_at;
    const struct db_column out[] = { db_to_time(&now_at) };
    CLEANUP(json_decref_at) json_t *list = json_array();
    TRY(db_one(rq->db, rq->arena, &sql_trigger_clock, NULL, 0, out, COUNT(out)));
    TRY(read_rows(rq, pipeline, &rows));
    struct zones *zones = zones_new(rq->arena, now_at);
    for (size_t i = 0; i < rows.count; i++)
        TRY(append_trigger(zones, &rows.all[i], now_at, list));
    *out_list = TAKE(list);
    return NULL;
}

struct problem *trigger_get_all(struct request *rq, struct reply *rp)
{
    static const char *const known[] = { NULL };
    const char *name = request_path(rq, 0);
    json_t *list;
    TRY(server_known_options(rq, known));
    if (!catalogue_pipeline(server_catalogue(rq), name))
        return problem_new(rq->arena, &PROBLEM_NOT_FOUND, "there is no pipeline %s", name);
    TRY(trigger_list_json(rq, name, &list));
    reply_header(rp, "Cache-Control", "no-store");
    return reply_json(rq, rp, 200, list);
}
