#include "run_wish.h"

#include <string.h>

static void read_member(struct arena *arena, const struct node *member, struct run_wish *wish,
                        struct faults *faults)
{
    const char *json = member->kind == NODE_OBJECT ? node_json(arena, member) : NULL;
    if (json && strcmp(member->key, "parameters") == 0)
        wish->parameters = json;
    else if (json && strcmp(member->key, "inputs") == 0)
        wish->inputs = json;
    else if (json && strcmp(member->key, "expect") == 0)
        wish->expected = json;
    else if (strcmp(member->key, "publish") == 0 && member->kind == NODE_BOOL)
        wish->publish = member->truth;
    else
        node_fault(
            faults, member,
            "is not understood: parameters, inputs and expect (objects) and publish (true or "
            "false) are");
}

/* {"daily": 17}: outputs of this pipeline and the numbers of snapshots. */
static void check_expected(const struct pipeline_document *document, const struct node *expected,
                           struct faults *faults)
{
    for (const struct node *member = expected->first; member; member = member->next) {
        int64_t number;
        bool known = false;
        for (size_t i = 0; i < document->step_count; i++)
            known = known
                    || (document->steps[i].output
                        && strcmp(document->steps[i].output, member->key) == 0);
        if (!known)
            node_fault(faults, member, "the pipeline has no output of this name");
        else if (!node_to_int64(member, &number) || number < 0)
            node_fault(faults, member, "must be the number of a snapshot, or 0 for none yet");
    }
}

static struct problem *read_body(struct request *rq, struct run_wish *wish)
{
    const char *text;
    size_t size;
    struct faults faults;
    faults_init(&faults, rq->arena, 20);
    TRY(request_document(rq, &text, &size));
    if (!size)
        return NULL;
    const struct document_text source = { NULL, text, size, DOCUMENT_JSON };
    const struct node *root = document_parse(rq->arena, &source, size, &faults);
    if (root && root->kind != NODE_OBJECT)
        node_fault(&faults, root, "must be an object: {\"parameters\": {…}, \"publish\": true}");
    for (const struct node *member = root ? root->first : NULL; member && root->kind == NODE_OBJECT;
         member = member->next)
        read_member(rq->arena, member, wish, &faults);
    const struct node *expected = node_member(root, "expect");
    if (expected && expected->kind == NODE_OBJECT)
        check_expected(&wish->pipeline->document, expected, &faults);
    return faults_problem(&faults, &PROBLEM_INVALID_DOCUMENT, "the request for a run is not valid");
}

struct problem *run_wish_read(struct request *rq, struct run_wish *out_wish)
{
    const char *name = request_path(rq, 0);
    struct run_wish wish = {
        .parameters = "{}", .inputs = "{}", .expected = "{}", .publish = true
    };
    wish.pipeline = catalogue_pipeline(server_catalogue(rq), name);
    if (!wish.pipeline)
        return problem_new(rq->arena, &PROBLEM_NOT_FOUND, "there is no pipeline %s", name);
    TRY(read_body(rq, &wish));
    *out_wish = wish;
    return NULL;
}
