#include "lineage.h"

#include "lineage_graph.h"
#include "server/base/text.h"
#include "sql.h"

#include <string.h>

CLEANUP_DEFINE(json_t *, json_decref)

/* The answer being made. */
struct answer {
    struct request *rq;
    struct lineage_graph *graph;
    json_t *edges;
    json_t *snapshots;
    json_t *columns;
    /* a row of sql/lineage/lineage_of_snapshots.sql */
    int64_t datum_id, number, run_id;
    const char *pipeline, *version, *document, *inputs;
};

static const char *id_of(struct request *rq, const struct catalogue_datum *datum)
{
    return arena_print(rq->arena, "%s.%s", catalogue_layer(datum), datum->name);
}

static const char *pipeline_id(struct request *rq, const char *name)
{
    return arena_print(rq->arena, "pipeline.%s", name);
}

static struct problem *unwritable(struct request *rq)
{
    return problem_new(rq->arena, &PROBLEM_INTERNAL, "the lineage cannot be written");
}

static const struct catalogue_datum *datum_named(const struct catalogue *catalogue,
                                                 const char *name)
{
    if (text_starts(name, "input."))
        return catalogue_datum(catalogue, CONTRACT_OF_INPUT, name + strlen("input."));
    if (text_starts(name, "output."))
        return catalogue_datum(catalogue, CONTRACT_OF_OUTPUT, name + strlen("output."));
    const struct catalogue_datum *datum = catalogue_datum(catalogue, CONTRACT_OF_OUTPUT, name);
    return datum ? datum : catalogue_datum(catalogue, CONTRACT_OF_INPUT, name);
}

/* --- nodes ----------------------------------------------------------------------------------- */

static json_t *columns_json(const struct contract *contract)
{
    CLEANUP(json_decref_at) json_t *list = json_array();
    for (size_t i = 0; i < contract->columns.count; i++) {
        const struct column *column = &contract->columns.list[i];
        if (json_array_append_new(list, json_pack("{s:s, s:s}", "name", column->name, "type",
                                                  column_type_name(column->type))))
            return NULL;
    }
    return TAKE(list);
}

static json_t *datum_json(struct answer *answer, const struct catalogue_datum *datum)
{
    struct request *rq = answer->rq;
    const struct lineage_graph *graph = answer->graph;
    bool pinned = graph->snapshot && datum == graph->center;
    int64_t number = pinned ? graph->snapshot->number : datum->current;
    const struct contract *contract = pinned ? graph->snapshot->contract : datum->contract;
    return json_pack(
        "{s:s, s:s, s:s, s:s, s:o, s:o, s:s}", "id", id_of(rq, datum), "kind", "dataset", "layer",
        catalogue_layer(datum), "name", datum->name, "current",
        number ? json_integer((json_int_t)number) : json_null(), "columns", columns_json(contract),
        "href",
        arena_print(rq->arena, "%s/discovery/datasets/%s", request_base_url(rq), datum->name));
}

static json_t *pipeline_json(struct request *rq, const struct pipeline_document *document)
{
    return json_pack(
        "{s:s, s:s, s:s, s:s, s:s}", "id", pipeline_id(rq, document->name), "kind", "pipeline",
        "name", document->name, "version", document->version, "href",
        arena_print(rq->arena, "%s/discovery/pipelines/%s", request_base_url(rq), document->name));
}

static json_t *nodes_json(struct answer *answer)
{
    const struct lineage_graph *graph = answer->graph;
    const struct catalogue *catalogue = graph->catalogue;
    CLEANUP(json_decref_at) json_t *nodes = json_array();
    for (size_t i = 0; i < catalogue->datum_count; i++)
        if (graph->datums[i]
            && json_array_append_new(nodes, datum_json(answer, &catalogue->datums[i])))
            return NULL;
    for (size_t i = 0; i < catalogue->pipeline_count; i++)
        if (graph->pipelines[i]
            && json_array_append_new(nodes,
                                     pipeline_json(answer->rq, &catalogue->pipelines[i].document)))
            return NULL;
    return TAKE(nodes);
}

/* --- edges ----------------------------------------------------------------------------------- */

static bool add_edge(struct answer *answer, const char *from, const char *to, const char *kind)
{
    return !json_array_append_new(
        answer->edges, json_pack("{s:s, s:s, s:s}", "from", from, "to", to, "kind", kind));
}

/* A pipeline may know one dataset by several names, and make it in one step only. */
static bool reads_before(const struct catalogue *catalogue,
                         const struct pipeline_document *document, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (lineage_graph_input(catalogue, &document->inputs[i])
            == lineage_graph_input(catalogue, &document->inputs[index]))
            return true;
    return false;
}

static bool add_pipeline_edges(struct answer *answer, const struct pipeline_document *document)
{
    struct request *rq = answer->rq;
    const struct catalogue *catalogue = answer->graph->catalogue;
    const char *own = pipeline_id(rq, document->name);
    for (size_t i = 0; i < document->input_count; i++) {
        const struct catalogue_datum *datum = lineage_graph_input(catalogue, &document->inputs[i]);
        if (lineage_graph_has(answer->graph, datum) && !reads_before(catalogue, document, i)
            && !add_edge(answer, id_of(rq, datum), own, "reads"))
            return false;
    }
    for (size_t i = 0; i < document->step_count; i++) {
        const struct catalogue_datum *datum = lineage_graph_output(catalogue, &document->steps[i]);
        if (lineage_graph_has(answer->graph, datum)
            && !add_edge(answer, own, id_of(rq, datum), "makes"))
            return false;
    }
    return true;
}

static bool add_edges(struct answer *answer)
{
    const struct catalogue *catalogue = answer->graph->catalogue;
    for (size_t i = 0; i < catalogue->pipeline_count; i++)
        if (answer->graph->pipelines[i]
            && !add_pipeline_edges(answer, &catalogue->pipelines[i].document))
            return false;
    return true;
}

/* --- columns --------------------------------------------------------------------------------- */

static bool is_shown(const struct answer *answer, const json_t *input)
{
    const char *name = json_string_value(json_object_get(input, "dataset"));
    return name && lineage_graph_has(answer->graph, datum_named(answer->graph->catalogue, name));
}

static bool add_sources(struct answer *answer, const char *to, const json_t *to_column,
                        const json_t *sources, const json_t *inputs)
{
    size_t index;
    json_t *source;
    json_array_foreach(sources, index, source)
    {
        json_int_t place = json_integer_value(json_object_get(source, "input"));
        const json_t *input = json_array_get(inputs, (size_t)place);
        if (!is_shown(answer, input))
            continue;
        json_t *edge =
            json_pack("{s:O, s:O, s:s, s:O?, s:O, s:b}", "from", json_object_get(input, "dataset"),
                      "column", json_object_get(source, "column"), "to", to, "to_column", to_column,
                      "kind", json_object_get(source, "kind"), "masked",
                      json_is_true(json_object_get(source, "masked")));
        if (json_array_append_new(answer->columns, edge))
            return false;
    }
    return true;
}

static bool add_columns(struct answer *answer, const char *to, const json_t *document,
                        const json_t *inputs)
{
    size_t index;
    json_t *column;
    json_array_foreach(json_object_get(document, "columns"), index,
                       column) if (!add_sources(answer, to, json_object_get(column, "name"),
                                                json_object_get(column, "sources"),
                                                inputs)) return false;
    return add_sources(answer, to, NULL, json_object_get(document, "dataset"), inputs);
}

static const struct catalogue_datum *datum_by_id(const struct catalogue *catalogue, int64_t id)
{
    for (size_t i = 0; i < catalogue->datum_count; i++)
        if (catalogue->datums[i].id == id)
            return &catalogue->datums[i];
    return NULL;
}

/* A snapshot may have been made from what its pipeline does not read any more. */
static void show_inputs(struct answer *answer, const json_t *inputs)
{
    size_t index;
    json_t *input;
    const struct catalogue *catalogue = answer->graph->catalogue;
    json_array_foreach(inputs, index, input)
    {
        const char *name = json_string_value(json_object_get(input, "dataset"));
        const struct catalogue_datum *datum = name ? datum_named(catalogue, name) : NULL;
        if (datum)
            answer->graph->datums[datum - catalogue->datums] = true;
    }
}

static struct problem *add_snapshot(void *context)
{
    struct answer *answer = context;
    struct request *rq = answer->rq;
    const struct catalogue_datum *datum = datum_by_id(answer->graph->catalogue, answer->datum_id);
    if (!datum)
        return NULL;
    const char *text = answer->document ? answer->document : "null";
    CLEANUP(json_decref_at) json_t *document = json_loads(text, JSON_DECODE_ANY, NULL);
    CLEANUP(json_decref_at) json_t *inputs = json_loads(answer->inputs, 0, NULL);
    if (answer->graph->snapshot)
        show_inputs(answer, inputs);
    bool exact = json_is_object(document) && json_is_null(json_object_get(document, "doubt"));
    json_t *snapshot = json_pack("{s:s, s:I, s:I, s:s, s:s, s:b, s:O}", "dataset", id_of(rq, datum),
                                 "snapshot", (json_int_t)answer->number, "run",
                                 (json_int_t)answer->run_id, "pipeline", answer->pipeline,
                                 "version", answer->version, "by_column", exact, "inputs", inputs);
    if (json_array_append_new(answer->snapshots, snapshot)
        || !add_columns(answer, id_of(rq, datum), document, inputs))
        return unwritable(rq);
    return NULL;
}

/* The snapshots whose columns are told: the one asked for, or the current ones. */
static struct problem *add_snapshots(struct answer *answer)
{
    struct request *rq = answer->rq;
    const struct lineage_graph *graph = answer->graph;
    const struct catalogue *catalogue = graph->catalogue;
    int64_t *ids = arena_array_of(rq->arena, int64_t, catalogue->datum_count + 1);
    size_t count = 0;
    for (size_t i = 0; i < catalogue->datum_count; i++) {
        const struct catalogue_datum *datum = &catalogue->datums[i];
        const struct catalogue_snapshot *snapshot = catalogue_snapshot(datum, datum->current);
        if (!graph->snapshot && graph->datums[i] && snapshot)
            ids[count++] = snapshot->id;
    }
    if (graph->snapshot)
        ids[count++] = graph->snapshot->id;
    const struct db_param in[] = { db_int64s(ids, count) };
    const struct db_column out[] = {
        db_to_int64(&answer->datum_id), db_to_int64(&answer->number), db_to_int64(&answer->run_id),
        db_to_text(&answer->pipeline),  db_to_text(&answer->version), db_to_text(&answer->document),
        db_to_text(&answer->inputs),
    };
    return db_each(rq->db, rq->arena, &sql_lineage_of_snapshots, in, COUNT(in), out, COUNT(out),
                   add_snapshot, answer);
}

static struct problem *send_graph(struct request *rq, struct reply *rp)
{
    struct lineage_graph *graph = rq->state;
    CLEANUP(json_decref_at) json_t *edges = json_array();
    CLEANUP(json_decref_at) json_t *snapshots = json_array();
    CLEANUP(json_decref_at) json_t *columns = json_array();
    struct answer answer = {
        rq, graph, edges, snapshots, columns, 0, 0, 0, NULL, NULL, NULL, NULL
    };
    TRY(add_snapshots(&answer));
    if (!add_edges(&answer))
        return unwritable(rq);
    return reply_json(rq, rp, 200,
                      json_pack("{s:s, s:o, s:O, s:O, s:O}", "product",
                                graph->catalogue->product.id, "nodes", nodes_json(&answer), "edges",
                                edges, "snapshots", snapshots, "columns", columns));
}

/* --- what is asked for ----------------------------------------------------------------------- */

static struct problem *choose(struct request *rq, struct lineage_graph *graph)
{
    static const char *const known[] = { "dataset", "snapshot", NULL };
    const struct catalogue *catalogue = server_catalogue(rq);
    const char *name = request_option(rq, "dataset");
    int64_t number;
    TRY(server_known_options(rq, known));
    TRY(server_number_option(rq, "snapshot", 1, INT64_MAX, 0, &number));
    lineage_graph_all(rq->arena, catalogue, graph);
    if (!name)
        return number ? problem_new(rq->arena, &PROBLEM_BAD_QUERY,
                                    "snapshot needs dataset: numbers are of one dataset")
                      : NULL;
    const struct catalogue_datum *datum = datum_named(catalogue, name);
    if (!datum)
        return problem_new(rq->arena, &PROBLEM_DATASET_UNKNOWN,
                           "there is no dataset %s; /discovery/datasets lists them", name);
    lineage_graph_around(rq->arena, graph, datum);
    if (!number)
        return NULL;
    graph->snapshot = catalogue_snapshot(datum, number);
    if (!graph->snapshot)
        return problem_new(rq->arena, &PROBLEM_NOT_FOUND, "%s has no snapshot %lld", name,
                           (long long)number);
    lineage_graph_only(graph);
    return NULL;
}

struct problem *lineage_get(struct request *rq, struct reply *rp)
{
    struct lineage_graph *graph = arena_new_of(rq->arena, struct lineage_graph);
    TRY(choose(rq, graph));
    reply_header(rp, "Cache-Control", "no-cache");
    if (reply_not_modified(rq, rp, server_etag(rq, "lineage")))
        return NULL;
    rq->state = graph;
    return reply_by_worker(rq, rp, send_graph);
}
