#include "check.h"

#include "server/sandbox/gate.h"
#include "server/db/stream.h"

#include <string.h>

/* Inputs, the steps before this one, `this` where it has an output, and run. */
static const char *const *names_of(struct arena *arena, const struct pipeline_document *document,
                                   size_t index)
{
    const char **names = arena_array_of(arena, const char *, document->input_count + index + 3);
    size_t count = 0;
    for (size_t i = 0; i < document->input_count; i++)
        names[count++] = document->inputs[i].name;
    for (size_t i = 0; i < index; i++)
        names[count++] = document->steps[i].name;
    names[count++] = "run";
    if (document->steps[index].output)
        names[count++] = "this";
    return names;
}

static bool reads(const char *const *names, const bool *uses, const char *name)
{
    for (size_t i = 0; names[i]; i++)
        if (strcmp(names[i], name) == 0)
            return uses[i];
    return false;
}

struct problem *pipeline_check_shape(struct arena *arena, const struct pipeline_document *document,
                                     const struct checked_step **out_steps)
{
    struct checked_step *steps = arena_array_of(arena, struct checked_step, document->step_count);
    for (size_t i = 0; i < document->step_count; i++) {
        const struct pipeline_step *step = &document->steps[i];
        const char *const *names = names_of(arena, document, i);
        bool *uses = arena_array_of(arena, bool, document->input_count + i + 2);
        steps[i].step = step;
        TRY(gate_check(arena, step->name, step->sql, names, &steps[i].sql, uses));
        steps[i].uses_run = reads(names, uses, "run");
        steps[i].uses_this = reads(names, uses, "this");
    }
    *out_steps = steps;
    return NULL;
}

static const struct output_pin *output_of(const struct pipeline_pins *pins,
                                          const struct pipeline_step *step)
{
    for (size_t i = 0; i < pins->output_count; i++)
        if (pins->outputs[i].step == step)
            return &pins->outputs[i];
    return NULL;
}

struct binding pipeline_binding(struct arena *arena, const struct pipeline_document *document,
                                const struct checked_step *steps, size_t index,
                                const struct pipeline_pins *pins, const struct bind_value *run,
                                size_t run_count)
{
    struct bind_input *inputs = arena_array_of(arena, struct bind_input, pins->input_count + 1);
    size_t input_count = pins->input_count;
    for (size_t i = 0; i < input_count; i++)
        inputs[i] =
            (struct bind_input){ pins->inputs[i].name, inputs_select(arena, &pins->inputs[i]) };
    const struct output_pin *output = output_of(pins, &document->steps[index]);
    if (output && steps[index].uses_this) {
        const struct input_pin this = { "this", output->datum, output->current };
        inputs[input_count++] = (struct bind_input){ "this", inputs_select(arena, &this) };
    }
    struct bind_step *earlier = arena_array_of(arena, struct bind_step, index);
    for (size_t i = 0; i < index; i++)
        earlier[i] = (struct bind_step){ document->steps[i].name, steps[i].sql };
    return (struct binding){ inputs, input_count, run, run_count, earlier, index };
}

/* Postgres refused the bound statement: say where in the author's SQL, when it is there. */
static struct problem *refused_by_postgres(struct db *db, struct arena *arena,
                                           const struct checked_step *step, int64_t offset,
                                           const struct problem *why)
{
    if (why->kind == &PROBLEM_STORE && strcmp(db_sqlstate(db), "") == 0)
        return problem_because(arena, problem_new(arena, why->kind, "%s", why->detail), "%s",
                               why->cause ? why->cause : "");
    int64_t characters = db_error_position(db) - 1 - offset;
    int64_t at = -1;
    if (characters >= 0) {
        at = 0; /* from characters to bytes */
        while (step->sql[at] && characters > 0) {
            at++;
            if (((unsigned char)step->sql[at] & 0xC0) != 0x80)
                characters--;
        }
        if (!step->sql[at] && characters > 0)
            at = -1;
    }
    return gate_refuse(arena, step->step->name, "analysis", "analysis", step->sql, at, "%s",
                       why->cause ? why->cause : why->detail);
}

static bool described(const struct db_described *columns, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(columns[i].name, name) == 0)
            return true;
    return false;
}

static void compare_columns(struct faults *faults, const struct pipeline_step *step,
                            const struct contract *contract, const struct db_described *columns,
                            size_t count)
{
    for (size_t i = 0; i < contract->columns.count; i++)
        if (!described(columns, count, contract->columns.list[i].name))
            node_fault(faults, step->node, "step %s: the column %s of contract %s is missing",
                       step->name, contract->columns.list[i].name, contract->id);
    for (size_t i = 0; i < count; i++) {
        if (!columns_find(&contract->columns, columns[i].name, false))
            node_fault(faults, step->node, "step %s: the column %s (%s) is not in contract %s %s",
                       step->name, columns[i].name, columns[i].type, contract->id,
                       contract->version);
        if (described(columns, i, columns[i].name))
            node_fault(faults, step->node, "step %s: the column %s is there twice", step->name,
                       columns[i].name);
    }
}

static struct problem *check_meaning(struct db *db, struct arena *arena,
                                     const struct checked_step *step, const struct binding *binding,
                                     const struct contract *contract)
{
    const char *sql;
    int64_t offset;
    const struct db_described *columns;
    size_t count;
    bind_step(arena, binding, step->sql, NULL, &sql, &offset);
    struct problem *problem = db_describe(db, arena, sql, &columns, &count);
    if (problem)
        return refused_by_postgres(db, arena, step, offset, problem);
    if (!contract)
        return NULL;
    struct faults faults;
    faults_init(&faults, arena, 20);
    compare_columns(&faults, step->step, contract, columns, count);
    TRY(faults_problem(&faults, &PROBLEM_INVALID_DOCUMENT,
                       "the columns of step %s do not fit the contract of %s", step->step->name,
                       step->step->output));
    bind_step(arena, binding, step->sql, &contract->columns, &sql, &offset);
    problem = db_describe(db, arena, sql, &columns, &count);
    return problem ? refused_by_postgres(db, arena, step, offset, problem) : NULL;
}

static struct problem *check_steps(struct db *db, struct arena *arena,
                                   const struct catalogue *catalogue,
                                   const struct pipeline_document *document,
                                   const struct checked_step *steps)
{
    struct pipeline_pins pins;
    const struct bind_value *run;
    size_t run_count;
    TRY(inputs_pin(arena, catalogue, document, false, &pins));
    TRY(inputs_run_row(arena, document, NULL, 0, 0, true, &run, &run_count));
    for (size_t i = 0; i < document->step_count; i++) {
        const struct output_pin *output = output_of(&pins, &document->steps[i]);
        struct binding binding = pipeline_binding(arena, document, steps, i, &pins, run, run_count);
        TRY(check_meaning(db, arena, &steps[i], &binding, output ? output->datum->contract : NULL));
    }
    return NULL;
}

struct problem *pipeline_check(struct db *db, struct arena *arena,
                               const struct catalogue *catalogue,
                               const struct pipeline_document *document)
{
    const struct checked_step *steps;
    TRY(pipeline_check_shape(arena, document, &steps));
    return check_steps(db, arena, catalogue, document, steps);
}
