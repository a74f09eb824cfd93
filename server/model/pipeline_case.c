/* The unit tests of a pipeline document: rows given, rows expected. */
#include "pipeline_parts.h"
#include "pipeline_shape.h"

#include <string.h>

static const struct pipeline_step *find_step(const struct pipeline_document *document,
                                             const char *name, size_t *out_index)
{
    for (size_t i = 0; i < document->step_count; i++)
        if (strcmp(document->steps[i].name, name) == 0) {
            *out_index = i;
            return &document->steps[i];
        }
    return NULL;
}

static bool may_be_given(const struct pipeline_document *document, size_t step, const char *name)
{
    for (size_t i = 0; i < document->input_count; i++)
        if (strcmp(document->inputs[i].name, name) == 0)
            return true;
    for (size_t i = 0; i < step; i++)
        if (strcmp(document->steps[i].name, name) == 0)
            return true;
    return document->steps[step].output && strcmp(name, "this") == 0;
}

static void check_rows(const struct node *rows, struct faults *faults)
{
    if (rows->kind != NODE_LIST) {
        node_fault(faults, rows, "must be a list of rows, such as [{id: 1, name: a}]");
        return;
    }
    for (const struct node *row = rows->first; row; row = row->next)
        if (row->kind != NODE_OBJECT)
            node_fault(faults, row, "a row is an object of columns and values");
}

static void read_given(const struct node *given, const struct pipeline_document *document,
                       size_t step, struct faults *faults)
{
    for (const struct node *rows = given ? given->first : NULL; rows; rows = rows->next) {
        if (!may_be_given(document, step, rows->key))
            node_fault(faults, rows, "the step %s reads no %s", document->steps[step].name,
                       rows->key);
        check_rows(rows, faults);
    }
}

void pipeline_read_cases(struct arena *arena, const struct node *root,
                         struct pipeline_document *document, struct faults *faults)
{
    const struct node *list = node_member(root, "tests");
    if (!list || list->kind != NODE_LIST)
        return;
    pipeline_check_count(list, "tests", faults);
    struct pipeline_case *cases = arena_array_of(arena, struct pipeline_case, list->count);
    document->cases = cases;
    for (const struct node *node = list->first; node; node = node->next) {
        struct pipeline_case *read = &cases[document->case_count];
        size_t step;
        if (!pipeline_shape_case(node, faults))
            continue;
        *read = (struct pipeline_case){ .node = node,
                                        .name = node_text(node, "name"),
                                        .given = node_member(node, "given"),
                                        .expect = node_member(node, "expect"),
                                        .parameters = node_member(node, "parameters"),
                                        .as_of = node_text(node, "as_of") };
        if (!find_step(document, node_text(node, "step"), &step)) {
            node_fault(faults, node_member(node, "step"), "there is no step of this name");
            continue;
        }
        read->step = step;
        read_given(read->given, document, step, faults);
        check_rows(read->expect, faults);
        document->case_count++;
    }
}
