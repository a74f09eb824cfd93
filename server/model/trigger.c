#include "trigger.h"

#include "pipeline_document.h"
#include "pipeline_shape.h"
#include "shape.h"

#include "server/base/buffer.h"
#include "server/base/text.h"

#include <string.h>

#define MOST 20 /* triggers of one pipeline */

static const char *const kind_names[] = { "delivery", "schedule", "pipeline", NULL };
static const char *const missed_names[] = { "once", "skip", "all", NULL };

static const struct shape_member members[] = {
    { "on", SHAPE_TEXT, .required = true, .allowed = kind_names },
    { "name", SHAPE_TEXT },
    { "input", SHAPE_TEXT },
    { "pipeline", SHAPE_TEXT },
    { "cron", SHAPE_TEXT },
    { "timezone", SHAPE_TEXT },
    { "missed", SHAPE_TEXT, .allowed = missed_names },
    { "parameters", SHAPE_OBJECT },
};
static const struct shape shape = { "a trigger", members, COUNT(members) };

/* Which members have a meaning for which kind alone; the first of a kind is needed. */
static const struct {
    const char *name;
    enum trigger_kind kind;
    bool required;
} own_members[] = {
    { "input", TRIGGER_DELIVERY, true },     { "cron", TRIGGER_SCHEDULE, true },
    { "timezone", TRIGGER_SCHEDULE, false }, { "missed", TRIGGER_SCHEDULE, false },
    { "pipeline", TRIGGER_PIPELINE, true },
};

const char *trigger_kind_name(enum trigger_kind kind)
{
    return kind_names[kind];
}

const char *trigger_missed_name(enum trigger_missed missed)
{
    return missed_names[missed];
}

enum trigger_missed trigger_missed_of(const char *name)
{
    enum trigger_missed missed = TRIGGER_ALL;
    while (missed != TRIGGER_ONCE && (!name || strcmp(missed_names[missed], name) != 0))
        missed--;
    return missed;
}

static enum trigger_kind kind_of(const char *name)
{
    enum trigger_kind kind = TRIGGER_PIPELINE;
    while (kind != TRIGGER_DELIVERY && strcmp(kind_names[kind], name) != 0)
        kind--;
    return kind;
}

static void check_members(const struct node *node, enum trigger_kind kind, struct faults *faults)
{
    for (size_t i = 0; i < COUNT(own_members); i++) {
        const struct node *member = node_member(node, own_members[i].name);
        if (member && own_members[i].kind != kind)
            node_fault(faults, member, "means nothing for a trigger on: %s", kind_names[kind]);
        else if (!member && own_members[i].kind == kind && own_members[i].required)
            node_fault(faults, node, "a trigger on: %s needs the member %s", kind_names[kind],
                       own_members[i].name);
    }
}

static void read_delivery(struct arena *arena, const struct pipeline_document *document,
                          struct trigger *trigger, struct faults *faults)
{
    const struct node *name = node_member(trigger->node, "input");
    const struct pipeline_input *input = NULL;
    for (size_t i = 0; i < document->input_count && !input; i++)
        if (strcmp(document->inputs[i].name, name->text) == 0)
            input = &document->inputs[i];
    if (!input)
        node_fault(faults, name, "the pipeline has no input named %s", name->text);
    else if (!input->dataset)
        return; /* it has faults of its own */
    else if (input->layer == PIPELINE_OUTPUT)
        node_fault(faults, name,
                   "the input %s reads output.%s, which nobody delivers; use on: pipeline with the "
                   "pipeline that makes it",
                   name->text, input->dataset);
    else if (input->snapshot)
        node_fault(faults, name,
                   "the input %s always reads delivery %lld, so a new one would change nothing",
                   name->text, (long long)input->snapshot);
    else
        trigger->dataset = input->dataset;
    trigger->name = arena_print(arena, "delivery:%s", name->text);
}

static void read_schedule(struct arena *arena, struct trigger *trigger, struct faults *faults)
{
    const struct node *zone = node_member(trigger->node, "timezone");
    const char *reason;
    trigger->cron = node_text(trigger->node, "cron");
    trigger->timezone = zone ? zone->text : "UTC";
    trigger->missed = trigger_missed_of(node_text(trigger->node, "missed"));
    if (!cron_parse(arena, trigger->cron, &trigger->schedule, &reason))
        node_fault(faults, node_member(trigger->node, "cron"), "%s", reason);
    if (!zone_is_name(trigger->timezone))
        node_fault(faults, zone,
                   "\"%s\" is no time zone; write UTC, or the name of one, such as Europe/Paris",
                   trigger->timezone);
    trigger->name = arena_print(arena, "schedule:%s %s", trigger->cron, trigger->timezone);
}

static void read_follower(struct arena *arena, const struct pipeline_document *document,
                          struct trigger *trigger, struct faults *faults)
{
    const struct node *pipeline = node_member(trigger->node, "pipeline");
    trigger->pipeline = pipeline->text;
    if (!text_is_name(pipeline->text))
        node_fault(faults, pipeline, "\"%s\" is no name of a pipeline", pipeline->text);
    else if (document->name && strcmp(document->name, pipeline->text) == 0)
        node_fault(faults, pipeline, "a pipeline cannot start itself: it would never end");
    trigger->name = arena_print(arena, "pipeline:%s", pipeline->text);
}

/* The values a run is given; each parameter that is required must have one. */
static void read_parameters(struct arena *arena, const struct pipeline_document *document,
                            struct trigger *trigger, struct faults *faults)
{
    const struct node *given = node_member(trigger->node, "parameters");
    trigger->parameters = given ? node_json(arena, given) : "{}";
    for (size_t i = 0; i < document->parameter_count; i++) {
        const struct pipeline_parameter *parameter = &document->parameters[i];
        const struct node *value = node_member(given, parameter->name);
        if (!value && parameter->required)
            node_fault(faults, trigger->node,
                       "the parameter %s is required, and the trigger gives it no value",
                       parameter->name);
        else if (value && value->kind != NODE_NULL && parameter->type != COLUMN_NO_TYPE
                 && !pipeline_shape_fits(parameter->type, value))
            node_fault(faults, value, "is not a value of the type %s",
                       pipeline_shape_type_name(parameter->type));
    }
    for (const struct node *value = given ? given->first : NULL; value; value = value->next) {
        bool known = false;
        for (size_t i = 0; i < document->parameter_count; i++)
            known = known || strcmp(document->parameters[i].name, value->key) == 0;
        if (!known)
            node_fault(faults, value, "the pipeline has no such parameter");
    }
}

/* A name of its own tells triggers apart that wait for the same. */
static void read_name(const struct trigger *list, size_t count, struct trigger *trigger,
                      struct faults *faults)
{
    const struct node *name = node_member(trigger->node, "name");
    if (name) {
        trigger->name = name->text;
        if (!text_is_name(name->text))
            node_fault(faults, name,
                       "\"%s\" cannot be the name of a trigger: names begin with a small letter, "
                       "have small letters, digits and _, and at most 48 of them",
                       name->text);
    }
    for (size_t i = 0; i < count; i++)
        if (strcmp(list[i].name, trigger->name) == 0)
            node_fault(faults, name ? name : trigger->node,
                       name ? "a trigger is named %s already"
                            : "there is the same trigger already (%s); give each a name of its own "
                              "if both are meant",
                       trigger->name);
}

static bool read_one(struct arena *arena, const struct node *node,
                     const struct pipeline_document *document, struct trigger *trigger,
                     struct faults *faults)
{
    int before = faults->count;
    if (!shape_check(&shape, node, faults))
        return false;
    *trigger = (struct trigger){ .kind = kind_of(node_text(node, "on")), .node = node };
    check_members(node, trigger->kind, faults);
    if (faults->count != before)
        return false;
    switch (trigger->kind) {
    case TRIGGER_DELIVERY:
        read_delivery(arena, document, trigger, faults);
        break;
    case TRIGGER_SCHEDULE:
        read_schedule(arena, trigger, faults);
        break;
    case TRIGGER_PIPELINE:
        read_follower(arena, document, trigger, faults);
        break;
    }
    read_parameters(arena, document, trigger, faults);
    return faults->count == before;
}

const struct trigger *triggers_read(struct arena *arena, const struct node *root,
                                    const struct pipeline_document *document, struct faults *faults,
                                    size_t *out_count)
{
    const struct node *list = node_member(root, "triggers");
    size_t count = 0;
    *out_count = 0;
    if (!list || list->kind != NODE_LIST)
        return NULL;
    if (list->count > MOST)
        node_fault(faults, list, "at most %d triggers are read, not %zu", MOST, list->count);
    struct trigger *triggers = arena_array_of(arena, struct trigger, list->count);
    for (const struct node *node = list->first; node; node = node->next) {
        struct trigger *trigger = &triggers[count];
        if (!read_one(arena, node, document, trigger, faults))
            continue;
        read_name(triggers, count, trigger, faults);
        count++;
    }
    *out_count = count;
    return triggers;
}

/* A search through what starts what; each place is visited once. */
struct search {
    const struct pipeline_document *const *documents;
    size_t count;
    size_t *queue;
    size_t queued;
    size_t *from; /* the place that this one would start; count: it is start's own trigger */
    bool *seen;
};

static void visit(struct search *search, const char *pipeline, size_t from)
{
    for (size_t i = 0; i < search->count; i++) {
        const char *name = search->documents[i]->name;
        if (search->seen[i] || !name || strcmp(name, pipeline) != 0)
            continue;
        search->seen[i] = true;
        search->from[i] = from;
        search->queue[search->queued++] = i;
    }
}

static const char *path_text(struct arena *arena, const struct search *search, const char *start,
                             size_t place)
{
    CLEANUP(buffer_clear) struct buffer text = { 0 };
    buffer_add_text(&text, start);
    for (; place != search->count; place = search->from[place])
        buffer_print(&text, " → %s", search->documents[place]->name);
    buffer_print(&text, " → %s", start);
    return arena_copy(arena, text.data, text.size);
}

const char *trigger_cycle(struct arena *arena, const struct pipeline_document *const *documents,
                          size_t count, const struct pipeline_document *start,
                          const struct trigger *trigger)
{
    struct search search = {
        .documents = documents,
        .count = count,
        .queue = arena_array_of(arena, size_t, count),
        .from = arena_array_of(arena, size_t, count),
        .seen = arena_array_of(arena, bool, count),
    };
    if (trigger->kind != TRIGGER_PIPELINE || !start->name)
        return NULL;
    visit(&search, trigger->pipeline, count);
    for (size_t next = 0; next < search.queued; next++) {
        const struct pipeline_document *document = documents[search.queue[next]];
        for (size_t i = 0; i < document->trigger_count; i++) {
            const struct trigger *before = &document->triggers[i];
            if (before->kind != TRIGGER_PIPELINE)
                continue;
            if (strcmp(before->pipeline, start->name) == 0)
                return path_text(arena, &search, start->name, search.queue[next]);
            visit(&search, before->pipeline, search.queue[next]);
        }
    }
    return NULL;
}
