#include "run.h"

#include "check.h"
#include "server/base/clock.h"
#include "server/base/digest.h"
#include "server/model/relation.h"
#include "sql.h"
#include "transfer.h"

#include <assert.h>
#include <string.h>

/* A cancel that was not heard for this long will not be heard soon: one call of a function in C. */
#define DEAF_MS 2000

/* A run under way. */
struct run {
    struct arena *arena;
    const struct run_services *services;
    const struct run_job *job;
    struct run_watch *watch;
    const struct catalogue *catalogue;
    struct pipeline_document document;
    const struct checked_step *steps;
    struct pipeline_pins pins;
    const struct bind_value *row; /* the table run */
    size_t row_count;
    const char *fingerprint;
    int64_t flow_id;
    int64_t rows; /* of all outputs */
    int64_t bytes;
    const char *state; /* the last state, when it ended well */
};

void run_watch_init(struct run_watch *watch)
{
    memset(watch, 0, sizeof *watch);
    int failed = pthread_mutex_init(&watch->lock, NULL);
    assert(!failed);
}

void run_watch_clear(struct run_watch *watch)
{
    (void)pthread_mutex_destroy(&watch->lock); /* nobody holds it any more */
}

void run_watch_stop(struct run_watch *watch, enum run_stop why)
{
    int goes_on = RUN_GOES_ON;
    int64_t now_ms = clock_monotonic_ms();
    int64_t first_ms = 0; /* stays 0 the first time */
    (void)atomic_compare_exchange_strong(&watch->stop, &goes_on, (int)why); /* the first wins */
    (void)atomic_compare_exchange_strong(&watch->stopped_ms, &first_ms, now_ms);
    (void)pthread_mutex_lock(&watch->lock); /* a plain mutex used rightly does not fail */
    if (watch->pipeline && first_ms && now_ms - first_ms >= DEAF_MS)
        db_break(watch->pipeline);
    else if (watch->pipeline)
        db_cancel(watch->pipeline);
    (void)pthread_mutex_unlock(&watch->lock);
}

/* All that decides the result: the document, parameters, states read, contracts. The time and the
 * run's id only where the SQL can see them. */
static const char *fingerprint(struct run *run)
{
    CLEANUP(digest_close_at) struct digest *digest = digest_open();
    struct arena *arena = run->arena;
    const char *text = run->document.sha256;
    digest_add(digest, text, strlen(text));
    bool uses_run = false;
    bool uses_this = false;
    for (size_t i = 0; i < run->document.step_count; i++) {
        uses_run = uses_run || run->steps[i].uses_run;
        uses_this = uses_this || run->steps[i].uses_this;
    }
    for (size_t i = uses_run ? 0 : 2; i < run->row_count; i++) {
        text = arena_print(arena, "|%s=%s", run->row[i].name,
                           run->row[i].text ? run->row[i].text : "\x01");
        digest_add(digest, text, strlen(text));
    }
    for (size_t i = 0; i < run->pins.input_count; i++) {
        text = arena_print(arena, "|%s:%lld:%lld:%s", run->pins.inputs[i].name,
                           (long long)run->pins.inputs[i].datum->id,
                           (long long)run->pins.inputs[i].number,
                           run->pins.inputs[i].datum->contract->sha256);
        digest_add(digest, text, strlen(text));
    }
    for (size_t i = 0; i < run->pins.output_count; i++) {
        text = arena_print(arena, "|%s:%lld", run->pins.outputs[i].datum->contract->sha256,
                           uses_this ? (long long)run->pins.outputs[i].current : -1LL);
        digest_add(digest, text, strlen(text));
    }
    unsigned char sum[DIGEST_BYTES];
    digest_end(digest, sum);
    return arena_hex(arena, sum, sizeof sum);
}

static struct problem *prepare(struct run *run)
{
    struct arena *arena = run->arena;
    const struct document_text source = { NULL, run->job->document, strlen(run->job->document),
                                          DOCUMENT_JSON };
    TRY(pipeline_document_parse(arena, &source, &run->document));
    TRY(pipeline_check_shape(arena, &run->document, &run->steps));
    TRY(inputs_pin(arena, run->catalogue, &run->document, true, &run->pins));
    TRY(inputs_run_row(arena, &run->document, run->job->parameters, run->job->id, run->job->as_of,
                       false, &run->row, &run->row_count));
    run->fingerprint = fingerprint(run);
    return NULL;
}

/* Are all outputs already what this run would make? */
static struct problem *find_same(struct run *run, bool *out_same)
{
    bool same = run->job->publish;
    for (size_t i = 0; same && i < run->pins.output_count; i++) {
        int64_t number;
        const struct db_param in[] = { db_int64(run->pins.outputs[i].datum->id),
                                       db_text(run->fingerprint) };
        const struct db_column out[] = { db_to_int64(&number) };
        TRY(db_maybe(run->services->owner, run->arena, &sql_snapshot_same, in, COUNT(in), out,
                     COUNT(out), &same));
    }
    *out_same = same;
    return NULL;
}

static struct problem *store_flow(struct run *run)
{
    struct db *db = run->services->owner;
    const struct db_param flow[] = { db_int64(run->job->workflow_id), db_text(run->fingerprint) };
    const struct db_column out[] = { db_to_int64(&run->flow_id) };
    TRY(db_one(db, run->arena, &sql_flow_add, flow, COUNT(flow), out, COUNT(out)));
    for (size_t i = 0; i < run->pins.input_count; i++) {
        const struct input_pin *pin = &run->pins.inputs[i];
        const struct db_param in[] = { db_int64(run->flow_id), db_text(pin->name),
                                       db_int64(pin->datum->id), db_int64(pin->number) };
        TRY(db_none(db, run->arena, &sql_source_add, in, COUNT(in)));
    }
    return NULL;
}

static int64_t lower(int64_t own, int64_t server)
{
    return own && own < server ? own : server;
}

static struct transfer_limits limits_of(const struct run *run)
{
    const struct config *config = run->services->config;
    const struct pipeline_limits *limits = &run->document.limits;
    return (struct transfer_limits){
        lower(limits->rows, config_number(config, CONFIG_RUN_ROWS)),
        lower(limits->bytes, config_number(config, CONFIG_RUN_BYTES)),
        lower(limits->timeout_s * 1000, config_number(config, CONFIG_RUN_TIMEOUT)),
    };
}

/* Build an index that must be unique; which columns are not is what the author must hear. */
static struct problem *add_index(struct run *run, const struct output_pin *output, const char *sql,
                                 const char *columns)
{
    struct db *db = run->services->owner;
    struct problem *problem = db_run(db, run->arena, sql);
    if (!problem || strncmp(db_sqlstate(db), "23", 2) != 0)
        return problem;
    return problem_because(run->arena,
                           problem_new(run->arena, &PROBLEM_CONTRACT,
                                       "step %s: the rows of %s break its contract: there are rows "
                                       "with the same value of %s, which must be unique",
                                       output->step->name, output->datum->name, columns),
                           "%s", problem->cause ? problem->cause : problem->detail);
}

/* Uniqueness is what Postgres finds when it builds the indexes that are wanted for reading anyway.
 */
static struct problem *finish_segment(struct run *run, const struct output_pin *output,
                                      int64_t segment_id)
{
    struct arena *arena = run->arena;
    const struct contract *contract = output->datum->contract;
    if (contract->key.count)
        TRY(add_index(run, output, relation_add_key(arena, segment_id, &contract->key),
                      relation_column_list(arena, &contract->key)));
    for (size_t i = 0; i < contract->columns.count; i++) {
        const struct column *column = &contract->columns.list[i];
        bool is_key = contract->key.count == 1 && column->key_position;
        if (column->unique && !is_key)
            TRY(add_index(run, output, relation_add_unique(arena, segment_id, column),
                          column->name));
    }
    return db_run(run->services->owner, arena, relation_open_segment(arena, segment_id));
}

static struct problem *publish(struct run *run, const struct output_pin *output,
                               int64_t snapshot_id, bool *out_published)
{
    int64_t datum_id;
    const struct db_param in[] = { db_int64(snapshot_id), output->current
                                                              ? db_int64(output->current)
                                                              : db_null(DB_INT64) };
    const struct db_column out[] = { db_to_int64(&datum_id) };
    return db_maybe(run->services->owner, run->arena, &sql_snapshot_publish, in, COUNT(in), out,
                    COUNT(out), out_published);
}

static struct problem *store_snapshot(struct run *run, const struct output_pin *output,
                                      int64_t segment_id, const struct transfer_result *result,
                                      int64_t *out_id)
{
    struct db *db = run->services->owner;
    int64_t number;
    const struct db_param filled[] = { db_int64(segment_id), db_int64(result->rows) };
    TRY(db_none(db, run->arena, &sql_segment_filled, filled, COUNT(filled)));
    const struct db_param in[] = {
        db_int64(output->datum->id), db_int64(output->datum->contract_key),
        db_int64(run->flow_id),      db_int64(run->job->id),
        db_int64(result->rows),      db_int64(result->bytes),
        db_text(result->sha256)
    };
    const struct db_column out[] = { db_to_int64(out_id), db_to_int64(&number) };
    TRY(db_one(db, run->arena, &sql_snapshot_add, in, COUNT(in), out, COUNT(out)));
    const struct db_param part[] = { db_int64(*out_id), db_int32(1), db_int64(segment_id) };
    return db_none(db, run->arena, &sql_snapshot_segment_add, part, COUNT(part));
}

/* One output: its table, its rows, its keys, its snapshot, and the pointer unless it is staged. */
static struct problem *make_output(struct run *run, size_t index, const struct output_pin *output,
                                   bool *out_superseded)
{
    struct arena *arena = run->arena;
    struct db *db = run->services->owner;
    const struct columns *columns = &output->datum->contract->columns;
    struct binding binding = pipeline_binding(arena, &run->document, run->steps, index, &run->pins,
                                              run->row, run->row_count);
    const char *select;
    int64_t offset;
    int64_t segment_id;
    int64_t snapshot_id;
    bool published = true;
    struct transfer_result result;
    struct transfer_limits limits = limits_of(run);
    const struct db_column out[] = { db_to_int64(&segment_id) };
    bind_step(arena, &binding, run->steps[index].sql, columns, &select, &offset);
    TRY(db_one(db, arena, &sql_segment_add, NULL, 0, out, COUNT(out)));
    TRY(db_run(db, arena, relation_create_segment(arena, segment_id, columns)));
    TRY(transfer_rows(arena, db, run->services->pipeline_conninfo, output->step->name, select,
                      relation_segment(arena, segment_id), relation_column_list(arena, columns),
                      &limits, run->watch, &result));
    TRY(finish_segment(run, output, segment_id));
    TRY(store_snapshot(run, output, segment_id, &result, &snapshot_id));
    if (run->job->publish)
        TRY(publish(run, output, snapshot_id, &published));
    *out_superseded = !published;
    run->rows += result.rows;
    run->bytes += result.bytes;
    return NULL;
}

static struct problem *ignore_row(void *context)
{
    (void)context;
    return NULL;
}

/* Retire what is beyond the number kept, and tell everybody that the catalogue has grown. */
static struct problem *conclude(struct run *run)
{
    struct db *db = run->services->owner;
    int64_t number;
    bool told;
    for (size_t i = 0; run->job->publish && i < run->pins.output_count; i++) {
        const struct db_param in[] = { db_int64(run->pins.outputs[i].datum->id),
                                       db_int64(config_number(run->services->config,
                                                              CONFIG_KEEP_SNAPSHOTS)) };
        const struct db_column out[] = { db_to_int64(&number) };
        TRY(db_each(db, run->arena, &sql_snapshots_retire, in, COUNT(in), out, COUNT(out),
                    ignore_row, NULL));
    }
    const struct db_column bump[] = { db_to_int64(&number), db_to_bool(&told) };
    return db_one(db, run->arena, &sql_catalogue_bump, NULL, 0, bump, COUNT(bump));
}

static struct problem *store_end(struct run *run, const char *state, const char *error,
                                 bool *out_ours)
{
    int64_t id;
    bool told;
    const struct db_param in[] = {
        db_int64(run->job->id), db_int64(run->job->fence),
        db_text(state),         db_int64(run->rows),
        db_int64(run->bytes),   run->flow_id ? db_int64(run->flow_id) : db_null(DB_INT64),
        db_text(error),
    };
    const struct db_column out[] = { db_to_int64(&id), db_to_bool(&told) };
    return db_maybe(run->services->owner, run->arena, &sql_run_end, in, COUNT(in), out, COUNT(out),
                    out_ours);
}

static struct problem *make_outputs(struct run *run)
{
    struct arena *arena = run->arena;
    struct db *db = run->services->owner;
    const char *tables = inputs_tables(arena, &run->pins);
    if (tables) /* so that nobody drops them while the steps run */
        TRY(db_run(db, arena, arena_print(arena, "LOCK TABLE %s IN ACCESS SHARE MODE", tables)));
    TRY(store_flow(run));
    for (size_t i = 0, next = 0; i < run->document.step_count; i++) {
        if (!run->document.steps[i].output)
            continue;
        bool superseded;
        atomic_store(&run->watch->step, run->document.steps[i].name);
        TRY(make_output(run, i, &run->pins.outputs[next++], &superseded));
        if (superseded) {
            run->state = "superseded";
            return problem_new(arena, &PROBLEM_CONFLICT,
                               "another run has published %s since this one began",
                               run->document.steps[i].output);
        }
    }
    TRY(conclude(run));
    bool ours;
    TRY(store_end(run, run->job->publish ? "published" : "staged", NULL, &ours));
    return ours ? NULL
                : problem_new(arena, &PROBLEM_CONFLICT, "the run was taken by another server");
}

/* The whole of a run but the storing of its failure. */
static struct problem *attempt(struct run *run)
{
    struct db *db = run->services->owner;
    bool same;
    bool ours;
    TRY(prepare(run));
    TRY(find_same(run, &same));
    if (same) {
        run->state = "reused";
        return store_end(run, run->state, NULL, &ours);
    }
    TRY(db_begin(db, run->arena, false));
    TRY(make_outputs(run));
    return db_commit(db, run->arena);
}

struct problem *run_execute(struct arena *arena, const struct run_services *services,
                            const struct run_job *job, struct run_watch *watch)
{
    bool changed;
    bool ours;
    struct run run = { .arena = arena, .services = services, .job = job, .watch = watch };
    struct problem *problem =
        catalogue_refresh(services->catalogue, services->owner, arena, &changed);
    CLEANUP(catalogue_release_at)
    const struct catalogue *catalogue = catalogue_acquire(services->catalogue);
    run.catalogue = catalogue;
    if (!problem)
        problem = attempt(&run);
    if (!problem) /* so that whoever sees the run's end sees its snapshots too */
        return catalogue_refresh(services->catalogue, services->owner, arena, &changed);
    db_rollback(services->owner);
    const char *state = run.state ? run.state : "failed";
    if (atomic_load(&watch->stop) == RUN_CANCELLED)
        state = "cancelled";
    run.rows = run.bytes = run.flow_id = 0; /* rolled back with the rest */
    return store_end(&run, state, problem_json(arena, problem, NULL), &ours);
}
