/* What the documents of a folder say about each other: every name must lead somewhere. */
#include "folder_parts.h"

#include "server/base/buffer.h"
#include "server/base/text.h"

#include <string.h>

/* "output.countries, input.orders" for messages; "none" where there is no port. */
static const char *dataset_names(const struct folder_parts *parts, bool inputs, bool outputs)
{
    CLEANUP(buffer_clear) struct buffer text = { 0 };
    const struct product_ports *ports[] = { inputs ? &parts->product.inputs : NULL,
                                            outputs ? &parts->product.outputs : NULL };
    for (size_t layer = 0; layer < COUNT(ports); layer++)
        for (size_t i = 0; ports[layer] && i < ports[layer]->count; i++)
            buffer_print(&text, "%s%s.%s", text.size ? ", " : "", layer ? "output" : "input",
                         ports[layer]->list[i].name);
    return text.size ? arena_copy(parts->arena, text.data, text.size) : "none";
}

/* Might a contract that is missing be one that could not be read? Then its own faults tell enough.
 */
static bool may_be_unread(const struct folder_parts *parts, const char *id)
{
    for (size_t i = 0; i < parts->contract_count; i++) {
        const struct folder_contract *contract = &parts->contracts[i];
        const char *read_id = node_text(contract->root, "id");
        if (!contract->right && (!read_id || strcmp(read_id, id) == 0))
            return true;
    }
    return false;
}

/* A contract may be in the folder in several major versions; the port's version tells which. */
static struct folder_contract *contract_find(struct folder_parts *parts, const char *id, int major,
                                             bool *out_other_major)
{
    *out_other_major = false;
    for (size_t i = 0; i < parts->contract_count; i++) {
        struct folder_contract *contract = &parts->contracts[i];
        if (!contract->right || strcmp(contract->contract.id, id) != 0)
            continue;
        if (contract->contract.number.major == major)
            return contract;
        *out_other_major = true;
        contract->used = true; /* one fault is enough */
    }
    return NULL;
}

static void check_port(struct folder_parts *parts, const struct product_port *port,
                       enum contract_use use)
{
    bool other_major;
    struct folder_contract *found =
        contract_find(parts, port->contract_id, port->number.major, &other_major);
    const struct node *id = node_member(port->node, "contractId");
    if (!found && other_major) {
        node_fault(parts->faults, node_member(port->node, "version"),
                   "the port is of major version %d, and the contract %s is in no version of that "
                   "major in contracts/",
                   port->number.major, port->contract_id);
        return;
    }
    if (!found) {
        if (!may_be_unread(parts, port->contract_id))
            node_fault(parts->faults, id, "no contract in contracts/ has the id %s",
                       port->contract_id);
        return;
    }
    found->used = true;
    if (strcmp(found->contract.dataset, port->name) != 0)
        node_fault(
            parts->faults, node_member(port->node, "name"),
            "the port and its dataset must have one name, but the contract %s (%s) describes "
            "a dataset named %s",
            port->contract_id, found->contract.file, found->contract.dataset);
    parts->datasets[parts->dataset_count++] =
        (struct folder_dataset){ use, port, &found->contract };
}

static void check_ports(struct folder_parts *parts)
{
    const struct product *product = &parts->product;
    parts->datasets = arena_array_of(parts->arena, struct folder_dataset,
                                     product->inputs.count + product->outputs.count);
    for (size_t i = 0; i < product->inputs.count; i++)
        check_port(parts, &product->inputs.list[i], CONTRACT_OF_INPUT);
    for (size_t i = 0; i < product->outputs.count; i++)
        check_port(parts, &product->outputs.list[i], CONTRACT_OF_OUTPUT);
}

static void check_contracts(struct folder_parts *parts)
{
    for (size_t i = 0; i < parts->contract_count; i++) {
        const struct folder_contract *contract = &parts->contracts[i];
        if (!contract->right)
            continue;
        const struct node *id = node_member(contract->root, "id");
        bool twice = false;
        for (size_t k = 0; k < i && !twice; k++) {
            const struct folder_contract *other = &parts->contracts[k];
            twice = other->right && strcmp(other->contract.id, contract->contract.id) == 0
                    && other->contract.number.major == contract->contract.number.major;
            if (twice)
                node_fault(parts->faults, id, "%s is a contract of the same id and major version",
                           other->contract.file);
        }
        if (parts->product_root && !twice && !contract->used)
            node_fault(parts->faults, id,
                       "no port of product.odps.yaml has the contractId %s in major version %d; "
                       "name it there, or remove the file",
                       contract->contract.id, contract->contract.number.major);
    }
}

static const struct folder_dataset *dataset_find(const struct folder_parts *parts,
                                                 enum contract_use use, const char *name)
{
    for (size_t i = 0; i < parts->dataset_count; i++)
        if (parts->datasets[i].use == use && strcmp(parts->datasets[i].port->name, name) == 0)
            return &parts->datasets[i];
    return NULL;
}

static bool port_exists(const struct folder_parts *parts, enum pipeline_layer layer,
                        const char *name)
{
    /* by the document, where also a port is that has faults of its own */
    const struct node *list =
        node_member(parts->product_root, layer == PIPELINE_INPUT ? "inputPorts" : "outputPorts");
    for (const struct node *port = list ? list->first : NULL; port; port = port->next) {
        const char *port_name = node_text(port, "name");
        if (port_name && strcmp(port_name, name) == 0)
            return true;
    }
    return false;
}

static void check_step(struct folder_parts *parts, const struct pipeline_step *step)
{
    const struct node *output = node_member(step->node, "output");
    if (!port_exists(parts, PIPELINE_OUTPUT, step->output)) {
        node_fault(parts->faults, output, "the product has no output port %s; it has: %s",
                   step->output, dataset_names(parts, false, true));
        return;
    }
    const struct folder_dataset *dataset = dataset_find(parts, CONTRACT_OF_OUTPUT, step->output);
    if (!dataset)
        return; /* its contract has faults of its own */
    const struct contract *contract = dataset->contract;
    if (step->contract
        && (strcmp(step->contract, contract->id) != 0
            || (step->contract_major >= 0 && step->contract_major != contract->number.major)))
        node_fault(parts->faults, node_member(step->node, "contract"),
                   "output.%s has the contract %s@%d", step->output, contract->id,
                   contract->number.major);
    for (const char *const *column = step->key; column && *column; column++)
        if (!columns_find(&contract->columns, *column, false))
            node_fault(parts->faults, node_member(step->node, "key"),
                       "the contract of output.%s has no column %s", step->output, *column);
}

/* An output has one maker; step is of the pipeline at a place in the list. */
static void check_maker(struct folder_parts *parts, size_t place, const struct pipeline_step *step)
{
    for (size_t p = 0; p < place; p++)
        for (size_t s = 0; s < parts->pipelines[p].step_count; s++) {
            const char *output = parts->pipelines[p].steps[s].output;
            if (output && strcmp(output, step->output) == 0)
                node_fault(parts->faults, node_member(step->node, "output"),
                           "the pipeline %s makes output.%s already", parts->pipelines[p].name,
                           output);
        }
}

static void check_pipeline(struct folder_parts *parts, size_t place)
{
    const struct pipeline_document *pipeline = &parts->pipelines[place];
    for (size_t i = 0; i < pipeline->input_count; i++) {
        const struct pipeline_input *input = &pipeline->inputs[i];
        if (input->dataset && !port_exists(parts, input->layer, input->dataset))
            node_fault(parts->faults, input->node,
                       "the product has no port %s.%s to read from; it has: %s",
                       input->layer == PIPELINE_INPUT ? "input" : "output", input->dataset,
                       dataset_names(parts, true, true));
    }
    for (size_t i = 0; i < pipeline->step_count; i++) {
        if (!pipeline->steps[i].output)
            continue;
        check_step(parts, &pipeline->steps[i]);
        check_maker(parts, place, &pipeline->steps[i]);
    }
}

/* Pipelines that start each other: all are in the folder, and they come to an end. */
static void check_triggers(struct folder_parts *parts, size_t place)
{
    const struct pipeline_document *pipeline = &parts->pipelines[place];
    const struct pipeline_document **all =
        arena_array_of(parts->arena, const struct pipeline_document *, parts->pipeline_count);
    for (size_t i = 0; i < parts->pipeline_count; i++)
        all[i] = &parts->pipelines[i];
    for (size_t i = 0; i < pipeline->trigger_count; i++) {
        const struct trigger *trigger = &pipeline->triggers[i];
        bool found = trigger->kind != TRIGGER_PIPELINE;
        for (size_t p = 0; p < parts->pipeline_count && !found; p++)
            found = all[p]->name && strcmp(all[p]->name, trigger->pipeline) == 0;
        const struct node *name = node_member(trigger->node, "pipeline");
        if (!found)
            node_fault(parts->faults, name, "no pipeline in pipelines/ is named %s",
                       trigger->pipeline);
        const char *cycle =
            trigger_cycle(parts->arena, all, parts->pipeline_count, pipeline, trigger);
        if (cycle)
            node_fault(parts->faults, name, "the pipelines would start each other without end: %s",
                       cycle);
    }
}

static bool is_made(const struct folder_parts *parts, const char *output)
{
    for (size_t p = 0; p < parts->pipeline_count; p++)
        for (size_t s = 0; s < parts->pipelines[p].step_count; s++)
            if (parts->pipelines[p].steps[s].output
                && strcmp(parts->pipelines[p].steps[s].output, output) == 0)
                return true;
    return false;
}

static void warn_not_made(struct folder_parts *parts)
{
    for (size_t i = 0; i < parts->product.outputs.count; i++) {
        const struct product_port *port = &parts->product.outputs.list[i];
        if (!is_made(parts, port->name))
            node_fault(parts->warnings, port->node,
                       "no pipeline in the folder makes output.%s; it stays empty until one does",
                       port->name);
    }
}

/* The dataset a relationship of output.NAME leads to: an output of the name, or else an input. */
static const struct folder_dataset *target_find(const struct folder_parts *parts, const char *name)
{
    const struct folder_dataset *output = dataset_find(parts, CONTRACT_OF_OUTPUT, name);
    return output ? output : dataset_find(parts, CONTRACT_OF_INPUT, name);
}

static void check_relationship(struct folder_parts *parts, const struct contract *contract,
                               const struct quality_rule *rule)
{
    const struct quality_target *target = &rule->target;
    const struct folder_dataset *dataset = target_find(parts, target->dataset);
    const struct node *to = node_member(rule->node, "to");
    if (!dataset) {
        if (!port_exists(parts, PIPELINE_OUTPUT, target->dataset)
            && !port_exists(parts, PIPELINE_INPUT, target->dataset))
            node_fault(parts->faults, to, "the product has no dataset %s; it has: %s",
                       target->dataset, dataset_names(parts, true, true));
        return; /* or else its contract has faults of its own */
    }
    for (size_t i = 0; i < rule->columns.count; i++) {
        const struct column *from = &rule->columns.list[i];
        const struct column *column =
            columns_find(&dataset->contract->columns, target->columns[i], false);
        if (!column)
            node_fault(parts->faults, to, "the contract %s has no column %s", dataset->contract->id,
                       target->columns[i]);
        else if (!column_compares(from, column))
            node_fault(parts->faults, to,
                       "%s.%s of type %s cannot be compared with %s.%s of type %s",
                       contract->dataset, from->name, column_type_name(from->type), target->dataset,
                       column->name, column_type_name(column->type));
    }
}

/* Deliveries are checked row by row: whether they keep the other rules nobody asks. */
static bool is_of_rows(const struct quality_rule *rule)
{
    return rule->metric < QUALITY_RELATIONSHIP
           || (rule->metric == QUALITY_INVALID_VALUES && rule->threshold.low == 0
               && rule->threshold.op == QUALITY_MUST_BE);
}

static void check_rules(struct folder_parts *parts, const struct folder_dataset *dataset)
{
    for (size_t i = 0; i < dataset->contract->rules.count; i++) {
        const struct quality_rule *rule = &dataset->contract->rules.list[i];
        if (rule->metric == QUALITY_RELATIONSHIP && rule->target.dataset)
            check_relationship(parts, dataset->contract, rule);
        if (rule->metric == QUALITY_CUSTOM)
            node_fault(parts->warnings, rule->node,
                       "rules of the engine %s are published, but not evaluated here",
                       rule->engine);
        else if (rule->metric == QUALITY_RELATIONSHIP && !rule->target.dataset)
            node_fault(parts->warnings, rule->node,
                       "a relationship that leads out of this product is not evaluated");
        else if (dataset->use == CONTRACT_OF_INPUT && rule->metric != QUALITY_TEXT
                 && !is_of_rows(rule))
            node_fault(parts->warnings, rule->node,
                       "this rule is published, but not evaluated: deliveries are checked row by "
                       "row; give it to the output that is made of them");
    }
}

/* Does an access rule's dataset, output.* included, take in a dataset of the folder? */
static bool covers(const char *pattern, const struct folder_dataset *dataset)
{
    const char *layer = dataset->use == CONTRACT_OF_INPUT ? "input." : "output.";
    if (strcmp(pattern, "*") == 0)
        return true;
    if (!text_starts(pattern, layer))
        return false;
    const char *name = pattern + strlen(layer);
    return strcmp(name, "*") == 0 || strcmp(name, dataset->port->name) == 0;
}

/* A column that is denied must be somewhere, or the rule hides less than it seems to. */
static void check_denied(struct folder_parts *parts, const struct access_rule *rule)
{
    const struct node *list = node_member(node_member(rule->node, "columns"), "deny");
    for (const struct node *column = list ? list->first : NULL; column; column = column->next) {
        bool found = false;
        for (size_t i = 0; i < parts->dataset_count && !found; i++)
            for (const char *const *pattern = rule->datasets; *pattern && !found; pattern++)
                found = covers(*pattern, &parts->datasets[i])
                        && columns_find(&parts->datasets[i].contract->columns, column->text, false);
        if (!found)
            node_fault(parts->faults, column, "no dataset of the rule has a column %s",
                       column->text);
    }
}

static void check_access(struct folder_parts *parts)
{
    bool all_right =
        parts->dataset_count == parts->product.inputs.count + parts->product.outputs.count;
    for (size_t r = 0; r < parts->access.rule_count; r++) {
        const struct access_rule *rule = &parts->access.rules[r];
        const struct node *list = node_member(rule->node, "datasets");
        for (const struct node *dataset = list->first; dataset; dataset = dataset->next) {
            const char *name = strchr(dataset->text, '.');
            bool is_input = text_starts(dataset->text, "input.");
            if (!name || strcmp(name, ".*") == 0)
                continue;
            if (!port_exists(parts, is_input ? PIPELINE_INPUT : PIPELINE_OUTPUT, name + 1))
                node_fault(parts->faults, dataset, "the product has no port %s; it has: %s",
                           dataset->text, dataset_names(parts, true, true));
        }
        if (all_right)
            check_denied(parts, rule);
    }
}

void folder_cross_check(struct folder_parts *parts)
{
    if (parts->product_root)
        check_ports(parts);
    check_contracts(parts);
    if (!parts->product_root)
        return; /* without ports nothing else can be judged */
    for (size_t i = 0; i < parts->pipeline_count; i++) {
        check_pipeline(parts, i);
        check_triggers(parts, i);
    }
    for (size_t i = 0; i < parts->dataset_count; i++)
        check_rules(parts, &parts->datasets[i]);
    warn_not_made(parts);
    check_access(parts);
}
