/*
 * The graph of a product's datasets and current pipelines, and which part of it is asked for.
 *
 * Made of one catalogue; everything lives in the request's arena.
 */
#ifndef ENTREPOT_PORTS_DISCOVERY_LINEAGE_GRAPH_H
#define ENTREPOT_PORTS_DISCOVERY_LINEAGE_GRAPH_H

#include "server/model/catalogue.h"

struct lineage_graph {
    const struct catalogue *catalogue;
    bool *datums;                              /* those shown, by index in the catalogue */
    bool *pipelines;                           /* the same; only current versions */
    const struct catalogue_datum *center;      /* what was asked for; NULL: all of it */
    const struct catalogue_snapshot *snapshot; /* of it; NULL: the current ones */
};

/** All of it: served datasets in their newest major, and current pipelines. */
void lineage_graph_all(struct arena *arena, const struct catalogue *catalogue,
                       struct lineage_graph *out_graph);

/** Keep what leads to a dataset and what it leads to. */
void lineage_graph_around(struct arena *arena, struct lineage_graph *graph,
                          const struct catalogue_datum *center);

/** Keep the dataset in the middle and what makes it. */
void lineage_graph_only(struct lineage_graph *graph);

/** The dataset an input or a step's output means; NULL: it is not served (any more). */
const struct catalogue_datum *lineage_graph_input(const struct catalogue *catalogue,
                                                  const struct pipeline_input *input);
const struct catalogue_datum *lineage_graph_output(const struct catalogue *catalogue,
                                                   const struct pipeline_step *step);

/** Is it shown? NULL is not. */
bool lineage_graph_has(const struct lineage_graph *graph, const struct catalogue_datum *datum);

#endif
