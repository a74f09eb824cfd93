#include "step_lineage.h"

#include "server/model/relation.h"

#include <string.h>

void step_lineages_init(struct arena *arena, size_t step_count, struct step_lineages *out_lineages)
{
    *out_lineages =
        (struct step_lineages){ arena, arena_array_of(arena, struct lineage, step_count), NULL, 0 };
}

static void add_input(struct step_lineages *lineages, int64_t relation,
                      const struct catalogue_datum *datum, int64_t number)
{
    for (size_t i = 0; i < lineages->input_count; i++)
        if (lineages->inputs[i].relation == relation)
            return;
    lineages->inputs = arena_grown(lineages->arena, lineages->inputs, lineages->input_count,
                                   sizeof *lineages->inputs);
    lineages->inputs[lineages->input_count++] =
        (struct lineage_input){ relation, datum->id, number,
                                arena_print(lineages->arena, "%s.%s", catalogue_layer(datum),
                                            datum->name) };
}

static bool is_input_table(const struct step_meaning *meaning, int64_t relation)
{
    for (size_t i = 0; i < meaning->table_count; i++)
        if (meaning->probe.tables[i] == relation)
            return meaning->tables[i].input
                   && meaning->tables[i].input->datum->use == CONTRACT_OF_INPUT;
    return false;
}

/* The columns by which a state of an input is chosen are the server's, not the dataset's. */
static void leave_out_ours(const struct step_meaning *meaning, struct lineage_column *column)
{
    struct lineage_source *kept = (struct lineage_source *)(uintptr_t)column->sources;
    size_t count = 0;
    for (size_t i = 0; i < column->source_count; i++)
        if (!column->sources[i].column || !relation_is_ours(column->sources[i].column)
            || !is_input_table(meaning, column->sources[i].relation))
            kept[count++] = column->sources[i];
    column->source_count = count;
}

void step_lineages_add(struct step_lineages *lineages, size_t place,
                       const struct step_meaning *meaning)
{
    struct arena *arena = lineages->arena;
    struct lineage_step *earlier =
        arena_array_of(arena, struct lineage_step, meaning->table_count + 1);
    size_t earlier_count = 0;
    struct lineage own;
    for (size_t i = 0; i < meaning->table_count; i++) {
        const struct step_table *table = &meaning->tables[i];
        int64_t relation = meaning->probe.tables[i];
        if (table->input)
            add_input(lineages, relation, table->input->datum, table->input->number);
        else if (table->output)
            add_input(lineages, relation, table->output->datum, table->output->current);
        else
            earlier[earlier_count++] =
                (struct lineage_step){ relation, &lineages->list[table->step] };
    }
    lineage_of(arena, &meaning->probe, &own);
    for (size_t i = 0; i < own.column_count; i++)
        leave_out_ours(meaning, (struct lineage_column *)(uintptr_t)&own.columns[i]);
    lineage_compose(arena, &own, earlier, earlier_count, &lineages->list[place]);
}
