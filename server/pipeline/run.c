#include "run.h"

#include "run_parts.h"
#include "server/base/clock.h"
#include "server/sandbox/cte_use.h"
#include "sql.h"

#include <string.h>

/* Of the table run: its id and as_of stand before the parameters, see inputs_run_row. */
#define RUN_TIME_COLUMNS 2

struct problem *run_take(struct db *db, struct arena *arena, const char *instance,
                         struct run_job *out_job, bool *out_found)
{
    struct run_job job;
    const struct db_param in[] = { db_text(instance), db_int64(RUN_LEASE_SECONDS) };
    const struct db_column out[] = {
        db_to_int64(&job.id),       db_to_int64(&job.fence),     db_to_int64(&job.workflow_id),
        db_to_text(&job.document),  db_to_text(&job.parameters), db_to_text(&job.pins),
        db_to_text(&job.expected),  db_to_bool(&job.publish),    db_to_time(&job.as_of),
        db_to_int64(&job.first_id), db_to_text(&job.subject),
    };
    TRY(db_maybe(db, arena, &sql_run_take, in, COUNT(in), out, COUNT(out), out_found));
    if (*out_found)
        *out_job = job;
    return NULL;
}

size_t run_place(const struct run *run, const struct output_pin *output)
{
    return (size_t)(output->step - run->document.steps);
}

/* {"daily": 17}: the snapshots that must be current, or nothing is done. */
static struct problem *check_expected(struct run *run)
{
    struct arena *arena = run->arena;
    struct faults faults;
    faults_init(&faults, arena, 20);
    const struct document_text source = { NULL, run->job->expected, strlen(run->job->expected),
                                          DOCUMENT_JSON };
    const struct node *root = document_parse(arena, &source, DOCUMENT_BYTES, &faults);
    for (const struct node *wanted = root ? root->first : NULL; wanted; wanted = wanted->next)
        for (size_t i = 0; i < run->pins.output_count; i++) {
            int64_t number;
            const struct output_pin *output = &run->pins.outputs[i];
            if (strcmp(output->datum->name, wanted->key) != 0 || !node_to_int64(wanted, &number)
                || number == output->current)
                continue;
            run->state = "superseded";
            return problem_new(arena, &PROBLEM_CONFLICT,
                               "snapshot %lld of %s is current, not %lld as expected",
                               (long long)output->current, output->datum->name, (long long)number);
        }
    return faults_problem(&faults, &PROBLEM_INVALID_DOCUMENT, "what is expected is not valid");
}

/* The parameters decide the rows of a step that reads run; its id and instant only where the SQL
 * looks at them. Every step is looked at as a part of those that read it. */
static struct problem *find_time(struct run *run)
{
    const struct steps_scope scope = { &run->document, run->steps,     &run->pins,
                                       run->row,       run->row_count, NULL };
    for (size_t i = 0; i < run->document.step_count; i++) {
        struct step_meaning meaning;
        if (!run->steps[i].uses_run || !run->steps[i].is_needed)
            continue;
        TRY(check_step(run->services->owner, run->arena, &scope, NULL, run->as_of, i, &meaning));
        run->steps[i].uses_time = cte_use(meaning.probe.query, "run", RUN_TIME_COLUMNS);
    }
    return NULL;
}

static struct problem *prepare(struct run *run)
{
    struct arena *arena = run->arena;
    const struct document_text source = { NULL, run->job->document, strlen(run->job->document),
                                          DOCUMENT_JSON };
    TRY(pipeline_document_parse(arena, &source, &run->document));
    size_t count = run->document.step_count;
    run->as_of = clock_text(arena, run->job->as_of);
    run->selects = arena_array_of(arena, const char *, count);
    run->tables = arena_array_of(arena, const char *, count);
    run->meanings = arena_array_of(arena, struct step_meaning, count);
    run->made = arena_array_of(arena, struct made, count);
    step_lineages_init(arena, count, &run->lineages);
    TRY(steps_check(arena, &run->document, &run->steps));
    TRY(inputs_pin(arena, run->catalogue, &run->document, run->job->pins, true, &run->pins));
    TRY(inputs_run_row(arena, &run->document, run->job->parameters, run->job->first_id, run->as_of,
                       false, &run->row, &run->row_count));
    TRY(find_time(run));
    run_fingerprints(run);
    return check_expected(run);
}

/* Are all outputs already what this run would make? */
static struct problem *find_same(struct run *run, bool *out_same)
{
    bool same = run->job->publish && run->pins.output_count;
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

/* Another server may have taken the run since: then it is no longer ours to go on with. */
static struct problem *must_be_ours(const struct run *run, bool ours)
{
    return ours ? NULL
                : problem_new(run->arena, &PROBLEM_CONFLICT, "the run was taken by another server");
}

/* From here on nobody drops what this run reads. */
static struct problem *store_flow(struct db *db, struct arena *arena, void *context)
{
    struct run *run = context;
    int64_t id;
    bool ours;
    const struct db_param flow[] = { db_int64(run->job->workflow_id), db_text(run->fingerprint) };
    const struct db_column out[] = { db_to_int64(&run->flow_id) };
    TRY(db_one(db, arena, &sql_flow_add, flow, COUNT(flow), out, COUNT(out)));
    for (size_t i = 0; i < run->pins.input_count; i++) {
        const struct input_pin *pin = &run->pins.inputs[i];
        const struct db_param in[] = { db_int64(run->flow_id), db_text(pin->name),
                                       db_int64(pin->datum->id), db_int64(pin->number) };
        TRY(db_none(db, arena, &sql_source_add, in, COUNT(in)));
    }
    const struct db_param of_run[] = { db_int64(run->job->id), db_int64(run->job->fence),
                                       db_int64(run->flow_id) };
    const struct db_column same[] = { db_to_int64(&id) };
    TRY(db_maybe(db, arena, &sql_run_flow, of_run, COUNT(of_run), same, COUNT(same), &ours));
    return must_be_ours(run, ours);
}

static struct problem *store_checking(struct run *run)
{
    int64_t id;
    bool told;
    bool ours;
    const struct db_param in[] = { db_int64(run->job->id), db_int64(run->job->fence) };
    const struct db_column out[] = { db_to_int64(&id), db_to_bool(&told) };
    TRY(db_maybe(run->services->owner, run->arena, &sql_run_checking, in, COUNT(in), out,
                 COUNT(out), &ours));
    return must_be_ours(run, ours);
}

struct problem *run_store_end(struct run *run, const char *state, const char *error, bool *out_ours)
{
    int64_t id;
    bool told;
    const struct db_param in[] = {
        db_int64(run->job->id), db_int64(run->job->fence), db_text(state),
        db_int64(run->rows),    db_int64(run->bytes),      db_text(error),
    };
    const struct db_column out[] = { db_to_int64(&id), db_to_bool(&told) };
    return db_maybe(run->services->owner, run->arena, &sql_run_end, in, COUNT(in), out, COUNT(out),
                    out_ours);
}

/* The whole of a run but the storing of its failure. */
static struct problem *attempt(struct run *run)
{
    bool same;
    bool ours;
    TRY(prepare(run));
    TRY(find_same(run, &same));
    if (same) {
        run->state = "reused";
        return run_store_end(run, run->state, NULL, &ours);
    }
    TRY(db_transact(run->services->owner, run->arena, store_flow, run));
    for (size_t i = 0; i < run->document.step_count; i++)
        if (run->steps[i].has_table && run->steps[i].is_needed)
            TRY(run_make_step(run, i));
    TRY(store_checking(run));
    TRY(run_verify(run));
    return run_publish(run);
}

/* What the run is remembered to have ended with. */
static const char *last_state(const struct run *run)
{
    if (atomic_load(&run->watch->stop) == RUN_CANCELLED)
        return "cancelled";
    return run->state ? run->state : "failed";
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
    run.rows = run.bytes = 0; /* of snapshots: there are none */
    return run_store_end(&run, last_state(&run), problem_json(arena, problem, NULL), &ours);
}
