/* The rows of a run's outputs, checked before anybody can see them. */
#include "append.h"
#include "run_parts.h"

#include "server/model/relation.h"
#include "server/quality/quality.h"

static void show(void *context, struct db *working)
{
    run_watch_show(context, working);
}

static struct problem *stopped(void *context, struct arena *arena)
{
    return run_watch_problem(context, arena);
}

/* The datasets this run knows: those it reads in their pinned states, and those it makes beside
 * this one as they will be. */
static struct quality_peer *peers_of(struct run *run, size_t *out_count)
{
    const struct pipeline_pins *pins = &run->pins;
    struct quality_peer *peers =
        arena_array_of(run->arena, struct quality_peer, pins->input_count + pins->output_count + 1);
    size_t count = 0;
    for (size_t i = 0; i < pins->output_count; i++)
        peers[count++] = (struct quality_peer){ pins->outputs[i].datum->id,
                                                run->selects[run_place(run, &pins->outputs[i])] };
    for (size_t i = 0; i < pins->input_count; i++)
        peers[count++] = (struct quality_peer){ pins->inputs[i].datum->id,
                                                inputs_select(run->arena, &pins->inputs[i]) };
    *out_count = count;
    return peers;
}

/* Rules are about the dataset as readers will see it: of append, the rows before and the new ones.
 */
static void add_rows(struct run *run, const struct output_pin *output, const struct made *made,
                     struct quality_request *request)
{
    struct arena *arena = run->arena;
    const struct input_pin previous = { "this", output->datum, output->current };
    size_t count = 0;
    const char *const *before =
        output->step->mode == PIPELINE_APPEND ? inputs_tables(arena, &previous, &count) : NULL;
    struct probe_table *tables = arena_array_of(arena, struct probe_table, count + 1);
    const char *segment = relation_segment(arena, made->segment_id);
    for (size_t i = 0; i < count; i++)
        tables[i].table = before[i];
    tables[count].table = segment;
    request->tables = tables;
    request->table_count = count + 1;
    if (count)
        request->from = arena_print(
            arena, "(%s UNION ALL SELECT %s FROM %s) AS rows", inputs_select_output(arena, output),
            relation_column_list(arena, &output->datum->contract->columns), segment);
}

static struct problem *verify(struct run *run, const struct output_pin *output)
{
    struct arena *arena = run->arena;
    struct db *db = run->services->owner;
    const struct made *made = &run->made[run_place(run, output)];
    struct quality_report report;
    struct quality_request request = {
        .catalogue = run->catalogue,
        .datum = output->datum,
        .contract = output->datum->contract,
        .segment_id = made->segment_id,
        .has_indexes = made->has_indexes,
        .pipeline_conninfo = run->services->pipeline_conninfo,
        .as_of = run->job->as_of,
        .timeout_ms = config_number(run->services->config, CONFIG_RUN_TIMEOUT),
        .policy = (enum quality_policy)run->document.quality,
        .watch = { run->watch, show, stopped },
    };
    request.peers = peers_of(run, &request.peer_count);
    add_rows(run, output, made, &request);
    if (output->step->mode == PIPELINE_APPEND)
        TRY(append_check(run, output, made));
    TRY(quality_check(db, arena, &request, &report));
    TRY(quality_store(db, arena, run->job->id, output->datum->id, &report));
    return quality_problem(arena, output->datum->name, &report);
}

struct problem *run_verify(struct run *run)
{
    struct problem *first = NULL;
    for (size_t i = 0; i < run->pins.output_count; i++) {
        /* all outputs are measured, so that all that is wrong is known at once */
        struct problem *problem = verify(run, &run->pins.outputs[i]);
        if (problem && problem->kind != &PROBLEM_CONTRACT)
            return problem;
        first = first ? first : problem;
    }
    return first;
}
