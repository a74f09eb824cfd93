#include "body.h"

#include "server/model/document.h"

#include <string.h>

/* Numbers and true, false and null as JSON has them, digits as they were written; text where the
 * parameter is text, or is not known: then the server says so. */
static struct problem *value_of(struct arena *arena, const struct client_parameter *parameter,
                                const char *type, struct node *out_value)
{
    static const char *const as_json[] = { "integer", "number", "boolean", NULL };
    struct faults faults;
    const struct document_text source = { NULL, parameter->value, strlen(parameter->value),
                                          DOCUMENT_JSON };
    size_t i = 0;
    *out_value = (struct node){ .kind = NODE_TEXT, .text = parameter->value };
    while (type && as_json[i] && strcmp(as_json[i], type) != 0)
        i++;
    if (type && as_json[i]) {
        faults_init(&faults, arena, 1);
        const struct node *read = document_parse(arena, &source, DOCUMENT_BYTES, &faults);
        if (!read || read->kind == NODE_LIST || read->kind == NODE_OBJECT
            || read->kind == NODE_TEXT)
            return problem_new(arena, &PROBLEM_START, "--param %s: %s is not of the type %s",
                               parameter->name, parameter->value, type);
        *out_value = *read;
    }
    out_value->key = parameter->name;
    out_value->next = NULL;
    return NULL;
}

struct problem *body_make(struct arena *arena, const struct client_options *options,
                          const json_t *pipeline, bool is_plan, const char **out_body)
{
    const json_t *known = json_object_get(pipeline, "parameters");
    struct node parameters = { .kind = NODE_OBJECT, .key = "parameters" };
    struct node publish = { .kind = NODE_BOOL, .key = "publish", .truth = options->publish };
    struct node body = { .kind = NODE_OBJECT };
    const struct node **end = &parameters.first;
    for (size_t i = 0; i < options->parameter_count; i++) {
        const struct client_parameter *parameter = &options->parameters[i];
        struct node *value = arena_new_of(arena, struct node);
        if (node_member(&parameters, parameter->name))
            return problem_new(arena, &PROBLEM_START, "--param %s is given twice", parameter->name);
        const char *type =
            json_string_value(json_object_get(json_object_get(known, parameter->name), "type"));
        TRY(value_of(arena, parameter, type, value));
        node_append(&parameters, &end, value);
    }
    end = &body.first;
    node_append(&body, &end, &parameters);
    if (!is_plan)
        node_append(&body, &end, &publish);
    *out_body = node_json(arena, &body);
    return NULL;
}
