/* Fingerprints: all that decides the rows of a step or of a run, as one digest. Equal fingerprints
 * mean equal rows, so what was computed is not computed again. */
#include "run_parts.h"

#include "server/base/digest.h"

#include <string.h>

/* Raised when the SQL around an author's changes its meaning. */
#define GENERATOR "2"

static void add(struct digest *digest, struct arena *arena, const char *format, ...)
    PRINTF_LIKE(3, 4);
static void add(struct digest *digest, struct arena *arena, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const char *text = arena_vprint(arena, format, arguments);
    va_end(arguments);
    digest_add(digest, text, strlen(text) + 1); /* with its NUL: no two lists read the same */
}

static const char *end(struct digest *digest, struct arena *arena)
{
    unsigned char sum[DIGEST_BYTES];
    digest_end(digest, sum);
    return arena_hex(arena, sum, sizeof sum);
}

static void add_input(struct digest *digest, const struct run *run, const struct input_pin *pin)
{
    add(digest, run->arena, "input %s %lld %lld %s", pin->name, (long long)pin->datum->id,
        (long long)pin->number, pin->datum->contract->sha256);
}

/* The parameters; the run's id and instant only where the SQL can see them. */
static void add_run(struct digest *digest, const struct run *run, bool all)
{
    for (size_t i = all ? 0 : 2; i < run->row_count; i++)
        add(digest, run->arena, "run %s=%s", run->row[i].name,
            run->row[i].text ? run->row[i].text : "\x01");
}

/* `previous`: whether the snapshot before decides too. */
static void add_output(struct digest *digest, const struct run *run,
                       const struct output_pin *output, bool previous)
{
    add(digest, run->arena, "output %lld %s %lld", (long long)output->datum->id,
        output->datum->contract->sha256, previous ? (long long)output->current : -1LL);
}

/* A step's rows follow from its SQL and what it reads. */
static const char *of_step(const struct run *run, size_t place)
{
    CLEANUP(digest_close_at) struct digest *digest = digest_open();
    const struct checked_step *step = &run->steps[place];
    const struct output_pin *output = steps_output(&run->pins, step->step);
    bool history = step->step->mode == PIPELINE_MERGE || step->step->mode == PIPELINE_SCD2;
    add(digest, run->arena, "step %s %d %s", GENERATOR, (int)step->step->mode, step->sql);
    for (size_t i = 0; step->step->key && step->step->key[i]; i++)
        add(digest, run->arena, "key %s", step->step->key[i]);
    for (size_t i = 0; i < run->pins.input_count; i++)
        if (step->reads_input[i])
            add_input(digest, run, &run->pins.inputs[i]);
    for (size_t i = 0; i < place; i++)
        if (step->reads_step[i])
            add(digest, run->arena, "earlier %s %s", run->steps[i].step->name,
                run->step_fingerprints[i]);
    if (step->uses_run)
        add_run(digest, run, step->uses_time);
    if (step->step->mode == PIPELINE_SCD2)
        add(digest, run->arena, "as of %s", run->as_of);
    if (output)
        add_output(digest, run, output, step->uses_this || history);
    return end(digest, run->arena);
}

/* A whole run gives the same result when nothing it reads has changed. What merge, append and scd2
 * add to is left out: to add the same a second time would change nothing, or be wrong. */
static const char *of_run(const struct run *run)
{
    CLEANUP(digest_close_at) struct digest *digest = digest_open();
    bool uses_time = false;
    bool uses_this = false;
    add(digest, run->arena, "run %s %s", GENERATOR, run->document.sha256);
    for (size_t i = 0; i < run->document.step_count; i++) {
        uses_time = uses_time || run->steps[i].uses_time;
        uses_this = uses_this || run->steps[i].uses_this;
    }
    add_run(digest, run, uses_time);
    for (size_t i = 0; i < run->pins.input_count; i++)
        add_input(digest, run, &run->pins.inputs[i]);
    for (size_t i = 0; i < run->pins.output_count; i++)
        add_output(digest, run, &run->pins.outputs[i], uses_this);
    return end(digest, run->arena);
}

void run_fingerprints(struct run *run)
{
    run->step_fingerprints = arena_array_of(run->arena, const char *, run->document.step_count);
    for (size_t i = 0; i < run->document.step_count; i++)
        run->step_fingerprints[i] = of_step(run, i);
    run->fingerprint = of_run(run);
}
