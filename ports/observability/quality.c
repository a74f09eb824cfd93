#include "quality.h"

#include "server/base/clock.h"
#include "server/base/text.h"
#include "sql.h"

#include <math.h>
#include <string.h>

CLEANUP_DEFINE(json_t *, json_decref)

static const char *const outcomes[] = { "pass", "warn", "fail", "error", "not-evaluated", NULL };

/* What is asked for. */
struct wish {
    int64_t *datums;
    size_t datum_count;
    int64_t run;      /* 0: any */
    int64_t snapshot; /* 0: any */
    const char *outcome;
};

static struct problem *read_outcome(struct request *rq, struct wish *wish)
{
    wish->outcome = request_option(rq, "outcome");
    for (size_t i = 0; outcomes[i] && wish->outcome; i++)
        if (strcmp(outcomes[i], wish->outcome) == 0)
            return NULL;
    if (!wish->outcome)
        return NULL;
    struct problem *problem = problem_new(
        rq->arena, &PROBLEM_BAD_QUERY, "outcome must be pass, warn, fail, error or not-evaluated");
    problem_add_text(rq->arena, problem, "option", "outcome");
    return problem;
}

/* The dataset asked for, which must be readable; or all that are. */
static struct problem *read_datasets(struct request *rq, struct wish *wish)
{
    const struct catalogue *catalogue = server_catalogue(rq);
    const char *name = request_option(rq, "dataset");
    const struct catalogue_datum *datum;
    struct access_decision decision;
    wish->datums = arena_array_of(rq->arena, int64_t, catalogue->datum_count);
    if (name) {
        TRY(server_dataset(rq, CONTRACT_OF_OUTPUT, name, ACCESS_READ, &datum, &decision));
        wish->datums[wish->datum_count++] = datum->id;
        return NULL;
    }
    for (size_t i = 0; i < catalogue->datum_count; i++) {
        const struct catalogue_datum *each = &catalogue->datums[i];
        if (each->use == CONTRACT_OF_OUTPUT && !each->retired
            && !server_dataset(rq, each->use, each->name, ACCESS_READ, &datum, &decision))
            wish->datums[wish->datum_count++] = each->id;
    }
    return NULL;
}

static struct problem *read_wish(struct request *rq, struct wish *wish)
{
    static const char *const known[] = { "dataset", "run", "snapshot", "outcome", NULL };
    TRY(server_known_options(rq, known));
    TRY(server_number_option(rq, "run", 1, INT64_MAX, 0, &wish->run));
    TRY(server_number_option(rq, "snapshot", 1, INT64_MAX, 0, &wish->snapshot));
    TRY(read_outcome(rq, wish));
    if (wish->snapshot && !request_option(rq, "dataset"))
        return problem_new(rq->arena, &PROBLEM_BAD_QUERY,
                           "snapshots are numbered by dataset: name it in the option dataset");
    return read_datasets(rq, wish);
}

static const struct catalogue_datum *datum_by_id(struct request *rq, int64_t id)
{
    const struct catalogue *catalogue = server_catalogue(rq);
    for (size_t i = 0; i < catalogue->datum_count; i++)
        if (catalogue->datums[i].id == id)
            return &catalogue->datums[i];
    return NULL;
}

/* A row of the list, as it is read. */
struct result_row {
    struct request *rq;
    json_t *list;
    int64_t id, datum_id, run_id, snapshot, failing_rows, total_rows, ms, checked_at, samples;
    bool blocks;
    double value;
    const char *rule, *metric, *columns, *severity, *dimension, *outcome, *operator_name,
        *threshold, *unit, *message, *description, *impact;
};

/* 5, not 5.0: most values are counts. */
static json_t *number(double value)
{
    if (!isfinite(value))
        return json_null();
    if (value == rint(value) && fabs(value) < 1e15)
        return json_integer((json_int_t)value);
    return json_real(value);
}

static json_t *parsed(const char *json)
{
    return json ? json_loads(json, JSON_DECODE_ANY, NULL) : json_null();
}

static json_t *integer_or_null(int64_t value)
{
    return value >= 0 ? json_integer((json_int_t)value) : json_null();
}

static struct problem *append_result(void *context)
{
    struct result_row *row = context;
    struct request *rq = row->rq;
    const struct catalogue_datum *datum = datum_by_id(rq, row->datum_id);
    const char *rows = row->samples ? arena_print(rq->arena, "%s/observability/quality/%lld/rows",
                                                  request_base_url(rq), (long long)row->id)
                                    : NULL;
    json_t *item = json_pack(
        "{s:I, s:s, s:I, s:o, s:s, s:s, s:o, s:s, s:s, s:b, s:s?, s:o, s:s?, s:o, s:s?, s:o, s:I, "
        "s:I, s:s?, s:s?, s:s?, s:o, s:s?}",
        "id", (json_int_t)row->id, "dataset", datum ? datum->name : "", "run",
        (json_int_t)row->run_id, "snapshot", integer_or_null(row->snapshot), "rule", row->rule,
        "metric", row->metric, "columns", parsed(row->columns), "outcome", row->outcome, "severity",
        row->severity, "blocks", (int)row->blocks, "dimension", row->dimension, "value",
        number(row->value), "operator", row->operator_name, "threshold", parsed(row->threshold),
        "unit", row->unit, "failing_rows", integer_or_null(row->failing_rows), "total_rows",
        (json_int_t)row->total_rows, "ms", (json_int_t)row->ms, "message", row->message,
        "description", row->description, "business_impact", row->impact, "checked_at",
        server_json_time(rq, row->checked_at), "rows", rows);
    if (!item || json_array_append_new(row->list, item))
        return problem_new(rq->arena, &PROBLEM_INTERNAL, "the results cannot be written");
    return NULL;
}

/* How old what is published may be, as the contract says: asked now, not when it was published. */
static struct problem *append_age(struct request *rq, const struct catalogue_datum *datum,
                                  const struct wish *wish, json_t *list)
{
    const struct catalogue_snapshot *snapshot = catalogue_snapshot(datum, datum->current);
    int64_t limit = datum->contract->rules.age_limit_s;
    int64_t now = clock_now();
    if (!limit || !snapshot)
        return NULL;
    int64_t age = (now - snapshot->published_at) / 1000000;
    const char *outcome = age <= limit ? "pass" : "warn";
    if (wish->outcome && strcmp(wish->outcome, outcome) != 0)
        return NULL;
    json_t *item = json_pack(
        "{s:s, s:I, s:I, s:s, s:s, s:[], s:s, s:s, s:b, s:s, s:I, s:s, s:I, s:s, s:n, s:I, "
        "s:I,"
        " s:s?, s:n, s:n, s:o, s:n}",
        "dataset", datum->name, "run", (json_int_t)snapshot->run_id, "snapshot",
        (json_int_t)snapshot->number, "rule", "age", "metric", "latency", "columns", "outcome",
        outcome, "severity", "warning", "blocks", 0, "dimension", "timeliness", "value",
        (json_int_t)age, "operator", "mustBeLessOrEqualTo", "threshold", (json_int_t)limit, "unit",
        "seconds", "failing_rows", "total_rows", (json_int_t)snapshot->rows, "ms", (json_int_t)0,
        "message", age <= limit ? NULL : "it was published longer ago than its contract promises",
        "description", "business_impact", "checked_at", server_json_time(rq, now), "rows");
    if (!item || json_array_append_new(list, item))
        return problem_new(rq->arena, &PROBLEM_INTERNAL, "the results cannot be written");
    return NULL;
}

struct problem *quality_list(struct request *rq, struct reply *rp)
{
    struct wish wish = { 0 };
    TRY(read_wish(rq, &wish));
    CLEANUP(json_decref_at) json_t *list = json_array();
    struct result_row row = { .rq = rq, .list = list };
    const struct db_param in[] = {
        db_int64s(wish.datums, wish.datum_count),
        wish.run ? db_int64(wish.run) : db_null(DB_INT64),
        wish.snapshot ? db_int64(wish.snapshot) : db_null(DB_INT64),
        db_text(wish.outcome),
    };
    const struct db_column out[] = {
        db_to_int64(&row.id),           db_to_int64(&row.datum_id),
        db_to_int64(&row.run_id),       db_to_int64_or(&row.snapshot, -1),
        db_to_text(&row.rule),          db_to_text(&row.metric),
        db_to_json(&row.columns),       db_to_text(&row.severity),
        db_to_text(&row.dimension),     db_to_text(&row.outcome),
        db_to_bool(&row.blocks),        db_to_double(&row.value),
        db_to_text(&row.operator_name), db_to_json(&row.threshold),
        db_to_text(&row.unit),          db_to_int64_or(&row.failing_rows, -1),
        db_to_int64(&row.total_rows),   db_to_int64(&row.ms),
        db_to_text(&row.message),       db_to_text(&row.description),
        db_to_text(&row.impact),        db_to_time(&row.checked_at),
        db_to_int64(&row.samples),
    };
    TRY(db_each(rq->db, rq->arena, &sql_quality_list, in, COUNT(in), out, COUNT(out), append_result,
                &row));
    for (size_t i = 0; i < wish.datum_count && !wish.run && !wish.snapshot; i++)
        TRY(append_age(rq, datum_by_id(rq, wish.datums[i]), &wish, list));
    reply_header(rp, "Cache-Control", "no-store");
    return reply_json(rq, rp, 200, TAKE(list));
}

/* A row that failed, as it is read. */
struct failed_row {
    struct request *rq;
    json_t *list;
    const struct access_decision *decision;
    const char *row;
};

static struct problem *append_row(void *context)
{
    struct failed_row *failed = context;
    json_t *row = parsed(failed->row);
    for (const char *const *name = failed->decision->denied_columns; row && name && *name; name++)
        (void)json_object_del(row, *name); /* it may not be one of its columns */
    if (!row || json_array_append_new(failed->list, row))
        return problem_new(failed->rq->arena, &PROBLEM_INTERNAL, "the rows cannot be written");
    return NULL;
}

struct problem *quality_list_rows(struct request *rq, struct reply *rp)
{
    const char *text = request_path(rq, 0);
    static const char *const none[] = { NULL };
    struct access_decision decision;
    const struct catalogue_datum *datum = NULL;
    int64_t id = 0, datum_id = 0, run_id, failing;
    const char *rule;
    bool found = false;
    TRY(server_known_options(rq, none));
    const struct db_column out[] = { db_to_int64(&datum_id), db_to_int64(&run_id),
                                     db_to_text(&rule), db_to_int64_or(&failing, -1) };
    if (text_to_int64(text, &id)) {
        const struct db_param in[] = { db_int64(id) };
        TRY(db_maybe(rq->db, rq->arena, &sql_quality_get, in, COUNT(in), out, COUNT(out), &found));
    }
    const struct catalogue_datum *owner = found ? datum_by_id(rq, datum_id) : NULL;
    if (!owner)
        return problem_new(rq->arena, &PROBLEM_NOT_FOUND, "there is no quality result %s", text);
    TRY(server_dataset(rq, owner->use, owner->name, ACCESS_READ, &datum, &decision));
    /* what is kept of a row may not be enough to tell whether a filter lets it through */
    bool withheld = decision.row_filters && decision.row_filters[0];
    CLEANUP(json_decref_at) json_t *list = json_array();
    struct failed_row failed = { rq, list, &decision, NULL };
    const struct db_param in[] = { db_int64(id) };
    const struct db_column row[] = { db_to_json(&failed.row) };
    if (!withheld)
        TRY(db_each(rq->db, rq->arena, &sql_quality_rows, in, COUNT(in), row, COUNT(row),
                    append_row, &failed));
    reply_header(rp, "Cache-Control", "no-store");
    return reply_json(rq, rp, 200,
                      json_pack("{s:I, s:s, s:I, s:s, s:o, s:b, s:o}", "id", (json_int_t)id,
                                "dataset", owner->name, "run", (json_int_t)run_id, "rule", rule,
                                "failing_rows", integer_or_null(failing), "withheld", (int)withheld,
                                "rows", TAKE(list)));
}
