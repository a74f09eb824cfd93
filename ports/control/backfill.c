#include "backfill.h"

#include "backfill_list.h"
#include "server/base/text.h"
#include "server/operate/runner.h"
#include "server/pipeline/inputs.h"
#include "sql.h"

#include <string.h>

CLEANUP_DEFINE(json_t *, json_decref)

/* A backfill that is asked for. */
struct asking {
    const struct catalogue_pipeline *pipeline;
    struct backfill_list list;
    const char *key;
    const char *subject;
    int64_t id;
    bool known; /* it was asked for before */
};

/* What a run would be refused for is told now, and of which run. */
static struct problem *check_runs(struct request *rq, const struct asking *asking)
{
    const struct pipeline_document *document = &asking->pipeline->document;
    struct pipeline_pins pins;
    const struct bind_value *values;
    size_t count;
    TRY(inputs_pin(rq->arena, server_catalogue(rq), document, NULL, true, &pins));
    for (size_t i = 0; i < asking->list.count; i++) {
        struct problem *problem = inputs_run_row(rq->arena, document, asking->list.parameters[i], 0,
                                                 NULL, false, &values, &count);
        if (!problem)
            continue;
        struct problem *told = problem_new(rq->arena, problem->kind, "run %zu of the backfill: %s",
                                           i + 1, problem->detail);
        told->faults = problem->faults;
        return told;
    }
    return NULL;
}

static struct problem *store(struct db *db, struct arena *arena, void *context)
{
    struct asking *asking = context;
    bool added;
    bool same = false;
    int64_t runs;
    bool told;
    const struct db_param in[] = { db_int64(asking->pipeline->id), db_text(asking->subject),
                                   db_text(asking->key), db_text(asking->list.sha256) };
    const struct db_column out[] = { db_to_int64(&asking->id) };
    TRY(db_maybe(db, arena, &sql_backfill_add, in, COUNT(in), out, COUNT(out), &added));
    asking->known = !added;
    if (added) {
        const struct db_param list[] = { db_int64(asking->id), db_texts(asking->list.parameters),
                                         db_bool(asking->list.publish) };
        const struct db_column told_of[] = { db_to_int64(&runs), db_to_bool(&told) };
        return db_one(db, arena, &sql_backfill_runs_add, list, COUNT(list), told_of,
                      COUNT(told_of));
    }
    bool found;
    const struct db_param key[] = { in[0], in[2], in[3] };
    const struct db_column earlier[] = { db_to_int64(&asking->id), db_to_bool(&same) };
    TRY(db_maybe(db, arena, &sql_backfill_find_key, key, COUNT(key), earlier, COUNT(earlier),
                 &found));
    if (!found || !same)
        return problem_new(
            arena, &PROBLEM_IDEMPOTENCY,
            "backfill %lld was asked for with this Idempotency-Key and another body; "
            "use a new key for a new backfill",
            (long long)asking->id);
    return NULL;
}

struct backfill_run {
    struct request *rq;
    json_t *list;
    json_t *counts;
    bool all_ended;
    int64_t id;
    const char *state, *parameters;
    bool ended;
};

static struct problem *append_run(void *context)
{
    struct backfill_run *run = context;
    const char *href = arena_print(run->rq->arena, "%s/control/runs/%lld",
                                   request_base_url(run->rq), (long long)run->id);
    json_int_t before = json_integer_value(json_object_get(run->counts, run->state));
    run->all_ended = run->all_ended && run->ended;
    if (json_object_set_new(run->counts, run->state, json_integer(before + 1))
        || json_array_append_new(run->list,
                                 json_pack("{s:I, s:s, s:o, s:s}", "id", (json_int_t)run->id,
                                           "state", run->state, "parameters",
                                           json_loads(run->parameters, 0, NULL), "href", href)))
        return problem_new(run->rq->arena, &PROBLEM_INTERNAL, "the runs cannot be written");
    return NULL;
}

/* The backfill as it is now; *out_json is NULL where there is none. */
static struct problem *read_backfill(struct request *rq, int64_t id, json_t **out_json)
{
    const char *pipeline, *version, *requested_by;
    int64_t requested_at, cancelled_at;
    bool found;
    CLEANUP(json_decref_at) json_t *list = json_array();
    CLEANUP(json_decref_at) json_t *counts = json_object();
    struct backfill_run run = { .rq = rq, .list = list, .counts = counts, .all_ended = true };
    const struct db_param in[] = { db_int64(id) };
    const struct db_column out[] = { db_to_text(&pipeline), db_to_text(&version),
                                     db_to_text(&requested_by), db_to_time(&requested_at),
                                     db_to_time_or(&cancelled_at, 0) };
    const struct db_column row[] = { db_to_int64(&run.id), db_to_text(&run.state),
                                     db_to_bool(&run.ended), db_to_text(&run.parameters) };
    *out_json = NULL;
    TRY(db_maybe(rq->db, rq->arena, &sql_backfill_get, in, COUNT(in), out, COUNT(out), &found));
    if (!found)
        return NULL;
    TRY(db_each(rq->db, rq->arena, &sql_backfill_runs, in, COUNT(in), row, COUNT(row), append_run,
                &run));
    *out_json = json_pack(
        "{s:I, s:s, s:s, s:s, s:s, s:o, s:o, s:I, s:O, s:O, s:s}", "id", (json_int_t)id, "pipeline",
        pipeline, "version", version, "state",
        !run.all_ended ? "running"
        : cancelled_at ? "cancelled"
                       : "done",
        "requested_by", requested_by, "requested_at", server_json_time(rq, requested_at),
        "cancelled_at", server_json_time(rq, cancelled_at), "total",
        (json_int_t)json_array_size(list), "counts", counts, "runs", list, "href",
        arena_print(rq->arena, "%s/control/backfills/%lld", request_base_url(rq), (long long)id));
    if (!*out_json)
        return problem_new(rq->arena, &PROBLEM_INTERNAL, "the backfill cannot be written");
    return NULL;
}

struct problem *backfill_post(struct request *rq, struct reply *rp)
{
    const char *name = request_path(rq, 0);
    struct asking asking = { .subject = server_subject(rq) };
    const char *text;
    size_t size;
    json_t *json;
    asking.pipeline = catalogue_pipeline(server_catalogue(rq), name);
    if (!asking.pipeline)
        return problem_new(rq->arena, &PROBLEM_NOT_FOUND, "there is no pipeline %s", name);
    asking.key = request_header(rq, "Idempotency-Key");
    if (asking.key && (!*asking.key || strlen(asking.key) > 200))
        return problem_new(rq->arena, &PROBLEM_BAD_REQUEST,
                           "Idempotency-Key must have 1 to 200 bytes");
    TRY(request_document(rq, &text, &size));
    TRY(backfill_list_read(rq->arena, text, size, &asking.pipeline->document,
                           (size_t)config_number(server_of(rq)->config, CONFIG_BACKFILL_RUNS),
                           &asking.list));
    TRY(check_runs(rq, &asking));
    TRY(db_transact(rq->db, rq->arena, store, &asking));
    runner_wake(server_of(rq)->runner);
    TRY(read_backfill(rq, asking.id, &json));
    reply_header(rp, "Location", "%s/control/backfills/%lld", request_base_url(rq),
                 (long long)asking.id);
    return reply_json(rq, rp, 202, json);
}

static struct problem *no_backfill(struct request *rq)
{
    return problem_new(rq->arena, &PROBLEM_NOT_FOUND, "there is no backfill %s",
                       request_path(rq, 0));
}

struct problem *backfill_get(struct request *rq, struct reply *rp)
{
    static const char *const known[] = { NULL };
    int64_t id;
    json_t *json = NULL;
    TRY(server_known_options(rq, known));
    if (text_to_int64(request_path(rq, 0), &id))
        TRY(read_backfill(rq, id, &json));
    if (!json)
        return no_backfill(rq);
    reply_header(rp, "Cache-Control", "no-store");
    return reply_json(rq, rp, 200, json);
}

struct problem *backfill_post_cancel(struct request *rq, struct reply *rp)
{
    int64_t id;
    int64_t stopped;
    bool found = false;
    bool told;
    if (text_to_int64(request_path(rq, 0), &id)) {
        const struct db_param in[] = { db_int64(id) };
        const struct db_column out[] = { db_to_int64(&id), db_to_int64(&stopped),
                                         db_to_bool(&told) };
        TRY(db_maybe(rq->db, rq->arena, &sql_backfill_cancel, in, COUNT(in), out, COUNT(out),
                     &found));
    }
    if (!found)
        return no_backfill(rq);
    reply_header(rp, "Location", "%s/control/backfills/%lld", request_base_url(rq), (long long)id);
    return reply_json(
        rq, rp, 202, json_pack("{s:I, s:I}", "id", (json_int_t)id, "stopped", (json_int_t)stopped));
}
