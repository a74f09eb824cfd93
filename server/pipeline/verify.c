/* The rows of a run's outputs, checked before anybody can see them. */
#include "append.h"
#include "run_parts.h"

#include "server/model/relation.h"
#include "server/quality/quality.h"

_Static_assert((int)QUALITY_POLICY_OFF == (int)PIPELINE_OFF
                   && (int)QUALITY_POLICY_WARN == (int)PIPELINE_WARN,
               "policies are in one order");

static void show(void *context, struct db *working)
{
    run_watch_show(context, working);
}

static struct problem *stopped(void *context, struct arena *arena)
{
    return run_watch_problem(context, arena);
}

/* A SELECT of an output as it would be published: appended rows stand behind those before. */
static const char *select_output(struct run *run, const struct output_pin *output)
{
    struct arena *arena = run->arena;
    const struct made *made = &run->made[run_place(run, output)];
    const char *added = arena_print(arena, "SELECT %s FROM %s",
                                    relation_column_list(arena, &output->datum->contract->columns),
                                    relation_segment(arena, made->segment_id));
    if (output->step->mode != PIPELINE_APPEND || !output->current)
        return added;
    return arena_print(arena, "%s UNION ALL %s", inputs_select_output(arena, output), added);
}

/* Datasets as this run knows them: what it reads as it is pinned, what it makes as it is made. */
static const struct quality_peer *peers_of(struct run *run, size_t *out_count)
{
    const struct pipeline_pins *pins = &run->pins;
    struct quality_peer *peers =
        arena_array_of(run->arena, struct quality_peer, pins->output_count + pins->input_count);
    size_t count = 0;
    for (size_t i = 0; i < pins->output_count; i++)
        peers[count++] = (struct quality_peer){ pins->outputs[i].datum->id,
                                                select_output(run, &pins->outputs[i]) };
    for (size_t i = 0; i < pins->input_count; i++)
        peers[count++] = (struct quality_peer){ pins->inputs[i].datum->id,
                                                inputs_select(run->arena, &pins->inputs[i]) };
    *out_count = count;
    return peers;
}

static struct problem *check_rules(struct run *run, const struct output_pin *output,
                                   struct quality_report *out_report)
{
    const struct made *made = &run->made[run_place(run, output)];
    bool appends = output->step->mode == PIPELINE_APPEND && output->current;
    struct quality_request request = {
        .catalogue = run->catalogue,
        .datum = output->datum,
        .contract = output->datum->contract,
        .segment_id = made->segment_id,
        .from =
            appends ? arena_print(run->arena, "(%s) AS whole", select_output(run, output)) : NULL,
        .pipeline_conninfo = run->services->pipeline_conninfo,
        .as_of = run->job->as_of,
        .timeout_ms = config_number(run->services->config, CONFIG_RUN_TIMEOUT),
        .policy = (enum quality_policy)run->document.quality,
        .watch = { run->watch, show, stopped },
    };
    request.peers = peers_of(run, &request.peer_count);
    return quality_check(run->services->owner, run->arena, &request, out_report);
}

/* *out_broken is why the rows may not be published; what was found is kept all the same. */
static struct problem *verify(struct run *run, const struct output_pin *output,
                              struct problem **out_broken)
{
    struct arena *arena = run->arena;
    const struct made *made = &run->made[run_place(run, output)];
    struct quality_report report;
    run_watch_show(run->watch, run->services->owner);
    struct problem *problem = run_watch_problem(run->watch, arena);
    if (!problem && output->step->mode == PIPELINE_APPEND)
        problem = append_check(run, output, made);
    run_watch_show(run->watch, NULL);
    TRY(problem);
    TRY(check_rules(run, output, &report));
    TRY(quality_store(run->services->owner, arena, run->job->id, output->datum->id, &report));
    struct problem *broken = quality_problem(arena, output->datum->name, &report);
    if (!broken)
        return NULL;
    broken->detail = arena_print(arena, "step %s: %s", output->step->name, broken->detail);
    problem_add_text(arena, broken, "step", output->step->name);
    *out_broken = broken;
    return NULL;
}

struct problem *run_verify(struct run *run)
{
    struct problem *first = NULL;
    for (size_t i = 0; i < run->pins.output_count; i++) {
        struct problem *broken = NULL;
        TRY(verify(run, &run->pins.outputs[i], &broken));
        first = first ? first : broken; /* all outputs are told of in their results */
    }
    return first;
}
