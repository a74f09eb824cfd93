#include "run.h"

#include "run_wish.h"
#include "server/base/text.h"
#include "server/operate/runner.h"
#include "server/pipeline/inputs.h"
#include "sql.h"

#include <assert.h>
#include <endian.h>
#include <string.h>

#define WAIT_MOST_S 60
#define LIST_MOST 1000

/* What a run would be refused for is told now, not when it is taken from the queue. */
static struct problem *check_wish(struct request *rq, const struct run_wish *wish)
{
    struct pipeline_pins pins;
    const struct bind_value *values;
    size_t count;
    TRY(inputs_pin(rq->arena, server_catalogue(rq), &wish->pipeline->document, wish->inputs, true,
                   &pins));
    return inputs_run_row(rq->arena, &wish->pipeline->document, wish->parameters, 0, NULL, false,
                          &values, &count);
}

static struct problem *add_run(struct request *rq, const struct run_wish *wish, int64_t *out_id)
{
    bool found;
    bool told;
    bool same;
    const struct db_param in[] = { db_int64(wish->pipeline->id), db_text(wish->parameters),
                                   db_bool(wish->publish),       db_text(server_subject(rq)),
                                   db_text(wish->key),           db_text(wish->inputs),
                                   db_text(wish->expected) };
    const struct db_column out[] = { db_to_int64(out_id), db_to_bool(&told) };
    TRY(db_maybe(rq->db, rq->arena, &sql_run_add, in, COUNT(in), out, COUNT(out), &found));
    if (found)
        return NULL;
    const struct db_param key[] = { in[0], in[4], in[1], in[2], in[5], in[6] };
    const struct db_column earlier[] = { db_to_int64(out_id), db_to_bool(&same) };
    TRY(db_maybe(rq->db, rq->arena, &sql_run_find_key, key, COUNT(key), earlier, COUNT(earlier),
                 &found));
    if (!found || !same)
        return problem_new(rq->arena, &PROBLEM_IDEMPOTENCY,
                           "run %lld was asked for with this Idempotency-Key and other parameters; "
                           "use a new key for a new run",
                           (long long)*out_id);
    return NULL;
}

struct problem *run_post(struct request *rq, struct reply *rp)
{
    const char *name = request_path(rq, 0);
    struct run_wish wish;
    int64_t id = 0;
    TRY(run_wish_read(rq, &wish));
    wish.key = request_header(rq, "Idempotency-Key");
    if (wish.key && (!*wish.key || strlen(wish.key) > 200))
        return problem_new(rq->arena, &PROBLEM_BAD_REQUEST,
                           "Idempotency-Key must have 1 to 200 bytes");
    TRY(check_wish(rq, &wish));
    TRY(add_run(rq, &wish, &id));
    runner_wake(server_of(rq)->runner);
    const char *href =
        arena_print(rq->arena, "%s/control/runs/%lld", request_base_url(rq), (long long)id);
    reply_header(rp, "Location", "%s", href);
    return reply_json(rq, rp, 202,
                      json_pack("{s:I, s:s, s:s, s:s}", "id", (json_int_t)id, "pipeline", name,
                                "version", wish.pipeline->document.version, "href", href));
}

struct run_row {
    struct request *rq;
    json_t *list;
    int64_t id, requested_at, started_at, finished_at, rows;
    const char *pipeline, *version, *state, *requested_by, *origin;
};

static struct problem *append_run(void *context)
{
    struct run_row *row = context;
    json_t *item =
        json_pack("{s:I, s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:I}", "id", (json_int_t)row->id,
                  "pipeline", row->pipeline, "version", row->version, "state", row->state, "origin",
                  row->origin, "requested_by", row->requested_by, "requested_at",
                  server_json_time(row->rq, row->requested_at), "started_at",
                  server_json_time(row->rq, row->started_at), "finished_at",
                  server_json_time(row->rq, row->finished_at), "rows", (json_int_t)row->rows);
    if (!item || json_array_append_new(row->list, item))
        return problem_new(row->rq->arena, &PROBLEM_INTERNAL, "the runs cannot be written");
    return NULL;
}

CLEANUP_DEFINE(json_t *, json_decref)

struct problem *run_list(struct request *rq, struct reply *rp)
{
    static const char *const known[] = { "pipeline", "state", "before", "top", NULL };
    int64_t before;
    int64_t top;
    TRY(server_known_options(rq, known));
    TRY(server_number_option(rq, "before", 1, INT64_MAX, INT64_MAX, &before));
    TRY(server_number_option(rq, "top", 1, LIST_MOST, 100, &top));
    CLEANUP(json_decref_at) json_t *list = json_array();
    struct run_row row = { .rq = rq, .list = list };
    const struct db_param in[] = { db_text(request_option(rq, "pipeline")),
                                   db_text(request_option(rq, "state")), db_int64(before),
                                   db_int64(top) };
    const struct db_column out[] = {
        db_to_int64(&row.id),
        db_to_text(&row.pipeline),
        db_to_text(&row.version),
        db_to_text(&row.state),
        db_to_text(&row.requested_by),
        db_to_time(&row.requested_at),
        db_to_time_or(&row.started_at, 0),
        db_to_time_or(&row.finished_at, 0),
        db_to_int64(&row.rows),
        db_to_text(&row.origin),
    };
    TRY(db_each(rq->db, rq->arena, &sql_run_list, in, COUNT(in), out, COUNT(out), append_run,
                &row));
    return reply_json(rq, rp, 200, TAKE(list));
}

struct awaited {
    int64_t id;
    int64_t wait_ms;
};

static int64_t newest_revision(struct request *rq)
{
    const struct catalogue *newest = catalogue_acquire(server_of(rq)->catalogue);
    int64_t revision = newest->revision;
    catalogue_release(newest);
    return revision;
}

static int64_t revision_of(struct db_value value)
{
    uint64_t big_endian;
    assert(value.size == sizeof big_endian);
    memcpy(&big_endian, value.data, sizeof big_endian);
    return (int64_t)be64toh(big_endian);
}

bool run_is_seen(struct request *rq, const struct lane_rows *rows)
{
    return newest_revision(rq) >= revision_of(lane_value(rows, 0, 1));
}

static struct problem *finish_run(struct request *rq, struct reply *rp, void *context,
                                  struct problem *problem, const char *sqlstate,
                                  const struct lane_rows *rows)
{
    const struct awaited *awaited = context;
    (void)sqlstate;
    if (problem)
        return problem;
    if (!lane_row_count(rows))
        return problem_new(rq->arena, &PROBLEM_NOT_FOUND, "there is no run %lld",
                           (long long)awaited->id);
    bool ended = lane_value(rows, 0, 0).data[0] != 0;
    if (!ended && awaited->wait_ms && !reply_park_is_over(rq))
        return reply_park(rq, rp, awaited->wait_ms);
    if (ended && !run_is_seen(rq, rows) && !reply_park_is_over(rq))
        return reply_park(rq, rp, RUN_SEEN_WITHIN_MS);
    struct db_value document = lane_value(rows, 0, 2);
    reply_header(rp, "Cache-Control", "no-store");
    return reply_text(rq, rp, 200, "application/json",
                      arena_copy(rq->arena, document.data, (size_t)document.size),
                      (size_t)document.size);
}

struct problem *run_get(struct request *rq, struct reply *rp)
{
    static const char *const known[] = { "wait", NULL };
    struct awaited *awaited = arena_new_of(rq->arena, struct awaited);
    TRY(server_known_options(rq, known));
    TRY(server_number_option(rq, "wait", 0, WAIT_MOST_S, 0, &awaited->wait_ms));
    awaited->wait_ms *= 1000;
    if (!text_to_int64(request_path(rq, 0), &awaited->id))
        return problem_new(rq->arena, &PROBLEM_NOT_FOUND, "there is no run %s",
                           request_path(rq, 0));
    struct db_param *in = arena_new_of(rq->arena, struct db_param);
    *in = db_int64(awaited->id);
    const struct db_query query = { sql_run_get.text, in, 1 };
    return reply_rows(rq, rp, &query, finish_run, awaited);
}
