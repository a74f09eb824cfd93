#include "answers.h"

#include "answer_files.h"

#include <string.h>

static const char *const method_names[METHOD_COUNT] = {
    [GET] = "GET", [POST] = "POST", [PUT] = "PUT", [DELETE] = "DELETE"
};

/* Members that are null until there is something to say. */
static const char *const may_be_null[] = {
    "bound",       "business_impact", "bytes",        "cancelled_at", "current", "description",
    "dimension",   "error",           "failing_rows", "finished_at",  "from",    "from_snapshot",
    "last_due_at", "last_fired_at",   "last_run",     "message",      "mode",    "number",
    "operator",    "output",          "parameters",   "published_at", "reason",  "rows",
    "run",         "sha256",          "snapshot",     "started_at",   "step",    "subject",
    "unit",        "value",
};

json_t *answers_load(void)
{
    json_error_t error;
    return json_loadb(answer_files[0].data, answer_files[0].size, 0, &error);
}

const json_t *answers_example(struct arena *arena, const json_t *examples,
                              const struct route *route)
{
    return json_object_get(examples,
                           arena_print(arena, "%s %s", method_names[route->method], route->path));
}

static const char *type_name(const json_t *value)
{
    return json_is_object(value)    ? "object"
           : json_is_array(value)   ? "array"
           : json_is_string(value)  ? "string"
           : json_is_boolean(value) ? "boolean"
           : json_is_integer(value) ? "integer"
                                    : "number";
}

static json_t *schema_of(const json_t *value, bool nullable)
{
    if (!value || json_is_null(value))
        return json_object();
    const char *type = type_name(value);
    json_t *schema =
        nullable ? json_pack("{s:[s, s]}", "type", type, "null") : json_pack("{s:s}", "type", type);
    int failures = 0;
    if (json_array_size(value))
        failures +=
            json_object_set_new(schema, "items", schema_of(json_array_get(value, 0), false));
    if (json_object_size(value)) {
        json_t *properties = json_object();
        const char *name;
        json_t *member;
        /* only read: jansson's walk wants it without const */
        json_object_foreach((json_t *)value, name, member)
        {
            bool may = false;
            for (size_t i = 0; i < COUNT(may_be_null) && !may; i++)
                may = strcmp(name, may_be_null[i]) == 0;
            failures += json_object_set_new(properties, name, schema_of(member, may));
        }
        failures += json_object_set_new(schema, "properties", properties);
    }
    if (!failures)
        return schema;
    json_decref(schema);
    return NULL;
}

json_t *answers_schema(const json_t *example)
{
    return schema_of(example, false);
}
