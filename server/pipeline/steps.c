#include "steps.h"

#include "server/base/buffer.h"
#include "server/db/db.h"
#include "server/sandbox/gate.h"

#include <string.h>

/* Inputs, the steps before this one, run, and `this` where it has an output. */
static const char *const *names_of(struct arena *arena, const struct pipeline_document *document,
                                   size_t place)
{
    const char **names = arena_array_of(arena, const char *, document->input_count + place + 3);
    size_t count = 0;
    for (size_t i = 0; i < document->input_count; i++)
        names[count++] = document->inputs[i].name;
    for (size_t i = 0; i < place; i++)
        names[count++] = document->steps[i].name;
    names[count++] = "run";
    if (document->steps[place].output)
        names[count++] = "this";
    return names;
}

/* From the last to the first: who is read by whom. */
static void settle(struct checked_step *steps, size_t count)
{
    for (size_t i = count; i-- > 0;) {
        size_t readers = 0;
        steps[i].is_needed = steps[i].step->output != NULL;
        for (size_t k = i + 1; k < count; k++)
            if (steps[k].is_needed && steps[k].reads_step[i]) {
                steps[i].is_needed = true;
                readers++;
            }
        steps[i].has_table = steps[i].step->output || readers > 1;
    }
}

struct problem *steps_check(struct arena *arena, const struct pipeline_document *document,
                            struct checked_step **out_steps)
{
    struct checked_step *steps = arena_array_of(arena, struct checked_step, document->step_count);
    for (size_t i = 0; i < document->step_count; i++) {
        const struct pipeline_step *step = &document->steps[i];
        bool *uses = arena_array_of(arena, bool, document->input_count + i + 2);
        steps[i].step = step;
        TRY(gate_check(arena, step->name, step->sql, names_of(arena, document, i), &steps[i].sql,
                       uses));
        steps[i].reads_input = uses;
        steps[i].reads_step = uses + document->input_count;
        steps[i].uses_run = uses[document->input_count + i];
        steps[i].uses_time = steps[i].uses_run;
        steps[i].uses_this = step->output && uses[document->input_count + i + 1];
    }
    settle(steps, document->step_count);
    *out_steps = steps;
    return NULL;
}

const struct output_pin *steps_output(const struct pipeline_pins *pins,
                                      const struct pipeline_step *step)
{
    for (size_t i = 0; i < pins->output_count; i++)
        if (pins->outputs[i].step == step)
            return &pins->outputs[i];
    return NULL;
}

/* Mark what a step needs: what it reads, and what the steps without a table that it reads, read. */
static void mark(const struct steps_scope *scope, size_t place, bool *inputs, bool *steps)
{
    const struct checked_step *step = &scope->steps[place];
    for (size_t i = 0; i < scope->document->input_count; i++)
        inputs[i] = inputs[i] || step->reads_input[i];
    for (size_t i = 0; i < place; i++) {
        if (!step->reads_step[i] || steps[i])
            continue;
        steps[i] = true;
        if (!scope->tables || !scope->tables[i])
            mark(scope, i, inputs, steps);
    }
}

/* The SQL of an earlier step in place of its table: of an output with the types its table will
 * have. */
static const char *inlined(struct arena *arena, const struct steps_scope *scope, size_t place)
{
    const struct output_pin *output = steps_output(scope->pins, scope->steps[place].step);
    if (!output)
        return scope->steps[place].sql;
    CLEANUP(buffer_clear) struct buffer sql = { 0 };
    const struct columns *columns = &output->datum->contract->columns;
    buffer_add_text(&sql, "SELECT ");
    for (size_t i = 0; i < columns->count; i++) {
        const char *name = db_identifier(arena, columns->list[i].name);
        const char *type = column_sql_type(arena, &columns->list[i]);
        if (bind_is_ours(output->step->mode, columns->list[i].name))
            buffer_print(&sql, "%sNULL::%s AS %s", i ? ", " : "", type, name);
        else
            buffer_print(&sql, "%sq.%s::%s AS %s", i ? ", " : "", name, type, name);
    }
    buffer_print(&sql, " FROM (\n%s\n) AS q", scope->steps[place].sql);
    return arena_copy(arena, sql.data, sql.size);
}

struct binding steps_binding(struct arena *arena, const struct steps_scope *scope, size_t place)
{
    const struct pipeline_document *document = scope->document;
    const struct pipeline_pins *pins = scope->pins;
    bool *needs_input = arena_array_of(arena, bool, document->input_count + 1);
    bool *needs_step = arena_array_of(arena, bool, place + 1);
    struct bind_input *inputs =
        arena_array_of(arena, struct bind_input, document->input_count + place + 1);
    struct bind_step *earlier = arena_array_of(arena, struct bind_step, place + 1);
    struct binding binding = {
        .inputs = inputs, .run = scope->run, .run_count = scope->run_count, .earlier = earlier
    };
    mark(scope, place, needs_input, needs_step);
    for (size_t i = 0; i < document->input_count; i++)
        if (needs_input[i])
            inputs[binding.input_count++] =
                (struct bind_input){ pins->inputs[i].name, inputs_select(arena, &pins->inputs[i]) };
    for (size_t i = 0; i < place; i++) {
        const char *name = document->steps[i].name;
        if (needs_step[i] && scope->tables && scope->tables[i])
            inputs[binding.input_count++] = (struct bind_input){ name, scope->tables[i] };
        else if (needs_step[i])
            earlier[binding.earlier_count++] = (struct bind_step){ name, inlined(arena, scope, i) };
    }
    const struct output_pin *output = steps_output(pins, &document->steps[place]);
    if (output && scope->steps[place].uses_this)
        inputs[binding.input_count++] =
            (struct bind_input){ "this", inputs_select_output(arena, output) };
    return binding;
}
