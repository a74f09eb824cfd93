#include "inputs.h"

#include "server/base/buffer.h"
#include "server/model/relation.h"

#include <string.h>

static struct problem *pin_input(struct arena *arena, const struct catalogue *catalogue,
                                 const struct pipeline_input *input, int64_t wanted, bool need_data,
                                 struct input_pin *pin)
{
    enum contract_use use = input->layer == PIPELINE_INPUT ? CONTRACT_OF_INPUT : CONTRACT_OF_OUTPUT;
    pin->name = input->name;
    pin->datum = catalogue_datum(catalogue, use, input->dataset);
    if (!pin->datum)
        return problem_new(arena, &PROBLEM_INVALID_DOCUMENT, "input %s: there is no %s dataset %s",
                           input->name, use == CONTRACT_OF_INPUT ? "input" : "output",
                           input->dataset);
    pin->number = wanted ? wanted : input->snapshot ? input->snapshot : pin->datum->current;
    if (need_data && !pin->number)
        return problem_new(arena, &PROBLEM_CONFLICT, "input %s: nothing has been %s %s yet",
                           input->name, use == CONTRACT_OF_INPUT ? "delivered to" : "published in",
                           input->dataset);
    if (need_data && pin->number > pin->datum->current)
        return problem_new(arena, &PROBLEM_CONFLICT, "input %s: %s has no state %lld yet",
                           input->name, input->dataset, (long long)pin->number);
    if (need_data && use == CONTRACT_OF_OUTPUT && !catalogue_snapshot(pin->datum, pin->number))
        return problem_new(arena, &PROBLEM_SNAPSHOT_RETIRED,
                           "input %s: snapshot %lld of %s is gone", input->name,
                           (long long)pin->number, input->dataset);
    return NULL;
}

/* {"orders": 41}: a number for each input, 0 where nothing is wanted. */
static struct problem *read_wanted(struct arena *arena, const struct pipeline_document *document,
                                   const char *json, const int64_t **out_wanted)
{
    int64_t *wanted = arena_array_of(arena, int64_t, document->input_count + 1);
    struct faults faults;
    faults_init(&faults, arena, 20);
    const struct document_text source = { NULL, json, json ? strlen(json) : 0, DOCUMENT_JSON };
    const struct node *root = json ? document_parse(arena, &source, DOCUMENT_BYTES, &faults) : NULL;
    if (root && root->kind != NODE_OBJECT)
        node_fault(&faults, root,
                   "inputs are an object of names and numbers, such as "
                   "{\"orders\": 41}");
    for (const struct node *member = root ? root->first : NULL; member && root->kind == NODE_OBJECT;
         member = member->next) {
        size_t place = 0;
        while (place < document->input_count
               && strcmp(document->inputs[place].name, member->key) != 0)
            place++;
        if (place == document->input_count)
            node_fault(&faults, member, "the pipeline has no input of this name");
        else if (!node_to_int64(member, &wanted[place]) || wanted[place] < 1)
            node_fault(&faults, member, "must be the number of a snapshot or delivery");
    }
    *out_wanted = wanted;
    return faults_problem(&faults, &PROBLEM_INVALID_DOCUMENT, "the inputs are not valid");
}

struct problem *inputs_pin(struct arena *arena, const struct catalogue *catalogue,
                           const struct pipeline_document *document, const char *wanted_json,
                           bool need_data, struct pipeline_pins *out_pins)
{
    struct input_pin *inputs = arena_array_of(arena, struct input_pin, document->input_count);
    const int64_t *wanted;
    TRY(read_wanted(arena, document, wanted_json, &wanted));
    for (size_t i = 0; i < document->input_count; i++)
        TRY(pin_input(arena, catalogue, &document->inputs[i], wanted[i], need_data, &inputs[i]));
    struct output_pin *outputs = arena_array_of(arena, struct output_pin, document->step_count);
    size_t output_count = 0;
    for (size_t i = 0; i < document->step_count; i++) {
        const struct pipeline_step *step = &document->steps[i];
        if (!step->output)
            continue;
        const struct catalogue_datum *datum =
            catalogue_datum(catalogue, CONTRACT_OF_OUTPUT, step->output);
        if (!datum)
            return problem_new(arena, &PROBLEM_INVALID_DOCUMENT,
                               "step %s: there is no output dataset %s", step->name, step->output);
        outputs[output_count++] = (struct output_pin){ step, datum, datum->current };
    }
    *out_pins = (struct pipeline_pins){ inputs, document->input_count, outputs, output_count };
    return NULL;
}

/* The columns of the contract in force; those a snapshot of an earlier version lacks are null, and
 * so are all where there is no snapshot. */
static const char *column_list(struct arena *arena, const struct columns *columns,
                               const struct columns *there)
{
    CLEANUP(buffer_clear) struct buffer sql = { 0 };
    for (size_t i = 0; i < columns->count; i++) {
        const struct column *column = &columns->list[i];
        const char *name = db_identifier(arena, column->name);
        if (there && columns_find(there, column->name, false))
            buffer_print(&sql, "%s%s", i ? ", " : "", name);
        else
            buffer_print(&sql, "%sNULL::%s AS %s", i ? ", " : "", column_sql_type(arena, column),
                         name);
    }
    return arena_copy(arena, sql.data, sql.size);
}

const char *inputs_select(struct arena *arena, const struct input_pin *pin)
{
    if (pin->datum->use == CONTRACT_OF_INPUT)
        return catalogue_input_select(arena, pin->datum, pin->number);
    const struct columns *columns = &pin->datum->contract->columns;
    const struct catalogue_snapshot *snapshot = catalogue_snapshot(pin->datum, pin->number);
    if (!snapshot)
        return arena_print(arena, "SELECT %s WHERE false", column_list(arena, columns, NULL));
    return arena_print(arena, "SELECT %s FROM %s",
                       column_list(arena, columns, &snapshot->contract->columns),
                       catalogue_snapshot_from(arena, snapshot));
}

const char *inputs_select_output(struct arena *arena, const struct output_pin *pin)
{
    const struct input_pin as_input = { "this", pin->datum, pin->current };
    return inputs_select(arena, &as_input);
}

const char *const *inputs_tables(struct arena *arena, const struct input_pin *pin,
                                 size_t *out_count)
{
    const struct catalogue_snapshot *snapshot = catalogue_snapshot(pin->datum, pin->number);
    size_t count = pin->datum->use == CONTRACT_OF_INPUT ? 1
                   : snapshot                           ? snapshot->segment_count
                                                        : 0;
    const char **tables = arena_array_of(arena, const char *, count + 1);
    if (pin->datum->use == CONTRACT_OF_INPUT)
        tables[0] = relation_input(arena, pin->datum->id);
    for (size_t i = 0; snapshot && i < snapshot->segment_count; i++)
        tables[i] = relation_segment(arena, snapshot->segments[i]);
    *out_count = count;
    return tables;
}

static const char *value_text(struct arena *arena, const struct node *value)
{
    switch (value->kind) {
    case NODE_TEXT:
    case NODE_NUMBER:
        return value->text;
    case NODE_BOOL:
        return value->truth ? "true" : "false";
    case NODE_NULL:
    case NODE_LIST:
    case NODE_OBJECT:
        break;
    }
    (void)arena;
    return NULL;
}

static bool fits(const struct node *value, enum column_type type)
{
    int64_t whole;
    switch (type) {
    case COLUMN_BOOL:
        return value->kind == NODE_BOOL;
    case COLUMN_INT32:
    case COLUMN_INT64:
        return value->kind == NODE_NUMBER && node_to_int64(value, &whole);
    case COLUMN_DECIMAL:
    case COLUMN_DOUBLE:
        return value->kind == NODE_NUMBER;
    default:
        return value->kind == NODE_TEXT;
    }
}

struct problem *inputs_run_row(struct arena *arena, const struct pipeline_document *document,
                               const char *json, int64_t run_id, const char *as_of, bool checking,
                               const struct bind_value **out_values, size_t *out_count)
{
    struct faults faults;
    faults_init(&faults, arena, 20);
    const char *text = json ? json : "{}";
    const struct document_text source = { NULL, text, strlen(text), DOCUMENT_JSON };
    const struct node *given = document_parse(arena, &source, DOCUMENT_BYTES, &faults);
    if (given && given->kind != NODE_OBJECT)
        node_fault(&faults, given, "parameters are an object of names and values");
    size_t count = document->parameter_count + 2;
    struct bind_value *values = arena_array_of(arena, struct bind_value, count);
    values[0] =
        (struct bind_value){ "id", "bigint",
                             run_id ? arena_print(arena, "%lld", (long long)run_id) : NULL };
    values[1] = (struct bind_value){ "as_of", "timestamptz", as_of };
    for (size_t i = 0; i < document->parameter_count; i++) {
        const struct pipeline_parameter *parameter = &document->parameters[i];
        const struct column column = { .name = parameter->name, .type = parameter->type };
        const struct node *value = given ? node_member(given, parameter->name) : NULL;
        struct bind_value *bound = &values[i + 2];
        *bound = (struct bind_value){ parameter->name, column_sql_type(arena, &column),
                                      parameter->fallback };
        if (!value && parameter->required && !checking)
            faults_add(&faults, NULL, 0, parameter->name, "is required and has no value");
        else if (value && value->kind != NODE_NULL && !fits(value, parameter->type))
            node_fault(&faults, value, "must be %s", column_type_name(parameter->type));
        else if (value)
            bound->text = value_text(arena, value);
    }
    for (const struct node *member = given ? given->first : NULL; member; member = member->next) {
        bool known = false;
        for (size_t i = 0; i < document->parameter_count; i++)
            known = known || strcmp(document->parameters[i].name, member->key) == 0;
        if (!known)
            node_fault(&faults, member, "the pipeline has no such parameter");
    }
    *out_values = values;
    *out_count = count;
    return faults_problem(&faults, &PROBLEM_INVALID_DOCUMENT, "the parameters are not valid");
}
