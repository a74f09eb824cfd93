#include "backfill_list.h"

#include "server/base/clock.h"
#include "server/base/digest.h"
#include "server/model/document.h"
#include "server/model/shape.h"
#include "server/model/span.h"

#include <assert.h>
#include <string.h>

static const struct shape_member run_members[] = {
    { "parameters", SHAPE_OBJECT, .required = true },
};
static const struct shape run_shape = { "a run of a backfill", run_members, COUNT(run_members) };

static const struct shape_member members[] = {
    { "runs", SHAPE_LIST, .of = &run_shape },
    { "parameter", SHAPE_TEXT },
    { "from", SHAPE_SCALAR },
    { "to", SHAPE_SCALAR },
    { "step", SHAPE_SCALAR },
    { "parameters", SHAPE_OBJECT },
    { "publish", SHAPE_BOOL },
};
static const struct shape shape = { "a backfill", members, COUNT(members) };

/* A list while it is made. */
struct making {
    struct arena *arena;
    struct faults *faults;
    const struct node *root;
    size_t most;
    struct backfill_list list;
};

static void add(struct making *making, const char *parameters)
{
    struct backfill_list *list = &making->list;
    list->parameters =
        arena_grown(making->arena, (void *)list->parameters, list->count, sizeof *list->parameters);
    list->parameters[list->count++] = parameters;
}

static void too_many(struct making *making, const struct node *node)
{
    node_fault(making->faults, node, "a backfill may have %zu runs at most", making->most);
}

static void add_listed(struct making *making, const struct node *runs)
{
    static const char *const others[] = { "parameter", "from", "to", "step", "parameters", NULL };
    for (size_t i = 0; others[i]; i++)
        if (node_member(making->root, others[i]))
            node_fault(making->faults, node_member(making->root, others[i]),
                       "means nothing beside runs");
    if (!runs->count)
        node_fault(making->faults, runs, "must name at least one run");
    if (runs->count > making->most) {
        too_many(making, runs);
        return;
    }
    for (const struct node *run = runs->first; run; run = run->next)
        add(making, node_json(making->arena, node_member(run, "parameters")));
}

/* The parameters all runs share, and one more. */
static const char *with_value(struct making *making, const char *name, enum node_kind kind,
                              const char *text)
{
    const struct node *shared = node_member(making->root, "parameters");
    struct node object = { .kind = NODE_OBJECT };
    const struct node **end = &object.first;
    for (const struct node *member = shared ? shared->first : NULL; member; member = member->next) {
        struct node *copy = arena_new_of(making->arena, struct node);
        *copy = *member;
        node_append(&object, &end, copy);
    }
    struct node *value = arena_new_of(making->arena, struct node);
    *value = (struct node){ .kind = kind, .key = name, .text = text };
    node_append(&object, &end, value);
    return node_json(making->arena, &object);
}

static void add_numbers(struct making *making, const char *name, const struct node *step)
{
    const struct node *from = node_member(making->root, "from");
    const struct node *to = node_member(making->root, "to");
    int64_t first, last;
    int64_t width = 1;
    int before = making->faults->count;
    if (!node_to_int64(from, &first))
        node_fault(making->faults, from, "must be a whole number, as %s is one", name);
    if (!node_to_int64(to, &last))
        node_fault(making->faults, to, "must be a whole number, as %s is one", name);
    if (step && (!node_to_int64(step, &width) || width < 1))
        node_fault(making->faults, step, "must be a whole number from 1");
    if (making->faults->count != before)
        return;
    if (last < first) {
        node_fault(making->faults, to, "must not come before from");
        return;
    }
    /* the distance of two int64 may be more than one holds */
    if (((uint64_t)last - (uint64_t)first) / (uint64_t)width >= making->most) {
        too_many(making, to);
        return;
    }
    for (uint64_t i = 0; i <= ((uint64_t)last - (uint64_t)first) / (uint64_t)width; i++)
        add(making, with_value(making, name, NODE_NUMBER,
                               arena_int64(making->arena, first + (int64_t)i * width)));
}

static bool read_time(struct making *making, const char *member, bool is_date, int64_t *out_at)
{
    const struct node *node = node_member(making->root, member);
    bool read =
        node->kind == NODE_TEXT
        && (is_date ? span_read_date(node->text, out_at) : span_read_instant(node->text, out_at));
    if (!read)
        node_fault(making->faults, node, "must be %s",
                   is_date ? "a date, such as 2026-11-20"
                           : "a date and time with its zone, such as 2026-11-20T17:31:04Z");
    return read;
}

static bool read_step(struct making *making, const struct node *step, bool is_date,
                      struct span *out_span)
{
    bool read = step && step->kind == NODE_TEXT && span_parse(making->arena, step->text, out_span);
    if (!read)
        node_fault(making->faults, step ? step : making->root,
                   "step must be a span of time, such as P1D, 1 day or P1M");
    else if (is_date && out_span->seconds)
        node_fault(making->faults, step, "must be in days, weeks, months or years between dates");
    else
        return true;
    return false;
}

static void add_times(struct making *making, const char *name, bool is_date,
                      const struct node *step)
{
    int64_t first_at, last_at, at;
    struct span span;
    bool right = read_time(making, "from", is_date, &first_at);
    right = read_time(making, "to", is_date, &last_at) && right;
    right = read_step(making, step, is_date, &span) && right;
    if (!right)
        return;
    if (last_at < first_at)
        node_fault(making->faults, node_member(making->root, "to"), "must not come before from");
    for (size_t i = 0; span_after(&span, first_at, (int64_t)i, &at) && at <= last_at; i++) {
        if (i == making->most) {
            too_many(making, node_member(making->root, "to"));
            return;
        }
        char *text = clock_text(making->arena, at);
        if (is_date)
            text[strlen("2026-11-20")] = '\0';
        add(making, with_value(making, name, NODE_TEXT, text));
    }
}

/* The values of one parameter. */
static void add_range(struct making *making, const struct pipeline_document *document)
{
    static const char *const needed[] = { "parameter", "from", "to", NULL };
    int before = making->faults->count;
    const struct pipeline_parameter *parameter = NULL;
    const struct node *name = node_member(making->root, "parameter");
    for (size_t i = 0; needed[i]; i++)
        if (!node_member(making->root, needed[i]))
            node_fault(making->faults, making->root,
                       "needs runs, or parameter, from, to and step: %s is missing", needed[i]);
    for (size_t i = 0; name && i < document->parameter_count; i++)
        if (strcmp(document->parameters[i].name, name->text) == 0)
            parameter = &document->parameters[i];
    if (name && !parameter)
        node_fault(making->faults, name, "the pipeline has no parameter %s", name->text);
    if (name && node_member(node_member(making->root, "parameters"), name->text))
        node_fault(making->faults, name, "has a value in parameters as well");
    if (making->faults->count != before)
        return;
    assert(parameter); /* without it there is a fault */
    const struct node *step = node_member(making->root, "step");
    if (parameter->type == COLUMN_INT64)
        add_numbers(making, parameter->name, step);
    else if (parameter->type == COLUMN_DATE || parameter->type == COLUMN_TIMESTAMP)
        add_times(making, parameter->name, parameter->type == COLUMN_DATE, step);
    else
        node_fault(making->faults, name,
                   "cannot be counted through; write the runs out, or use a date, a timestamp or "
                   "an integer");
}

struct problem *backfill_list_read(struct arena *arena, const char *text, size_t size,
                                   const struct pipeline_document *document, size_t most,
                                   struct backfill_list *out_list)
{
    struct faults faults;
    const struct document_text source = { NULL, text, size, DOCUMENT_JSON };
    faults_init(&faults, arena, 20);
    const struct node *root = document_parse(arena, &source, size, &faults);
    struct making making = { arena, &faults, root, most, { .publish = true } };
    if (root && shape_check(&shape, root, &faults)) {
        const struct node *runs = node_member(root, "runs");
        const struct node *publish = node_member(root, "publish");
        const char *canonical = node_canonical_json(arena, root);
        making.list.sha256 = digest_sha256_hex(arena, canonical, strlen(canonical));
        making.list.publish = !publish || publish->truth;
        if (runs)
            add_listed(&making, runs);
        else
            add_range(&making, document);
    }
    TRY(faults_problem(&faults, &PROBLEM_INVALID_DOCUMENT,
                       "the request for a backfill is not valid"));
    add(&making, NULL);
    making.list.count--;
    *out_list = making.list;
    return NULL;
}
