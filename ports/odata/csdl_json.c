#include "csdl.h"
#include "edm.h"

/*
 * What the service can do, told so that clients need not find out. Every line is held against the
 * service by tests/conformance/odata_annotation_test.py. They are few: a reader that does not know
 * a term may refuse the whole document.
 */
static const char container_annotations[] =
    "{"
    "\"@Core.ODataVersions\": \"4.0,4.01\","
    "\"@Core.ConventionalIDs\": true,"
    "\"@Core.DereferenceableIDs\": true,"
    "\"@Capabilities.ConformanceLevel\": \"Intermediate\","
    "\"@Capabilities.SupportedFormats\": [\"application/json;odata.metadata=minimal\","
    "  \"application/json;odata.metadata=full\", \"application/json;odata.metadata=none\","
    "  \"application/json;IEEE754Compatible=true\"],"
    "\"@Capabilities.AsynchronousRequestsSupported\": false,"
    "\"@Capabilities.BatchSupported\": false,"
    "\"@Capabilities.CrossJoinSupported\": false,"
    "\"@Capabilities.QuerySegmentSupported\": false,"
    "\"@Capabilities.KeyAsSegmentSupported\": true,"
    "\"@Capabilities.IsolationSupported\": \"Snapshot\","
    "\"@Capabilities.FilterFunctions\": [\"contains\", \"startswith\", \"endswith\", \"length\","
    "  \"indexof\", \"substring\", \"tolower\", \"toupper\", \"trim\", \"concat\","
    "  \"matchesPattern\", \"year\", \"month\", \"day\", \"hour\", \"minute\", \"second\","
    "  \"fractionalseconds\", \"date\", \"time\", \"now\", \"mindatetime\", \"maxdatetime\","
    "  \"totalseconds\", \"totaloffsetminutes\", \"round\", \"floor\", \"ceiling\", \"cast\","
    "  \"case\"]"
    "}";

static const char set_annotations[] =
    "{"
    "\"@Capabilities.TopSupported\": true,"
    "\"@Capabilities.SkipSupported\": true,"
    "\"@Capabilities.IndexableByKey\": true,"
    "\"@Capabilities.ComputeSupported\": false,"
    "\"@Aggregation.ApplySupported\": {\"Transformations\": [\"filter\", \"groupby\","
    "  \"aggregate\", \"compute\", \"orderby\", \"top\", \"skip\", \"identity\"],"
    "  \"Rollup\": \"None\"},"
    "\"@Capabilities.CountRestrictions\": {\"Countable\": true},"
    "\"@Capabilities.SelectSupport\": {\"Supported\": true},"
    "\"@Capabilities.ExpandRestrictions\": {\"Expandable\": false},"
    "\"@Capabilities.SearchRestrictions\": {\"Searchable\": false},"
    "\"@Capabilities.ChangeTracking\": {\"Supported\": false},"
    "\"@Capabilities.InsertRestrictions\": {\"Insertable\": false},"
    "\"@Capabilities.UpdateRestrictions\": {\"Updatable\": false},"
    "\"@Capabilities.DeleteRestrictions\": {\"Deletable\": false}"
    "}";

/* The document being made. */
struct making {
    bool is_4_01;
    int failures; /* of jansson: out of memory, or text that is not UTF-8 */
};

static void put(struct making *making, json_t *object, const char *name, json_t *value)
{
    making->failures += json_object_set_new(object, name, value) != 0;
}

static void put_text(struct making *making, json_t *object, const char *name, const char *text)
{
    put(making, object, name, json_string(text));
}

static void put_number(struct making *making, json_t *object, const char *name, int64_t number)
{
    put(making, object, name, json_integer(number));
}

static void put_all(struct making *making, json_t *object, const char *text)
{
    json_t *more = json_loads(text, 0, NULL);
    making->failures += json_object_update_missing(object, more) != 0;
    json_decref(more);
}

static void put_description(struct making *making, json_t *object, const char *title,
                            const char *description)
{
    const char *text = description ? description : title;
    if (text && *text)
        put_text(making, object, "@Core.Description", text);
}

/* Only what a type may have: a facet elsewhere makes some readers refuse the document. */
static void put_facets(struct making *making, json_t *object, const struct column *column)
{
    if (column->type == COLUMN_TEXT && column->longest > 0)
        put_number(making, object, "$MaxLength", column->longest);
    if (column->type == COLUMN_DECIMAL && column->precision) {
        put_number(making, object, "$Precision", column->precision);
        put_number(making, object, "$Scale", column->scale);
    }
    if (column->type == COLUMN_TIME || column->type == COLUMN_TIMESTAMP)
        put_number(making, object, "$Precision", 6);
}

static json_t *property_json(struct making *making, const struct column *column)
{
    json_t *json = json_object();
    const char *type = edm_type(column, making->is_4_01);
    if (strcmp(type, "String") != 0)
        put(making, json, "$Type", json_sprintf("Edm.%s", type));
    if (!column->required && !column->key_position)
        put(making, json, "$Nullable", json_true());
    put_facets(making, json, column);
    put_description(making, json, column->title, column->description);
    return json;
}

static json_t *entity_type_json(struct making *making, const struct set *set)
{
    json_t *json = json_object();
    json_t *key = json_array();
    put_text(making, json, "$Kind", "EntityType");
    for (size_t i = 0; i < set->key.count; i++)
        making->failures += json_array_append_new(key, json_string(set->key.list[i].name)) != 0;
    put(making, json, "$Key", key);
    for (size_t i = 0; i < set->columns.count; i++)
        put(making, json, set->columns.list[i].name, property_json(making, &set->columns.list[i]));
    const struct contract *contract = set->datum->contract;
    bool titled = strcmp(contract->title, set->datum->name) != 0;
    put_description(making, json, titled ? contract->title : NULL, contract->description);
    return json;
}

/* Columns that filter and orderby do not take. */
static json_t *json_columns(struct making *making, const struct set *set)
{
    json_t *list = json_array();
    for (size_t i = 0; i < set->columns.count; i++)
        if (set->columns.list[i].type == COLUMN_JSON)
            making->failures +=
                json_array_append_new(list, json_string(set->columns.list[i].name)) != 0;
    return list;
}

static json_t *entity_set_json(struct making *making, const struct set *set)
{
    json_t *json = json_object();
    json_t *filter = json_pack("{s:b}", "Filterable", 1);
    json_t *sort = json_pack("{s:b}", "Sortable", 1);
    json_t *except = json_columns(making, set);
    put(making, json, "$Collection", json_true());
    put(making, json, "$Type", json_sprintf(CSDL_NAMESPACE ".%s", set->datum->name));
    if (json_array_size(except)) {
        put(making, filter, "NonFilterableProperties", json_incref(except));
        put(making, sort, "NonSortableProperties", json_incref(except));
    }
    json_decref(except);
    put(making, json, "@Capabilities.FilterRestrictions", filter);
    put(making, json, "@Capabilities.SortRestrictions", sort);
    put_all(making, json, set_annotations);
    return json;
}

/* Where the vocabularies of the annotations are. */
static json_t *references_json(struct making *making)
{
    static const char *const names[] = { "Core", "Capabilities", "Aggregation" };
    json_t *json = json_object();
    for (size_t i = 0; i < COUNT(names); i++) {
        json_t *uri = json_sprintf("https://oasis-tcs.github.io/odata-vocabularies/vocabularies/"
                                   "Org.OData.%s.V1.json",
                                   names[i]);
        json_t *name = json_sprintf("Org.OData.%s.V1", names[i]);
        put(making, json, json_string_value(uri),
            json_pack("{s:[{s:o, s:s}]}", "$Include", "$Namespace", name, "$Alias", names[i]));
        json_decref(uri);
    }
    return json;
}

json_t *csdl_json(const struct set *sets, size_t count, bool is_4_01)
{
    struct making making = { .is_4_01 = is_4_01 };
    json_t *schema = json_object();
    json_t *container = json_object();
    put_text(&making, container, "$Kind", "EntityContainer");
    for (size_t i = 0; i < count; i++) {
        put(&making, schema, sets[i].datum->name, entity_type_json(&making, &sets[i]));
        put(&making, container, sets[i].datum->name, entity_set_json(&making, &sets[i]));
    }
    put_all(&making, container, container_annotations);
    put(&making, schema, CSDL_CONTAINER, container);
    json_t *json = json_pack("{s:s, s:s, s:o, s:o}", "$Version", is_4_01 ? "4.01" : "4.0",
                             "$EntityContainer", CSDL_NAMESPACE "." CSDL_CONTAINER, "$Reference",
                             references_json(&making), CSDL_NAMESPACE, schema);
    if (!making.failures)
        return json;
    json_decref(json);
    return NULL;
}
