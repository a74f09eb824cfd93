/* The steps of a pipeline document, and the names and datasets they speak of. */
#include "pipeline_parts.h"
#include "pipeline_shape.h"

#include "server/base/text.h"

#include <string.h>

#define MOST 100 /* inputs, parameters or steps of one pipeline */

/* Names the server gives meaning to inside a step. */
static bool is_reserved(const char *name)
{
    return strcmp(name, "run") == 0 || strcmp(name, "this") == 0;
}

void pipeline_check_name(const struct node *node, const char *name, const char *noun,
                         struct faults *faults)
{
    if (!text_is_name(name))
        node_fault(faults, node,
                   "\"%s\" cannot be the name of %s: names begin with a small letter, have small "
                   "letters, digits and _, and at most 48 of them",
                   name, noun);
    else if (is_reserved(name))
        node_fault(faults, node,
                   "%s cannot be named %s: in a step run is the run itself, and this the snapshot "
                   "before",
                   noun, name);
}

void pipeline_check_count(const struct node *list, const char *nouns, struct faults *faults)
{
    if (list && list->count > MOST)
        node_fault(faults, list, "at most %d %s are read, not %zu", MOST, nouns, list->count);
}

bool pipeline_read_dataset(const struct node *node, enum pipeline_layer alone,
                           enum pipeline_layer *out_layer, const char **out_name,
                           struct faults *faults)
{
    const char *name = node->text;
    enum pipeline_layer layer = alone;
    if (text_starts(name, "input.")) {
        layer = PIPELINE_INPUT;
        name += strlen("input.");
    } else if (text_starts(name, "output.")) {
        layer = PIPELINE_OUTPUT;
        name += strlen("output.");
    }
    if (!text_is_name(name)) {
        node_fault(faults, node,
                   "\"%s\" is no dataset; write input.NAME for what is delivered to the product, "
                   "output.NAME for what it publishes",
                   node->text);
        return false;
    }
    *out_layer = layer;
    *out_name = name;
    return true;
}

static bool is_blank(const char *text)
{
    return !text[strspn(text, " \t\r\n")];
}

/* Find the SQL file of a step beside the document. */
static void read_sql_file(const struct node *name, const struct pipeline_files *files,
                          struct pipeline_step *step, struct faults *faults)
{
    size_t size = strlen(name->text);
    step->sql_file = name->text;
    step->sql_line = 1;
    if (!files) {
        node_fault(faults, name, "only a folder has SQL files; send the text as the member sql");
        return;
    }
    if (size <= 4 || strcmp(name->text + size - 4, ".sql") != 0 || strchr(name->text, '/')
        || *name->text == '.') {
        node_fault(faults, name,
                   "\"%s\" must be the name of a .sql file beside the pipeline, without a folder",
                   name->text);
        return;
    }
    for (size_t i = 0; i < files->count; i++)
        if (strcmp(files->list[i].file, name->text) == 0)
            step->sql = files->list[i].text;
    if (!step->sql)
        node_fault(faults, name, "there is no readable file pipelines/%s", name->text);
    else if (is_blank(step->sql))
        node_fault(faults, name, "there is nothing in pipelines/%s", name->text);
}

static void read_sql(const struct node *node, const struct pipeline_files *files,
                     struct pipeline_step *step, struct faults *faults)
{
    const struct node *sql = node_member(node, "sql");
    const struct node *file = node_member(node, "sql_file");
    if ((sql != NULL) == (file != NULL)) {
        node_fault(faults, node, "a step needs its SELECT: one of sql and sql_file");
    } else if (file) {
        read_sql_file(file, files, step, faults);
    } else {
        step->sql = sql->text;
        step->sql_line = sql->text_line;
        if (is_blank(sql->text))
            node_fault(faults, sql, "there is no SQL in it");
    }
}

/* contract: ID, or ID@MAJOR */
static void read_contract(struct arena *arena, const struct node *node, struct pipeline_step *step,
                          struct faults *faults)
{
    if (!node)
        return;
    const char *at = strrchr(node->text, '@');
    int64_t major = 0;
    if (at && (!text_to_int64(at + 1, &major) || major < 0 || major > 999999 || at == node->text)) {
        node_fault(faults, node,
                   "must be the id of a contract, or the id, @ and a major version: orders@2");
        return;
    }
    step->contract = at ? arena_copy(arena, node->text, (size_t)(at - node->text)) : node->text;
    step->contract_major = at ? (int)major : -1;
}

static void read_key(struct arena *arena, const struct node *list, struct pipeline_step *step,
                     struct faults *faults)
{
    if (!list)
        return;
    const char **key = arena_array_of(arena, const char *, list->count + 1);
    size_t count = 0;
    if (!list->count)
        node_fault(faults, list,
                   "must name at least one column; leave it out to use the "
                   "contract's key");
    for (const struct node *column = list->first; column; column = column->next)
        key[count++] = column->text;
    step->key = key;
}

/* Is the name taken by an input, or by a step before? */
static void check_unique(const struct pipeline_document *document, const struct node *name,
                         struct faults *faults)
{
    for (size_t i = 0; i < document->input_count; i++)
        if (strcmp(document->inputs[i].name, name->text) == 0)
            node_fault(faults, name, "an input is named %s already", name->text);
    for (size_t i = 0; i < document->step_count; i++)
        if (strcmp(document->steps[i].name, name->text) == 0)
            node_fault(faults, name, "a step is named %s already", name->text);
}

static void read_output(const struct pipeline_document *document, const struct node *node,
                        struct pipeline_step *step, struct faults *faults)
{
    enum pipeline_layer layer;
    if (!node || !pipeline_read_dataset(node, PIPELINE_OUTPUT, &layer, &step->output, faults))
        return;
    if (layer != PIPELINE_OUTPUT)
        node_fault(faults, node, "a step cannot write to an input; write output.NAME");
    for (size_t i = 0; i < document->step_count; i++)
        if (document->steps[i].output && strcmp(document->steps[i].output, step->output) == 0)
            node_fault(faults, node, "the step %s writes to it already", document->steps[i].name);
    for (size_t i = 0; i < document->input_count; i++)
        if (document->inputs[i].layer == PIPELINE_OUTPUT && document->inputs[i].dataset
            && strcmp(document->inputs[i].dataset, step->output) == 0)
            node_fault(faults, document->inputs[i].node,
                       "the step %s writes to this output; a pipeline cannot read what it makes",
                       step->name);
}

void pipeline_read_steps(struct arena *arena, const struct node *root,
                         const struct pipeline_files *files, struct pipeline_document *document,
                         struct faults *faults)
{
    const struct node *list = node_member(root, "steps");
    bool writes = false;
    if (!list || list->kind != NODE_LIST)
        return;
    pipeline_check_count(list, "steps", faults);
    if (!list->count)
        node_fault(faults, list, "a pipeline needs at least one step");
    struct pipeline_step *steps = arena_array_of(arena, struct pipeline_step, list->count);
    document->steps = steps;
    for (const struct node *node = list->first; node; node = node->next) {
        struct pipeline_step *step = &steps[document->step_count];
        if (!pipeline_shape_step(node, faults)) {
            writes = true; /* perhaps: say nothing about what cannot be read */
            continue;
        }
        const struct node *name = node_member(node, "name");
        *step = (struct pipeline_step){ .node = node, .name = name->text, .contract_major = -1 };
        step->mode = pipeline_shape_mode(node_text(node, "mode"));
        pipeline_check_name(name, name->text, "a step", faults);
        check_unique(document, name, faults);
        read_sql(node, files, step, faults);
        read_output(document, node_member(node, "output"), step, faults);
        read_key(arena, node_member(node, "key"), step, faults);
        read_contract(arena, node_member(node, "contract"), step, faults);
        writes = writes || node_member(node, "output");
        document->step_count++;
    }
    if (list->count && !writes)
        node_fault(faults, list, "no step has an output, so the pipeline would publish nothing");
}
