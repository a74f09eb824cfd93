#include "openlineage_dataset.h"

#include <string.h>

#define FACETS "https://openlineage.io/spec/facets/"

CLEANUP_DEFINE(json_t *, json_decref)

/* Each facet's schema has a version of its own, the one its file names itself by. */
static const struct {
    const char *name;
    const char *schema;
} schemas[] = {
    { "ColumnLineageDatasetFacet",
      FACETS "1-2-0/ColumnLineageDatasetFacet.json#/$defs/ColumnLineageDatasetFacet" },
    { "DataQualityAssertionsDatasetFacet",
      FACETS "1-1-0/DataQualityAssertionsDatasetFacet.json#/$defs/"
             "DataQualityAssertionsDatasetFacet" },
    { "DatasetVersionDatasetFacet",
      FACETS "1-0-1/DatasetVersionDatasetFacet.json#/$defs/DatasetVersionDatasetFacet" },
    { "DatasourceDatasetFacet",
      FACETS "1-0-1/DatasourceDatasetFacet.json#/$defs/DatasourceDatasetFacet" },
    { "ErrorMessageRunFacet",
      FACETS "1-0-1/ErrorMessageRunFacet.json#/$defs/ErrorMessageRunFacet" },
    { "JobTypeJobFacet", FACETS "2-0-4/JobTypeJobFacet.json#/$defs/JobTypeJobFacet" },
    { "NominalTimeRunFacet", FACETS "1-0-1/NominalTimeRunFacet.json#/$defs/NominalTimeRunFacet" },
    { "OutputStatisticsOutputDatasetFacet",
      FACETS "1-0-2/OutputStatisticsOutputDatasetFacet.json#/$defs/"
             "OutputStatisticsOutputDatasetFacet" },
    { "ParentRunFacet", FACETS "1-2-0/ParentRunFacet.json#/$defs/ParentRunFacet" },
    { "SQLJobFacet", FACETS "1-1-0/SQLJobFacet.json#/$defs/SQLJobFacet" },
    { "SchemaDatasetFacet", FACETS "1-2-0/SchemaDatasetFacet.json#/$defs/SchemaDatasetFacet" },
};

json_t *openlineage_facet(const char *name, json_t *body)
{
    const char *schema = NULL;
    for (size_t i = 0; i < COUNT(schemas) && !schema; i++)
        if (strcmp(schemas[i].name, name) == 0)
            schema = schemas[i].schema;
    if (!body || json_object_set_new(body, "_producer", json_string(OPENLINEAGE_PRODUCER))
        || json_object_set_new(body, "_schemaURL", json_string(schema))) {
        json_decref(body);
        return NULL;
    }
    return body;
}

static const char *text_of(const json_t *object, const char *member)
{
    const char *text = json_string_value(json_object_get(object, member));
    return text ? text : "";
}

/* --- facets ---------------------------------------------------------------------------------- */

static json_t *schema_facet(struct arena *arena, const struct contract *contract)
{
    if (!contract)
        return NULL;
    CLEANUP(json_decref_at) json_t *fields = json_array();
    for (size_t i = 0; i < contract->columns.count; i++) {
        const struct column *column = &contract->columns.list[i];
        if (json_array_append_new(fields,
                                  json_pack("{s:s, s:s, s:s*, s:i}", "name", column->name, "type",
                                            column_sql_type(arena, column), "description",
                                            column->description, "ordinal_position", (int)i + 1)))
            return NULL;
    }
    return openlineage_facet("SchemaDatasetFacet", json_pack("{s:O}", "fields", fields));
}

static json_t *version_facet(struct arena *arena, const json_t *state)
{
    if (!state)
        return NULL;
    long long number = json_integer_value(json_object_get(state, "number"));
    return openlineage_facet(
        "DatasetVersionDatasetFacet",
        json_pack("{s:s}", "datasetVersion", arena_print(arena, "%lld", number)));
}

static json_t *source_facet(const struct lineage_event *event)
{
    return openlineage_facet(
        "DatasourceDatasetFacet",
        json_pack("{s:s, s:s}", "name", event->catalogue->product.id, "uri", event->base_url));
}

static json_t *statistics_facet(const json_t *state)
{
    if (!state)
        return NULL;
    return openlineage_facet("OutputStatisticsOutputDatasetFacet",
                             json_pack("{s:O, s:O}", "rowCount", json_object_get(state, "rows"),
                                       "size", json_object_get(state, "bytes")));
}

static json_t *assertion_json(struct arena *arena, const json_t *result)
{
    const char *outcome = text_of(result, "outcome");
    const json_t *value = json_object_get(result, "value");
    const char *actual =
        json_is_number(value) ? arena_print(arena, "%.15g", json_number_value(value)) : NULL;
    return json_pack("{s:s, s:b, s:s, s:s*, s:s*}", "assertion", text_of(result, "rule"), "success",
                     strcmp(outcome, "pass") == 0, "severity",
                     strcmp(outcome, "warn") == 0 ? "warn" : "error", "actual", actual,
                     "description", json_string_value(json_object_get(result, "message")));
}

/* What was not evaluated neither succeeded nor failed, so it is no assertion. */
static json_t *assertions_facet(struct arena *arena, const json_t *results, const char *layer,
                                const char *name)
{
    size_t index;
    json_t *result;
    CLEANUP(json_decref_at) json_t *list = json_array();
    json_array_foreach(results, index, result)
    {
        if (strcmp(text_of(result, "layer"), layer) != 0
            || strcmp(text_of(result, "dataset"), name) != 0
            || strcmp(text_of(result, "outcome"), "not-evaluated") == 0)
            continue;
        if (json_array_append_new(list, assertion_json(arena, result)))
            return NULL;
    }
    if (!json_array_size(list))
        return NULL;
    return openlineage_facet("DataQualityAssertionsDatasetFacet",
                             json_pack("{s:O}", "assertions", list));
}

/* --- column lineage -------------------------------------------------------------------------- */

static bool is_direct(const char *kind)
{
    return strcmp(kind, "IDENTITY") == 0 || strcmp(kind, "TRANSFORMATION") == 0
           || strcmp(kind, "AGGREGATION") == 0;
}

static json_t *transformation_json(const json_t *source)
{
    const char *kind = text_of(source, "kind");
    return json_pack("{s:s, s:s, s:b}", "type", is_direct(kind) ? "DIRECT" : "INDIRECT", "subtype",
                     kind, "masking", json_is_true(json_object_get(source, "masked")));
}

/* Sources of one column in one way each become input fields, each with all its ways. They come in
 * the order of input and column. A whole row has no name to give. */
static json_t *fields_json(struct arena *arena, const struct lineage_event *event,
                           const json_t *sources, const json_t *inputs)
{
    size_t index;
    json_t *source;
    const json_t *before = NULL;
    CLEANUP(json_decref_at) json_t *fields = json_array();
    json_array_foreach(sources, index, source)
    {
        const char *column = json_string_value(json_object_get(source, "column"));
        json_int_t place = json_integer_value(json_object_get(source, "input"));
        const json_t *input = json_array_get(inputs, (size_t)place);
        if (!column || !input)
            continue;
        bool again = before && json_integer_value(json_object_get(before, "input")) == place
                     && strcmp(text_of(before, "column"), column) == 0;
        json_t *field =
            again ? json_incref(json_array_get(fields, json_array_size(fields) - 1))
                  : json_pack(
                      "{s:s, s:s, s:s, s:[]}", "namespace", event->base_url, "name",
                      arena_print(arena, "%s/%s", text_of(input, "layer"), text_of(input, "name")),
                      "field", column, "transformations");
        bool failed = json_array_append_new(json_object_get(field, "transformations"),
                                            transformation_json(source))
                      || (!again && json_array_append(fields, field));
        json_decref(field);
        if (failed)
            return NULL;
        before = source;
    }
    return TAKE(fields);
}

static json_t *lineage_facet(struct arena *arena, const struct lineage_event *event,
                             const json_t *state)
{
    const json_t *lineage = json_object_get(state, "lineage");
    const json_t *inputs = json_object_get(state, "inputs");
    if (!json_is_object(lineage) || json_is_string(json_object_get(lineage, "doubt")))
        return NULL;
    size_t index;
    json_t *column;
    CLEANUP(json_decref_at) json_t *fields = json_object();
    json_array_foreach(json_object_get(lineage, "columns"), index, column)
    {
        json_t *sources = fields_json(arena, event, json_object_get(column, "sources"), inputs);
        if (json_object_set_new(fields, text_of(column, "name"),
                                json_pack("{s:o}", "inputFields", sources)))
            return NULL;
    }
    json_t *whole = fields_json(arena, event, json_object_get(lineage, "dataset"), inputs);
    return openlineage_facet("ColumnLineageDatasetFacet",
                             json_pack("{s:O, s:o}", "fields", fields, "dataset", whole));
}

/* --- datasets -------------------------------------------------------------------------------- */

static const struct contract *contract_of(const struct lineage_event *event, const json_t *state)
{
    return state ? catalogue_contract(event->catalogue, text_of(state, "contract"),
                                      text_of(state, "version"))
                 : NULL;
}

static json_t *input_json(struct arena *arena, const struct lineage_event *event, const char *layer,
                          const char *name, const json_t *state)
{
    return json_pack("{s:s, s:s, s:{s:o, s:o*, s:o*}}", "namespace", event->base_url, "name",
                     arena_print(arena, "%s/%s", layer, name), "facets", "dataSource",
                     source_facet(event), "schema", schema_facet(arena, contract_of(event, state)),
                     "version", version_facet(arena, state));
}

/* Nobody reads the same declared dataset twice here: two names may stand for one. */
static bool declared_before(const struct pipeline_document *document, size_t index)
{
    const struct pipeline_input *input = &document->inputs[index];
    for (size_t i = 0; i < index; i++)
        if (document->inputs[i].layer == input->layer
            && strcmp(document->inputs[i].dataset, input->dataset) == 0)
            return true;
    return false;
}

json_t *openlineage_inputs(struct arena *arena, const struct lineage_event *event,
                           const struct pipeline_document *document)
{
    size_t index;
    json_t *state;
    CLEANUP(json_decref_at) json_t *list = json_array();
    CLEANUP(json_decref_at) json_t *sources = json_loads(event->run->sources, 0, NULL);
    bool known = event->ended && json_array_size(sources);
    if (known)
        json_array_foreach(
            sources, index,
            state) if (json_array_append_new(list, input_json(arena, event, text_of(state, "layer"),
                                                              text_of(state, "name"),
                                                              state))) return NULL;
    for (size_t i = 0; !known && i < document->input_count; i++) {
        const struct pipeline_input *input = &document->inputs[i];
        const char *layer = input->layer == PIPELINE_INPUT ? "input" : "output";
        if (!declared_before(document, i)
            && json_array_append_new(list, input_json(arena, event, layer, input->dataset, NULL)))
            return NULL;
    }
    return TAKE(list);
}

static const json_t *state_of(const json_t *outputs, const char *name)
{
    size_t index;
    json_t *state;
    json_array_foreach(outputs, index,
                       state) if (strcmp(text_of(state, "name"), name) == 0) return state;
    return NULL;
}

static json_t *output_json(struct arena *arena, const struct lineage_event *event, const char *name,
                           const json_t *state, const json_t *results)
{
    return json_pack(
        "{s:s, s:s, s:{s:o, s:o*, s:o*, s:o*, s:o*}, s:{s:o*}}", "namespace", event->base_url,
        "name", arena_print(arena, "output/%s", name), "facets", "dataSource", source_facet(event),
        "schema", schema_facet(arena, contract_of(event, state)), "version",
        version_facet(arena, state), "columnLineage", lineage_facet(arena, event, state),
        "dataQualityAssertions", assertions_facet(arena, results, "output", name), "outputFacets",
        "outputStatistics", statistics_facet(state));
}

json_t *openlineage_outputs(struct arena *arena, const struct lineage_event *event,
                            const struct pipeline_document *document)
{
    CLEANUP(json_decref_at) json_t *list = json_array();
    CLEANUP(json_decref_at) json_t *outputs = json_loads(event->run->outputs, 0, NULL);
    CLEANUP(json_decref_at) json_t *results = json_loads(event->run->quality, 0, NULL);
    for (size_t i = 0; i < document->step_count; i++) {
        const char *name = document->steps[i].output;
        const json_t *state = name && event->ended ? state_of(outputs, name) : NULL;
        if (name
            && json_array_append_new(
                list, output_json(arena, event, name, state, event->ended ? results : NULL)))
            return NULL;
    }
    return TAKE(list);
}
