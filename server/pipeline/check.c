#include "check.h"

#include "server/model/relation.h"

#include <string.h>

static bool has_column(const struct probe_column *columns, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(columns[i].name, name) == 0)
            return true;
    return false;
}

static void compare_columns(struct faults *faults, const struct step_meaning *meaning)
{
    const struct target *target = &meaning->target;
    const struct contract *contract = target->contract;
    const struct pipeline_step *step = target->output->step;
    for (size_t i = 0; i < target->author.count; i++)
        if (!has_column(meaning->columns, meaning->column_count, target->author.list[i].name))
            node_fault(faults, step->node, "step %s: the column %s of contract %s is missing",
                       step->name, target->author.list[i].name, contract->id);
    for (size_t i = 0; i < meaning->column_count; i++) {
        const struct probe_column *column = &meaning->columns[i];
        if (bind_is_ours(step->mode, column->name))
            node_fault(faults, step->node,
                       "step %s: the column %s is filled by mode scd2; leave it out", step->name,
                       column->name);
        else if (!columns_find(&contract->columns, column->name, false))
            node_fault(faults, step->node, "step %s: the column %s (%s) is not in contract %s %s",
                       step->name, column->name, column->type, contract->id, contract->version);
        if (has_column(meaning->columns, i, column->name))
            node_fault(faults, step->node, "step %s: the column %s is there twice", step->name,
                       column->name);
    }
}

/* While the tables a step needs are collected. */
struct tables {
    struct arena *arena;
    struct step_table *list;
    size_t count;
};

static void add_table(struct tables *tables, const struct step_table *table)
{
    for (size_t i = 0; i < tables->count; i++)
        if (strcmp(tables->list[i].table, table->table) == 0)
            return;
    tables->list = arena_grown(tables->arena, tables->list, tables->count, sizeof *tables->list);
    tables->list[tables->count++] = *table;
}

static void add_input(struct tables *tables, const struct input_pin *pin,
                      const struct output_pin *output)
{
    size_t count;
    const char *const *names = inputs_tables(tables->arena, pin, &count);
    for (size_t i = 0; i < count; i++)
        add_table(tables, &(struct step_table){ names[i], output ? NULL : pin, output, 0 });
}

/* All that the bound statement may read: what the names in it stand for. */
static void collect_tables(struct tables *tables, const struct steps_scope *scope,
                           const char *const *step_tables, const struct binding *binding,
                           const struct target *target)
{
    for (size_t i = 0; i < binding->input_count; i++) {
        const char *name = binding->inputs[i].name;
        for (size_t k = 0; k < scope->pins->input_count; k++)
            if (strcmp(scope->pins->inputs[k].name, name) == 0)
                add_input(tables, &scope->pins->inputs[k], NULL);
        for (size_t k = 0; step_tables && k < scope->document->step_count; k++)
            if (step_tables[k] && strcmp(scope->document->steps[k].name, name) == 0)
                add_table(tables, &(struct step_table){ step_tables[k], NULL, NULL, k });
    }
    if (!target->output)
        return;
    const struct input_pin previous = { "this", target->output->datum, target->output->current };
    add_input(tables, &previous, target->output);
}

static struct problem *probe_bound(struct db *db, struct arena *arena, const char *select,
                                   const char *sql, int64_t offset,
                                   const struct pipeline_step *step, const struct tables *tables,
                                   struct probe *out_probe)
{
    struct probe_table *allowed = arena_array_of(arena, struct probe_table, tables->count + 1);
    for (size_t i = 0; i < tables->count; i++)
        allowed[i].table = tables->list[i].table;
    const struct probe_request request = {
        step->name, select, sql, offset, allowed, tables->count
    };
    return probe_statement(db, arena, &request, out_probe);
}

struct problem *check_step(struct db *db, struct arena *arena, const struct steps_scope *scope,
                           const char *const *step_tables, const char *as_of, size_t place,
                           struct step_meaning *out_meaning)
{
    const struct checked_step *step = &scope->steps[place];
    struct step_meaning meaning = { 0 };
    struct tables tables = { .arena = arena };
    struct faults faults;
    int64_t offset;
    TRY(target_resolve(arena, steps_output(scope->pins, step->step), as_of, &meaning.target));
    struct binding binding = steps_binding(arena, scope, place);
    collect_tables(&tables, scope, step_tables, &binding, &meaning.target);
    meaning.tables = tables.list;
    meaning.table_count = tables.count;
    bind_step(arena, &binding, step->sql, NULL, &meaning.select, &offset);
    TRY(probe_bound(db, arena, meaning.select, step->sql, offset, step->step, &tables,
                    &meaning.probe));
    meaning.columns = meaning.probe.columns;
    meaning.column_count = meaning.probe.column_count;
    *out_meaning = meaning;
    if (!meaning.target.output)
        return NULL;
    faults_init(&faults, arena, 20);
    compare_columns(&faults, &meaning);
    TRY(faults_problem(&faults, &PROBLEM_INVALID_DOCUMENT,
                       "the columns of step %s do not fit the contract of %s", step->step->name,
                       step->step->output));
    bind_step(arena, &binding, step->sql, &meaning.target.bind, &meaning.select, &offset);
    TRY(probe_bound(db, arena, meaning.select, step->sql, offset, step->step, &tables,
                    &meaning.probe));
    *out_meaning = meaning;
    return NULL;
}

struct problem *pipeline_check(struct db *db, struct arena *arena,
                               const struct catalogue *catalogue,
                               const struct pipeline_document *document,
                               const struct pipeline_wish *wish,
                               struct pipeline_meaning *out_meaning)
{
    struct pipeline_meaning meaning;
    TRY(steps_check(arena, document, &meaning.steps));
    TRY(inputs_pin(arena, catalogue, document, wish->inputs, !wish->checking, &meaning.pins));
    TRY(inputs_run_row(arena, document, wish->parameters, 0, NULL, wish->checking, &meaning.run,
                       &meaning.run_count));
    struct step_meaning *meanings =
        arena_array_of(arena, struct step_meaning, document->step_count);
    const struct steps_scope scope = { document,    meaning.steps,     &meaning.pins,
                                       meaning.run, meaning.run_count, NULL };
    for (size_t i = 0; i < document->step_count; i++)
        TRY(check_step(db, arena, &scope, NULL, NULL, i, &meanings[i]));
    meaning.meanings = meanings;
    if (out_meaning)
        *out_meaning = meaning;
    return NULL;
}
