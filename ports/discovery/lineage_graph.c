#include "lineage_graph.h"

const struct catalogue_datum *lineage_graph_input(const struct catalogue *catalogue,
                                                  const struct pipeline_input *input)
{
    enum contract_use use = input->layer == PIPELINE_INPUT ? CONTRACT_OF_INPUT : CONTRACT_OF_OUTPUT;
    return catalogue_datum(catalogue, use, input->dataset);
}

const struct catalogue_datum *lineage_graph_output(const struct catalogue *catalogue,
                                                   const struct pipeline_step *step)
{
    return step->output ? catalogue_datum(catalogue, CONTRACT_OF_OUTPUT, step->output) : NULL;
}

bool lineage_graph_has(const struct lineage_graph *graph, const struct catalogue_datum *datum)
{
    return datum && graph->datums[datum - graph->catalogue->datums];
}

void lineage_graph_all(struct arena *arena, const struct catalogue *catalogue,
                       struct lineage_graph *out_graph)
{
    struct lineage_graph graph = { .catalogue = catalogue };
    graph.datums = arena_array_of(arena, bool, catalogue->datum_count);
    graph.pipelines = arena_array_of(arena, bool, catalogue->pipeline_count);
    for (size_t i = 0; i < catalogue->datum_count; i++) {
        const struct catalogue_datum *datum = &catalogue->datums[i];
        graph.datums[i] = catalogue_datum(catalogue, datum->use, datum->name) == datum;
    }
    for (size_t i = 0; i < catalogue->pipeline_count; i++)
        graph.pipelines[i] = catalogue->pipelines[i].is_current;
    *out_graph = graph;
}

/* Is a marked dataset on one side of a pipeline? Marking puts those of the other side there too. */
static bool touches(const struct catalogue *catalogue, const struct pipeline_document *document,
                    bool inputs, bool *datums, bool mark)
{
    bool found = false;
    size_t count = inputs ? document->input_count : document->step_count;
    for (size_t i = 0; i < count; i++) {
        const struct catalogue_datum *datum =
            inputs ? lineage_graph_input(catalogue, &document->inputs[i])
                   : lineage_graph_output(catalogue, &document->steps[i]);
        if (!datum)
            continue;
        bool *marked = &datums[datum - catalogue->datums];
        found = found || (mark ? !*marked : *marked);
        *marked = *marked || mark;
    }
    return found;
}

/* Walk one way from what is marked: up, from what is made to what is read, or down. */
static void spread(const struct catalogue *catalogue, const bool *candidates, bool up, bool *datums,
                   bool *pipelines)
{
    bool grown = true;
    for (size_t round = 0; grown && round <= catalogue->pipeline_count; round++) {
        grown = false;
        for (size_t i = 0; i < catalogue->pipeline_count; i++) {
            const struct pipeline_document *document = &catalogue->pipelines[i].document;
            if (!candidates[i] || !touches(catalogue, document, !up, datums, false))
                continue;
            pipelines[i] = true;
            grown = touches(catalogue, document, up, datums, true) || grown;
        }
    }
}

void lineage_graph_around(struct arena *arena, struct lineage_graph *graph,
                          const struct catalogue_datum *center)
{
    const struct catalogue *catalogue = graph->catalogue;
    bool *pipelines = arena_array_of(arena, bool, catalogue->pipeline_count);
    bool *both[] = { arena_array_of(arena, bool, catalogue->datum_count),
                     arena_array_of(arena, bool, catalogue->datum_count) };
    for (int up = 0; up < 2; up++) {
        both[up][center - catalogue->datums] = true;
        spread(catalogue, graph->pipelines, up == 1, both[up], pipelines);
    }
    for (size_t i = 0; i < catalogue->datum_count; i++)
        graph->datums[i] = both[0][i] || both[1][i];
    graph->pipelines = pipelines;
    graph->center = center;
}

void lineage_graph_only(struct lineage_graph *graph)
{
    const struct catalogue *catalogue = graph->catalogue;
    for (size_t i = 0; i < catalogue->datum_count; i++)
        graph->datums[i] = &catalogue->datums[i] == graph->center;
    for (size_t i = 0; i < catalogue->pipeline_count; i++)
        graph->pipelines[i] =
            graph->pipelines[i]
            && touches(catalogue, &catalogue->pipelines[i].document, false, graph->datums, false);
}
