#include "plan.h"

#include "run_wish.h"
#include "server/base/buffer.h"
#include "server/base/clock.h"
#include "server/pipeline/check.h"
#include "server/pipeline/estimate.h"
#include "server/pipeline/step_lineage.h"
#include "server/quality/quality.h"

#include <stdlib.h>
#include <string.h>

#define SAMPLE_MOST 10000

/* A plan under way. Lists that cannot grow become a problem in reply_json. */
struct planning {
    struct request *rq;
    const struct pipeline_document *document;
    struct pipeline_meaning meaning;
    struct step_lineages lineages;
    int64_t sample;        /* rows; 0: none */
    struct buffer samples; /* members of the object, as JSON */
};

static void append(json_t *list, json_t *item)
{
    (void)json_array_append_new(list, item);
}

static const char *dataset_name(struct arena *arena, const struct catalogue_datum *datum)
{
    return arena_print(arena, "%s.%s", catalogue_layer(datum), datum->name);
}

static json_t *number_or_null(int64_t number)
{
    return number ? json_integer(number) : json_null();
}

static json_t *inputs_json(struct planning *planning)
{
    const struct pipeline_pins *pins = &planning->meaning.pins;
    json_t *list = json_array();
    for (size_t i = 0; i < pins->input_count; i++)
        append(list, json_pack("{s:s, s:s, s:o}", "name", pins->inputs[i].name, "dataset",
                               dataset_name(planning->rq->arena, pins->inputs[i].datum), "number",
                               number_or_null(pins->inputs[i].number)));
    return list;
}

static json_t *reads_json(const struct planning *planning, size_t place)
{
    const struct checked_step *step = &planning->meaning.steps[place];
    json_t *list = json_array();
    for (size_t i = 0; i < planning->document->input_count; i++)
        if (step->reads_input[i])
            append(list, json_string(planning->document->inputs[i].name));
    for (size_t i = 0; i < place; i++)
        if (step->reads_step[i])
            append(list, json_string(planning->document->steps[i].name));
    if (step->uses_run)
        append(list, json_string("run"));
    if (step->uses_this || target_reads_previous(&planning->meaning.meanings[place].target))
        append(list, json_string("this"));
    return list;
}

static json_t *columns_json(const struct step_meaning *meaning)
{
    json_t *list = json_array();
    for (size_t i = 0; i < meaning->column_count; i++)
        append(list, json_pack("{s:s, s:s}", "name", meaning->columns[i].name, "type",
                               meaning->columns[i].type));
    return list;
}

/* The contract in force beside that of the current snapshot: what its readers would notice. */
static json_t *changes_json(struct arena *arena, const struct target *target)
{
    const struct output_pin *output = target->output;
    const struct catalogue_snapshot *current = catalogue_snapshot(output->datum, output->current);
    json_t *added = json_array();
    json_t *removed = json_array();
    json_t *changed = json_array();
    const struct columns *to = &target->contract->columns;
    const struct columns none = { 0 };
    const struct columns *from = current ? &current->contract->columns : &none;
    for (size_t i = 0; i < to->count; i++) {
        const struct column *before = columns_find(from, to->list[i].name, false);
        if (!before)
            append(added, json_string(to->list[i].name));
        else if (strcmp(column_sql_type(arena, before), column_sql_type(arena, &to->list[i])) != 0)
            append(changed, json_string(to->list[i].name));
    }
    for (size_t i = 0; i < from->count; i++)
        if (!columns_find(to, from->list[i].name, false))
            append(removed, json_string(from->list[i].name));
    bool breaking = json_array_size(removed) || json_array_size(changed);
    return json_pack("{s:o, s:b, s:o, s:o, s:o}", "from_snapshot", number_or_null(output->current),
                     "breaking", (int)breaking, "added", added, "removed", removed, "changed",
                     changed);
}

/* The planner's view, once there is something to look at; and the limit of the pipeline. */
static struct problem *add_estimate(struct planning *planning, size_t place, json_t *step)
{
    struct arena *arena = planning->rq->arena;
    const char *conninfo = server_of(planning->rq)->pipeline_conninfo;
    const char *name = planning->document->steps[place].name;
    struct estimate estimate;
    TRY(estimate_select(arena, conninfo, name, planning->meaning.meanings[place].select,
                        &estimate));
    int64_t limit = planning->document->limits.cost;
    /* as for lists */
    (void)json_object_set_new(step, "estimated_rows", json_integer(estimate.rows));
    (void)json_object_set_new(step, "estimated_cost", json_real(estimate.cost));
    if (limit)
        (void)json_object_set_new(step, "over_cost_limit",
                                  json_boolean(estimate.cost > (double)limit));
    return NULL;
}

static struct problem *add_lineage(struct planning *planning, size_t place, json_t *step)
{
    json_t *lineage;
    step_lineages_add(&planning->lineages, place, &planning->meaning.meanings[place]);
    TRY(lineage_json(planning->rq->arena, &planning->lineages.list[place],
                     planning->lineages.inputs, planning->lineages.input_count, &lineage));
    (void)json_object_set_new(step, "lineage", lineage); /* as for lists */
    return NULL;
}

static json_t *result_json(const struct quality_result *result)
{
    json_t *value = result->has_value ? json_real(result->value) : json_null();
    return json_pack("{s:s, s:s, s:o, s:I, s:s?}", "rule", result->rule->name, "outcome",
                     quality_outcome_name(result->outcome), "value", value, "rows",
                     (json_int_t)result->total, "message", result->message);
}

/* What the rules of the contract would find in the sample. */
static struct problem *add_rules(struct planning *planning, size_t place, json_t *step)
{
    struct arena *arena = planning->rq->arena;
    const struct step_meaning *meaning = &planning->meaning.meanings[place];
    const char *from = arena_print(arena, "(SELECT * FROM (%s) AS b LIMIT %lld) AS s",
                                   meaning->select, (long long)planning->sample);
    struct quality_report report;
    TRY(quality_preview(arena, server_of(planning->rq)->pipeline_conninfo, meaning->target.contract,
                        from, clock_now(), SAMPLE_TIMEOUT_MS, &report));
    json_t *list = json_array();
    for (size_t i = 0; i < report.count; i++)
        append(list, result_json(&report.list[i]));
    (void)json_object_set_new(step, "rules", list); /* as for lists */
    return NULL;
}

/* Rows go out as Postgres wrote them: a number must not lose digits on its way through a double. */
static struct problem *add_sample(struct planning *planning, size_t place)
{
    struct arena *arena = planning->rq->arena;
    const char *name = planning->document->steps[place].name;
    const char *rows;
    TRY(estimate_sample(arena, server_of(planning->rq)->pipeline_conninfo, name,
                        planning->meaning.meanings[place].select, planning->sample, &rows));
    buffer_add_text(&planning->samples, planning->samples.size ? ", " : "");
    buffer_add_json_string(&planning->samples, name, strlen(name));
    buffer_print(&planning->samples, ": %s", rows);
    return NULL;
}

static struct problem *add_steps(struct planning *planning, json_t *list)
{
    static const char *const modes[] = { "full", "append", "merge", "scd2" };
    for (size_t i = 0; i < planning->document->step_count; i++) {
        const struct step_meaning *meaning = &planning->meaning.meanings[i];
        const struct pipeline_step *step = &planning->document->steps[i];
        json_t *item = json_pack("{s:s, s:s?, s:s?, s:b, s:o, s:o}", "name", step->name, "output",
                                 step->output, "mode", step->output ? modes[step->mode] : NULL,
                                 "table", (int)planning->meaning.steps[i].has_table, "reads",
                                 reads_json(planning, i), "columns", columns_json(meaning));
        append(list, item);
        if (meaning->target.output)
            (void)json_object_set_new(item, "changes",
                                      changes_json(planning->rq->arena, &meaning->target));
        TRY(add_lineage(planning, i, item));
        if (planning->meaning.steps[i].is_needed)
            TRY(add_estimate(planning, i, item));
        if (planning->sample && step->output) {
            TRY(add_sample(planning, i));
            TRY(add_rules(planning, i, item));
        }
    }
    return NULL;
}

/* Current pipelines that read what this one makes. */
static json_t *consumers_json(struct planning *planning)
{
    const struct catalogue *catalogue = server_catalogue(planning->rq);
    json_t *list = json_array();
    for (size_t i = 0; i < catalogue->pipeline_count; i++) {
        const struct pipeline_document *other = &catalogue->pipelines[i].document;
        for (size_t k = 0; catalogue->pipelines[i].is_current && k < other->input_count; k++)
            for (size_t s = 0; s < planning->document->step_count; s++) {
                const char *output = planning->document->steps[s].output;
                if (output && other->inputs[k].layer == PIPELINE_OUTPUT
                    && strcmp(other->inputs[k].dataset, output) == 0)
                    append(list, json_pack("{s:s, s:s}", "pipeline", other->name, "dataset",
                                           arena_print(planning->rq->arena, "output.%s", output)));
            }
    }
    return list;
}

/* A sample shows rows of the inputs, so whoever asks must be allowed to see all of them. */
static struct problem *may_see(struct planning *planning)
{
    const struct pipeline_pins *pins = &planning->meaning.pins;
    for (size_t i = 0; i < pins->input_count; i++) {
        const struct catalogue_datum *datum;
        struct access_decision decision;
        TRY(server_dataset(planning->rq, pins->inputs[i].datum->use, pins->inputs[i].datum->name,
                           ACCESS_READ, &datum, &decision));
        if (decision.denied_columns[0] || decision.row_filters[0])
            return problem_new(
                planning->rq->arena, &PROBLEM_FORBIDDEN,
                "a sample shows rows of %s, of which the access rules do not let you "
                "see all",
                pins->inputs[i].datum->name);
    }
    return NULL;
}

CLEANUP_DEFINE(json_t *, json_decref)
CLEANUP_DEFINE(char *, free)

/* The plan, with the samples written into it as its last member. */
static struct problem *answer(struct planning *planning, struct reply *rp, json_t *plan)
{
    CLEANUP(json_decref_at) json_t *owned = plan;
    CLEANUP(free_at) char *text = owned ? json_dumps(owned, JSON_COMPACT) : NULL;
    CLEANUP(buffer_clear) struct buffer whole = { 0 };
    struct arena *arena = planning->rq->arena;
    if (!text)
        return problem_new(arena, &PROBLEM_INTERNAL, "the plan cannot be written");
    buffer_add(&whole, text, strlen(text) - 1);
    if (planning->sample)
        buffer_print(&whole, ", \"sample\": {%s}", buffer_text(&planning->samples));
    buffer_add_char(&whole, '}');
    return reply_text(planning->rq, rp, 200, "application/json",
                      arena_copy(arena, whole.data, whole.size), whole.size);
}

static struct problem *plan(struct planning *planning, struct reply *rp)
{
    CLEANUP(json_decref_at) json_t *steps = json_array();
    TRY(add_steps(planning, steps));
    return answer(planning, rp,
                  json_pack("{s:s, s:s, s:o, s:O, s:o}", "pipeline", planning->document->name,
                            "version", planning->document->version, "inputs", inputs_json(planning),
                            "steps", steps, "consumers", consumers_json(planning)));
}

struct problem *plan_post(struct request *rq, struct reply *rp)
{
    static const char *const known[] = { "sample", NULL };
    struct planning planning = { .rq = rq };
    struct run_wish wish;
    TRY(server_known_options(rq, known));
    TRY(server_number_option(rq, "sample", 1, SAMPLE_MOST, 0, &planning.sample));
    TRY(run_wish_read(rq, &wish));
    planning.document = &wish.pipeline->document;
    const struct pipeline_wish over = { wish.parameters, wish.inputs, true };
    TRY(pipeline_check(rq->db, rq->arena, server_catalogue(rq), planning.document, &over,
                       &planning.meaning));
    if (planning.sample)
        TRY(may_see(&planning));
    step_lineages_init(rq->arena, planning.document->step_count, &planning.lineages);
    struct problem *problem = plan(&planning, rp);
    buffer_clear(&planning.samples);
    return problem;
}
