#include "pipeline_document.h"

#include "pipeline_parts.h"
#include "pipeline_shape.h"

#include "server/base/digest.h"
#include "server/base/text.h"

#include <string.h>

/* current, or the number of the state to read. */
static void read_state(const struct node *state, const char *noun, struct pipeline_input *input,
                       struct faults *faults)
{
    if (!state || (state->kind == NODE_TEXT && strcmp(state->text, "current") == 0))
        return;
    if (!node_to_int64(state, &input->snapshot) || input->snapshot < 1)
        node_fault(faults, state, "must be current, or the number of a %s", noun);
}

static void read_inputs(struct arena *arena, const struct node *root,
                        struct pipeline_document *document, struct faults *faults)
{
    const struct node *object = node_member(root, "inputs");
    if (!object || object->kind != NODE_OBJECT)
        return;
    pipeline_check_count(object, "inputs", faults);
    struct pipeline_input *inputs = arena_array_of(arena, struct pipeline_input, object->count);
    for (const struct node *node = object->first; node; node = node->next) {
        struct pipeline_input *input = &inputs[document->input_count++];
        const struct node *snapshot = node_member(node, "snapshot");
        const struct node *delivery = node_member(node, "delivery");
        input->name = node->key;
        input->node = node;
        pipeline_check_name(node, node->key, "an input", faults);
        if (!pipeline_shape_input(node, faults))
            continue;
        (void)pipeline_read_dataset(node_member(node, "dataset"), PIPELINE_INPUT, &input->layer,
                                    &input->dataset, faults); /* the faults tell */
        if (snapshot && delivery)
            node_fault(faults, delivery, "one of snapshot and delivery pins an input, not both");
        read_state(snapshot, "snapshot", input, faults);
        read_state(delivery, "delivery", input, faults);
        if (delivery && input->dataset && input->layer != PIPELINE_INPUT)
            node_fault(faults, delivery, "an output has snapshots; deliveries are of inputs");
    }
    document->inputs = inputs;
}

/* The default of a parameter as text; it must be a value of the parameter's type. */
static void read_default(struct arena *arena, const struct node *value,
                         struct pipeline_parameter *parameter, struct faults *faults)
{
    if (!value || value->kind == NODE_NULL)
        return;
    if (!pipeline_shape_fits(parameter->type, value)) {
        node_fault(faults, value, "is not a value of the type %s",
                   pipeline_shape_type_name(parameter->type));
        return;
    }
    if (parameter->required) {
        node_fault(faults, value, "a parameter that is required cannot have a default");
        return;
    }
    parameter->fallback =
        value->kind == NODE_BOOL ? arena_text(arena, value->truth ? "true" : "false") : value->text;
}

static void read_parameters(struct arena *arena, const struct node *root,
                            struct pipeline_document *document, struct faults *faults)
{
    const struct node *object = node_member(root, "parameters");
    if (!object || object->kind != NODE_OBJECT)
        return;
    pipeline_check_count(object, "parameters", faults);
    struct pipeline_parameter *parameters =
        arena_array_of(arena, struct pipeline_parameter, object->count);
    for (const struct node *node = object->first; node; node = node->next) {
        struct pipeline_parameter *parameter = &parameters[document->parameter_count++];
        const struct node *required = node_member(node, "required");
        parameter->name = node->key;
        pipeline_check_name(node, node->key, "a parameter", faults);
        if (strcmp(node->key, "id") == 0 || strcmp(node->key, "as_of") == 0)
            node_fault(faults, node, "run.%s is there already: it is of the run itself", node->key);
        if (!pipeline_shape_parameter(node, faults))
            continue;
        parameter->type = pipeline_shape_type(node_text(node, "type"));
        parameter->required = required && required->truth;
        read_default(arena, node_member(node, "default"), parameter, faults);
    }
    document->parameters = parameters;
}

static void read_limit(const struct node *limits, const char *name, int64_t most, int64_t *out,
                       struct faults *faults)
{
    const struct node *limit = node_member(limits, name);
    int64_t value = 0;
    if (!limit || limit->kind != NODE_NUMBER)
        return;
    if (!node_to_int64(limit, &value) || value < 1 || value > most)
        node_fault(faults, limit, "must be from 1 to %lld", (long long)most);
    else
        *out = value;
}

/* A copy of a tree in which the SQL of files is written where their names were. */
static void copy_with_sql(struct arena *arena, const struct node *from,
                          const struct pipeline_document *document, struct node *to)
{
    to->kind = from->kind;
    to->truth = from->truth;
    to->text = from->text;
    const struct node **end = &to->first;
    for (const struct node *child = from->first; child; child = child->next) {
        struct node *copy = arena_new_of(arena, struct node);
        copy->key = child->key;
        copy_with_sql(arena, child, document, copy);
        for (size_t i = 0; i < document->step_count; i++)
            if (from == document->steps[i].node && strcmp(child->key, "sql_file") == 0) {
                copy->key = "sql";
                copy->text = document->steps[i].sql;
            }
        node_append(to, &end, copy);
    }
}

bool pipeline_document_read(struct arena *arena, const struct node *root,
                            const struct pipeline_files *files,
                            struct pipeline_document *out_document, struct faults *faults)
{
    int before = faults->count;
    struct pipeline_document document = { .file = root->file, .node = root };
    /* meaning is looked at even where the shape is wrong, so that all faults are told at once */
    (void)pipeline_shape_root(root, faults);
    document.name = node_text(root, "name");
    document.version = node_text(root, "version");
    document.description = node_text(root, "description");
    if (document.name)
        pipeline_check_name(node_member(root, "name"), document.name, "a pipeline", faults);
    if (document.version && !version_parse(document.version, &document.number))
        node_fault(faults, node_member(root, "version"),
                   "\"%s\" is no version; use MAJOR.MINOR.PATCH, such as 1.0.0", document.version);
    read_inputs(arena, root, &document, faults);
    read_parameters(arena, root, &document, faults);
    pipeline_read_steps(arena, root, files, &document, faults);
    pipeline_read_cases(arena, root, &document, faults);
    const struct node *limits = node_member(root, "limits");
    read_limit(limits, "timeout_s", 86400, &document.limits.timeout_s, faults);
    read_limit(limits, "rows", INT64_MAX, &document.limits.rows, faults);
    read_limit(limits, "bytes", INT64_MAX, &document.limits.bytes, faults);
    read_limit(limits, "temp_mb", 1024 * 1024, &document.limits.temp_mb, faults);
    read_limit(limits, "cost", INT64_MAX, &document.limits.cost, faults);
    const struct node *retention = node_member(root, "retention");
    read_limit(retention, "snapshots", 100000, &document.retention.snapshots, faults);
    read_limit(retention, "days", 36500, &document.retention.days, faults);
    document.quality = pipeline_shape_quality(node_text(root, "quality"));
    document.triggers = triggers_read(arena, root, &document, faults, &document.trigger_count);
    *out_document = document;
    if (faults->count != before)
        return false;
    struct node *whole = arena_new_of(arena, struct node);
    copy_with_sql(arena, root, &document, whole);
    const char *canonical = node_canonical_json(arena, whole);
    document.json = node_json(arena, whole);
    document.sha256 = digest_sha256_hex(arena, canonical, strlen(canonical));
    *out_document = document;
    return true;
}

struct problem *pipeline_document_parse(struct arena *arena, const struct document_text *source,
                                        struct pipeline_document *out_document)
{
    struct faults faults;
    faults_init(&faults, arena, 100);
    const struct node *root = document_parse(arena, source, DOCUMENT_BYTES, &faults);
    if (root && pipeline_document_read(arena, root, NULL, out_document, &faults))
        return NULL;
    faults_sort(&faults);
    return faults_problem(&faults, &PROBLEM_INVALID_DOCUMENT, "the pipeline is not valid");
}
