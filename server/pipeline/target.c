#include "target.h"

#include <string.h>

static void add_column(struct arena *arena, struct columns *list, const struct column *column)
{
    struct column *grown =
        arena_grown(arena, (void *)(uintptr_t)list->list, list->count, sizeof *grown);
    grown[list->count++] = *column;
    list->list = grown;
}

/* The key the step names, or else the contract's; without the columns of ours. */
static struct columns key_of(struct arena *arena, const struct pipeline_step *step,
                             const struct contract *contract, struct faults *faults)
{
    struct columns key = { 0 };
    for (size_t i = 0; step->key && step->key[i]; i++) {
        const struct column *column = columns_find(&contract->columns, step->key[i], false);
        if (column)
            add_column(arena, &key, column);
        else
            node_fault(faults, node_member(step->node, "key"), "the contract %s has no column %s",
                       contract->id, step->key[i]);
    }
    for (size_t i = 0; !step->key && i < contract->key.count; i++)
        if (!bind_is_ours(step->mode, contract->key.list[i].name))
            add_column(arena, &key, &contract->key.list[i]);
    return key;
}

static void check_history(const struct pipeline_step *step, const struct contract *contract,
                          struct faults *faults)
{
    const struct column *from = columns_find(&contract->columns, BIND_VALID_FROM, false);
    const struct column *to = columns_find(&contract->columns, BIND_VALID_TO, false);
    if (!from || from->type != COLUMN_TIMESTAMP || !to || to->type != COLUMN_TIMESTAMP
        || to->required)
        node_fault(faults, node_member(step->node, "mode"),
                   "mode scd2 keeps history in two columns of the contract %s: valid_from, a "
                   "timestamp, and valid_to, a timestamp that is not required",
                   contract->id);
    if (contract->key.count && !columns_find(&contract->key, BIND_VALID_FROM, false))
        node_fault(
            faults, node_member(step->node, "mode"),
            "in mode scd2 a key has several rows, one after the other: the primary key of the "
            "contract %s must have valid_from in it",
            contract->id);
}

struct problem *target_resolve(struct arena *arena, const struct output_pin *output,
                               const char *as_of, struct target *out_target)
{
    struct target target = { .output = output };
    struct faults faults;
    faults_init(&faults, arena, 20);
    *out_target = target;
    if (!output)
        return NULL;
    const struct pipeline_step *step = output->step;
    target.contract = output->datum->contract;
    target.bind.columns = &target.contract->columns;
    target.bind.mode = step->mode;
    target.bind.as_of = as_of;
    target.bind.key = key_of(arena, step, target.contract, &faults);
    if (target_reads_previous(&target)) {
        target.bind.previous = inputs_select_output(arena, output);
        if (!target.bind.key.count && !faults.count)
            node_fault(
                &faults, step->node,
                "mode %s needs a key: name columns in key, or give the contract %s a primary "
                "key",
                node_text(step->node, "mode"), target.contract->id);
    }
    if (step->mode == PIPELINE_SCD2)
        check_history(step, target.contract, &faults);
    for (size_t i = 0; i < target.contract->columns.count; i++)
        if (!bind_is_ours(step->mode, target.contract->columns.list[i].name))
            add_column(arena, &target.author, &target.contract->columns.list[i]);
    *out_target = target;
    return faults_problem(&faults, &PROBLEM_INVALID_DOCUMENT,
                          "step %s does not fit the contract of %s", step->name, step->output);
}

bool target_reads_previous(const struct target *target)
{
    return target->output
           && (target->bind.mode == PIPELINE_MERGE || target->bind.mode == PIPELINE_SCD2);
}
