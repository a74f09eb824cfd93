#include "body.h"
#include "client.h"
#include "control.h"
#include "show.h"

#include "server/base/text.h"

#include <string.h>

/* The state of an input that a run would read. */
static const char *state_of(struct arena *arena, const json_t *input)
{
    if (json_is_number(json_object_get(input, "number")))
        return arena_print(arena, "state %lld", (long long)show_number(input, "number"));
    return text_starts(show_member(arena, input, "dataset"), "output.") ? "nothing published yet"
                                                                        : "nothing delivered yet";
}

/* A plan is shown as far as the server tells it: what is missing is left out. */
static void show_inputs(struct arena *arena, const json_t *plan)
{
    const json_t *inputs = json_object_get(plan, "inputs");
    size_t index;
    const json_t *input;
    if (json_array_size(inputs))
        (void)printf("\nreads\n");
    json_array_foreach(inputs, index, input)
    {
        (void)printf("  %-20s %s, %s\n", show_member(arena, input, "name"),
                     show_member(arena, input, "dataset"), state_of(arena, input));
    }
}

static void show_columns(struct arena *arena, const json_t *columns)
{
    size_t index;
    const json_t *column;
    json_array_foreach(columns, index, column)
    {
        (void)printf("       %-24s %s\n", show_member(arena, column, "name"),
                     show_member(arena, column, "type"));
    }
}

/* A changed column is a name, or an object that has one. */
static void show_list(struct arena *arena, const char *what, const json_t *list)
{
    size_t index;
    const json_t *item;
    json_array_foreach(list, index, item)
    {
        const char *name = show_member(arena, item, "name");
        (void)printf("     %s %s\n", what, *name ? name : show_value(arena, item));
    }
}

static void show_changes(struct arena *arena, const json_t *changes)
{
    if (json_is_null(json_object_get(changes, "from_snapshot"))) {
        /* all its columns are new, and no reader has seen others */
        (void)printf("     first snapshot\n");
        return;
    }
    if (json_is_true(json_object_get(changes, "breaking")))
        (void)printf("     BREAKING: those who read this dataset would notice\n");
    show_list(arena, "+", json_object_get(changes, "added"));
    show_list(arena, "-", json_object_get(changes, "removed"));
    show_list(arena, "~", json_object_get(changes, "changed"));
}

static void show_steps(struct arena *arena, const json_t *plan)
{
    const json_t *steps = json_object_get(plan, "steps");
    size_t index;
    const json_t *step;
    if (json_array_size(steps))
        (void)printf("\nsteps\n");
    json_array_foreach(steps, index, step)
    {
        const char *output = show_member(arena, step, "output");
        const char *mode = show_member(arena, step, "mode");
        (void)printf("  %zu. %s", index + 1, show_member(arena, step, "name"));
        if (*output)
            (void)printf(" → %s%s%s%s", strchr(output, '.') ? "" : "output.", output,
                         *mode ? ", " : "", mode);
        if (json_is_number(json_object_get(step, "estimated_rows")))
            (void)printf("; about %s rows", show_count(arena, show_number(step, "estimated_rows")));
        if (json_is_number(json_object_get(step, "estimated_cost")))
            (void)printf(", cost %s", show_count(arena, show_number(step, "estimated_cost")));
        (void)printf("\n");
        show_columns(arena, json_object_get(step, "columns"));
        show_changes(arena, json_object_get(step, "changes"));
    }
}

static void show_consumers(struct arena *arena, const json_t *plan)
{
    const json_t *consumers = json_object_get(plan, "consumers");
    if (!json_array_size(consumers))
        return;
    (void)printf("\nread by\n");
    show_list(arena, "", consumers);
}

/* Rows of a sample: a list, or for each step one. */
static void show_rows(struct arena *arena, const json_t *rows)
{
    size_t index;
    const json_t *row;
    json_array_foreach(rows, index, row)
    {
        (void)printf("  %s\n", show_value(arena, row));
    }
}

static void show_sample(struct arena *arena, const json_t *plan)
{
    json_t *sample = json_object_get(plan, "sample");
    const char *name;
    json_t *part;
    if (!sample || json_is_null(sample))
        return;
    (void)printf("\nsample\n");
    show_rows(arena, sample);
    json_object_foreach(sample, name, part)
    {
        const json_t *rows = json_object_get(part, "rows");
        if (json_is_array(part) || json_is_array(rows)) {
            (void)printf("  %s\n", show_text(arena, name));
            show_rows(arena, json_is_array(part) ? part : rows);
        } else {
            (void)printf("  %s: %s\n", show_text(arena, name), show_value(arena, part));
        }
    }
}

static void show_plan(struct arena *arena, const json_t *plan)
{
    (void)printf("pipeline %s %s\n", show_member(arena, plan, "pipeline"),
                 show_member(arena, plan, "version"));
    show_inputs(arena, plan);
    show_steps(arena, plan);
    show_consumers(arena, plan);
    show_sample(arena, plan);
}

static struct problem *plan(struct arena *arena, const struct client_options *options)
{
    CLEANUP(control_close_at) struct control *control = NULL;
    const char *name = control_segment(arena, options->pipeline);
    struct control_answer answer;
    const char *body;
    TRY(control_open(arena, options, &control));
    TRY(control_ask(control, arena, "GET", arena_print(arena, "/control/pipelines/%s", name), NULL,
                    &answer));
    TRY(body_make(arena, options, answer.json, true, &body));
    const char *path = arena_print(arena, "/control/pipelines/%s/plan", name);
    if (options->sample)
        path = arena_print(arena, "%s?sample=%lld", path, (long long)options->sample);
    TRY(control_ask(control, arena, "POST", path, body, &answer));
    if (options->json)
        show_json(answer.json);
    else
        show_plan(arena, answer.json);
    return NULL;
}

int client_plan(struct arena *arena, int count, char *const *words)
{
    struct client_options options;
    struct problem *problem = client_options_read(arena, true, count, words, &options);
    int end = problem ? CLIENT_USAGE : CLIENT_REFUSED;
    if (!problem && options.help)
        return fputs(client_options_help(arena, true), stdout) < 0 ? CLIENT_REFUSED : CLIENT_DONE;
    if (!problem)
        problem = plan(arena, &options);
    if (!problem)
        return CLIENT_DONE;
    (void)fprintf(stderr, "entrepot: %s", problem_lines(arena, problem));
    return end;
}
