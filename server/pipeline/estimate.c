#include "estimate.h"

#include "server/base/buffer.h"
#include "server/db/stream.h"

#include <jansson.h>
#include <string.h>

#define SAMPLE_BYTES (8 * 1024 * 1024)

CLEANUP_DEFINE(struct db *, db_close)
CLEANUP_DEFINE(json_t *, json_decref)

/* Postgres's words about the author's SQL are the author's to read. */
static struct problem *failed(struct arena *arena, struct db *db, const char *step,
                              const struct problem *why)
{
    const char *state = db_sqlstate(db);
    const struct problem_kind *kind = !*state                       ? &PROBLEM_STORE
                                      : strcmp(state, "57014") == 0 ? &PROBLEM_TIMEOUT
                                                                    : &PROBLEM_SQL_REFUSED;
    struct problem *problem =
        problem_new(arena, kind, "step %s failed: %s", step, why->cause ? why->cause : why->detail);
    problem_add_text(arena, problem, "step", step);
    problem_add_text(arena, problem, "layer", "run");
    return problem;
}

/* Send a query of one text column, in a transaction that the caller rolls back. */
static struct problem *begin(struct arena *arena, struct db *db, int timeout_ms,
                             const struct db_query *query)
{
    TRY(db_begin(db, arena, true));
    TRY(db_run(db, arena, arena_print(arena, "SET LOCAL statement_timeout = %d", timeout_ms)));
    return db_stream_begin(db, arena, query);
}

static struct problem *read_plan(struct arena *arena, struct db *db, const char *step,
                                 struct estimate *out_estimate)
{
    const struct db_value *row;
    size_t count;
    json_error_t error;
    struct problem *problem = db_stream_next(db, arena, &row, &count);
    if (problem)
        return failed(arena, db, step, problem);
    CLEANUP(json_decref_at)
    json_t *plan = row ? json_loadb(row[0].data, (size_t)row[0].size, 0, &error) : NULL;
    const json_t *top = json_object_get(json_array_get(plan, 0), "Plan");
    if (!top)
        return problem_new(arena, &PROBLEM_INTERNAL, "the plan of step %s is not understood", step);
    out_estimate->rows = (int64_t)json_number_value(json_object_get(top, "Plan Rows"));
    out_estimate->cost = json_number_value(json_object_get(top, "Total Cost"));
    return NULL;
}

struct problem *estimate_select(struct arena *arena, const char *pipeline_conninfo,
                                const char *step, const char *select, struct estimate *out_estimate)
{
    CLEANUP(db_close_at) struct db *db = db_open(pipeline_conninfo, "entrepot plan");
    const struct db_query query = { arena_print(arena, "EXPLAIN (FORMAT json) %s", select), NULL,
                                    0 };
    struct problem *problem = begin(arena, db, ESTIMATE_TIMEOUT_MS, &query);
    if (!problem)
        problem = read_plan(arena, db, step, out_estimate);
    db_stream_stop(db);
    db_rollback(db);
    return problem;
}

static struct problem *read_rows(struct arena *arena, struct db *db, const char *step,
                                 struct buffer *json)
{
    for (size_t i = 0;; i++) {
        const struct db_value *row;
        size_t count;
        struct problem *problem = db_stream_next(db, arena, &row, &count);
        if (problem)
            return failed(arena, db, step, problem);
        if (!row)
            return NULL;
        if (json->size + (size_t)row[0].size > SAMPLE_BYTES)
            return problem_new(arena, &PROBLEM_BAD_REQUEST,
                               "the sample of step %s is larger than %d MB; ask for fewer rows",
                               step, SAMPLE_BYTES / (1024 * 1024));
        buffer_add_text(json, i ? ",\n" : "");
        buffer_add(json, row[0].data, (size_t)row[0].size);
    }
}

struct problem *estimate_sample(struct arena *arena, const char *pipeline_conninfo,
                                const char *step, const char *select, int64_t most,
                                const char **out_json)
{
    CLEANUP(db_close_at) struct db *db = db_open(pipeline_conninfo, "entrepot sample");
    CLEANUP(buffer_clear) struct buffer json = { 0 };
    const struct db_query query = {
        arena_print(arena,
                    "SELECT row_to_json(s)::text FROM (SELECT * FROM (%s) AS b LIMIT %lld) "
                    "AS s",
                    select, (long long)most),
        NULL, 0
    };
    buffer_add_char(&json, '[');
    struct problem *problem = begin(arena, db, SAMPLE_TIMEOUT_MS, &query);
    if (!problem)
        problem = read_rows(arena, db, step, &json);
    buffer_add_char(&json, ']');
    db_stream_stop(db);
    db_rollback(db);
    if (!problem)
        *out_json = arena_copy(arena, json.data, json.size);
    return problem;
}
