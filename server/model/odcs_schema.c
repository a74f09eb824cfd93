/* schema[] of ODCS: objects, their properties, and the properties of those. */
#include "odcs_common.h"

#include <string.h>

/* What schema objects and properties have in common. */
static const struct shape_member element_members[] = {
    { "id", SHAPE_STABLE_ID },
    { "name", SHAPE_TEXT },
    { "physicalType", SHAPE_TEXT },
    { "description", SHAPE_TEXT },
    { "businessName", SHAPE_TEXT },
    { "authoritativeDefinitions", SHAPE_LIST, .of = &odcs_definition },
    { "tags", SHAPE_TEXTS },
    { "customProperties", SHAPE_LIST, .of = &odcs_custom_property },
    { "physicalName", SHAPE_TEXT },
    { "quality", SHAPE_ANY },       /* odcs_check_quality */
    { "relationships", SHAPE_ANY }, /* odcs_check_relationships */
};
static SHAPE(element_shape, "a schema element", element_members);

static const char *const object_types[] = { "object", NULL };
static const struct shape_member object_members[] = {
    { "logicalType", SHAPE_TEXT, .allowed = object_types },
    { "dataGranularityDescription", SHAPE_TEXT },
    { "properties", SHAPE_LIST }, /* check_properties */
};
static const struct shape object_shape = {
    .noun = "a schema object",
    .members = object_members,
    .count = COUNT(object_members),
    .base = &element_shape,
};

static const char *const logical_types[] = { "string", "integer",   "number", "boolean", "date",
                                             "time",   "timestamp", "object", "array",   NULL };
static const struct shape_member property_members[] = {
    { "primaryKey", SHAPE_BOOL },
    { "primaryKeyPosition", SHAPE_INTEGER },
    { "logicalType", SHAPE_TEXT, .allowed = logical_types },
    { "logicalTypeOptions", SHAPE_OBJECT }, /* check_options */
    { "required", SHAPE_BOOL },
    { "unique", SHAPE_BOOL },
    { "partitioned", SHAPE_BOOL },
    { "partitionKeyPosition", SHAPE_INTEGER },
    { "classification", SHAPE_TEXT },
    { "encryptedName", SHAPE_TEXT },
    { "transformSourceObjects", SHAPE_TEXTS },
    { "transformLogic", SHAPE_TEXT },
    { "transformDescription", SHAPE_TEXT },
    { "examples", SHAPE_LIST },
    { "criticalDataElement", SHAPE_BOOL },
    { "properties", SHAPE_LIST }, /* of an object */
    { "items", SHAPE_OBJECT },    /* of an array */
};
static const struct shape property_shape = {
    .noun = "a property",
    .members = property_members,
    .count = COUNT(property_members),
    .base = &element_shape,
};

static const struct shape_member string_options[] = {
    { "minLength", SHAPE_NATURAL },
    { "maxLength", SHAPE_NATURAL },
    { "pattern", SHAPE_TEXT },
    { "format", SHAPE_TEXT },
};
static const struct shape_member date_options[] = {
    { "format", SHAPE_TEXT },           { "minimum", SHAPE_TEXT },
    { "maximum", SHAPE_TEXT },          { "exclusiveMinimum", SHAPE_TEXT },
    { "exclusiveMaximum", SHAPE_TEXT },
};
static const struct shape_member time_options[] = {
    { "format", SHAPE_TEXT },           { "minimum", SHAPE_TEXT },
    { "maximum", SHAPE_TEXT },          { "exclusiveMinimum", SHAPE_TEXT },
    { "exclusiveMaximum", SHAPE_TEXT }, { "timezone", SHAPE_BOOL },
    { "defaultTimezone", SHAPE_TEXT },
};
static const char *const integer_formats[] = { "i8",  "i16", "i32", "i64",  "i128", "u8",
                                               "u16", "u32", "u64", "u128", NULL };
static const struct shape_member integer_options[] = {
    { "multipleOf", SHAPE_NUMBER },       { "minimum", SHAPE_NUMBER },
    { "maximum", SHAPE_NUMBER },          { "exclusiveMinimum", SHAPE_NUMBER },
    { "exclusiveMaximum", SHAPE_NUMBER }, { "format", SHAPE_TEXT, .allowed = integer_formats },
};
static const char *const number_formats[] = { "f32", "f64", NULL };
static const struct shape_member number_options[] = {
    { "multipleOf", SHAPE_NUMBER },       { "minimum", SHAPE_NUMBER },
    { "maximum", SHAPE_NUMBER },          { "exclusiveMinimum", SHAPE_NUMBER },
    { "exclusiveMaximum", SHAPE_NUMBER }, { "format", SHAPE_TEXT, .allowed = number_formats },
};
static const struct shape_member object_options[] = {
    { "minProperties", SHAPE_NATURAL },
    { "maxProperties", SHAPE_NATURAL },
    { "required", SHAPE_TEXTS },
};
static const struct shape_member array_options[] = {
    { "minItems", SHAPE_NATURAL },
    { "maxItems", SHAPE_NATURAL },
    { "uniqueItems", SHAPE_BOOL },
};
/* boolean is not here: the schema leaves its options open */
static const struct {
    const char *type;
    struct shape shape;
} options[] = {
    { "string", { "a string", string_options, COUNT(string_options) } },
    { "date", { "a date", date_options, COUNT(date_options) } },
    { "time", { "a time", time_options, COUNT(time_options) } },
    { "timestamp", { "a timestamp", time_options, COUNT(time_options) } },
    { "integer", { "an integer", integer_options, COUNT(integer_options) } },
    { "number", { "a number", number_options, COUNT(number_options) } },
    { "object", { "an object", object_options, COUNT(object_options) } },
    { "array", { "an array", array_options, COUNT(array_options) } },
};

static void check_options(const struct node *property, struct faults *faults)
{
    const char *type = node_text(property, "logicalType");
    const struct node *given = node_member(property, "logicalTypeOptions");
    if (!given || given->kind != NODE_OBJECT || !given->count)
        return;
    if (!type)
        node_fault(faults, given, "the options mean nothing without a logicalType");
    for (size_t i = 0; type && i < COUNT(options); i++)
        if (strcmp(options[i].type, type) == 0)
            (void)shape_check(&options[i].shape, given, faults); /* the faults tell */
}

/* The schema wants the names an object requires to be there and to differ. */
static void check_required_names(const struct node *property, struct faults *faults)
{
    const struct node *names = node_member(node_member(property, "logicalTypeOptions"), "required");
    if (!names || names->kind != NODE_LIST)
        return;
    if (!names->count)
        node_fault(faults, names, "must name at least one property");
    for (const struct node *name = names->first; name; name = name->next)
        for (const struct node *other = names->first; other != name; other = other->next)
            if (node_equal(name, other))
                node_fault(faults, name, "is named twice");
}

static void check_property(const struct node *property, bool needs_name, struct faults *faults);

static void check_properties(const struct node *list, struct faults *faults)
{
    if (!list || list->kind != NODE_LIST)
        return; /* the shape has told */
    for (const struct node *property = list->first; property; property = property->next)
        check_property(property, true, faults);
}

static void check_property(const struct node *property, bool needs_name, struct faults *faults)
{
    (void)shape_check(&property_shape, property, faults); /* the faults tell */
    if (property->kind != NODE_OBJECT)
        return;
    const char *type = node_text(property, "logicalType");
    const struct node *properties = node_member(property, "properties");
    const struct node *items = node_member(property, "items");
    if (needs_name && !node_member(property, "name"))
        node_fault(faults, property, "a property needs the member name");
    check_options(property, faults);
    check_required_names(property, faults);
    if (properties && (!type || strcmp(type, "object") != 0))
        node_fault(faults, properties, "only a property of logicalType object has properties");
    if (items && (!type || strcmp(type, "array") != 0))
        node_fault(faults, items, "only a property of logicalType array has items");
    check_properties(properties, faults);
    if (items && items->kind == NODE_OBJECT)
        check_property(items, false, faults);
    odcs_check_quality(property, faults);
    odcs_check_relationships(property, false, faults);
}

void odcs_check_schema(const struct node *root, struct faults *faults)
{
    static const struct shape_member as_list = { "schema", SHAPE_LIST, .of = &object_shape };
    const struct node *schema = node_member(root, "schema");
    if (!schema)
        return;
    (void)shape_check_value(&as_list, schema, faults); /* the faults tell */
    if (schema->kind != NODE_LIST)
        return;
    for (const struct node *object = schema->first; object; object = object->next) {
        if (object->kind != NODE_OBJECT)
            continue;
        if (!node_member(object, "name"))
            node_fault(faults, object, "a schema object needs the member name");
        check_properties(node_member(object, "properties"), faults);
        odcs_check_quality(object, faults);
        odcs_check_relationships(object, true, faults);
    }
}

bool odcs_property_is_right(struct arena *arena, const struct node *property)
{
    struct faults counted;
    faults_init(&counted, arena, 0); /* none is kept */
    check_property(property, true, &counted);
    return !counted.count;
}
