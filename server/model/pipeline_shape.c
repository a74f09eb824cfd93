#include "pipeline_shape.h"

#include "shape.h"

#include "server/base/cleanup.h"

#include <string.h>

static const struct shape_member limit_members[] = {
    { "timeout_s", SHAPE_INTEGER }, { "rows", SHAPE_INTEGER }, { "bytes", SHAPE_INTEGER },
    { "temp_mb", SHAPE_INTEGER },   { "cost", SHAPE_INTEGER },
};
static const struct shape limits = { "the limits of a pipeline", limit_members,
                                     COUNT(limit_members) };

static const struct shape_member retention_members[] = {
    { "snapshots", SHAPE_INTEGER },
    { "days", SHAPE_INTEGER },
};
static const struct shape retention = { "the retention of a pipeline", retention_members,
                                        COUNT(retention_members) };

static const char *const policies[] = { "enforce", "warn", "off", NULL };

static const struct shape_member root_members[] = {
    { "name", SHAPE_TEXT, .required = true },
    { "version", SHAPE_TEXT, .required = true },
    { "description", SHAPE_TEXT },
    { "inputs", SHAPE_OBJECT },     /* pipeline_shape_input */
    { "parameters", SHAPE_OBJECT }, /* pipeline_shape_parameter */
    { "steps", SHAPE_LIST, .required = true },
    { "limits", SHAPE_OBJECT, .of = &limits },
    { "quality", SHAPE_TEXT, .allowed = policies },
    { "retention", SHAPE_OBJECT, .of = &retention },
    { "tests", SHAPE_LIST },    /* pipeline_shape_case */
    { "triggers", SHAPE_LIST }, /* trigger.h */
};
static const struct shape root_shape = { "a pipeline", root_members, COUNT(root_members) };

bool pipeline_shape_root(const struct node *root, struct faults *faults)
{
    int before = faults->count;
    (void)shape_check(&root_shape, root, faults); /* the faults tell */
    return faults->count == before;
}

static const struct shape_member input_members[] = {
    { "dataset", SHAPE_TEXT, .required = true },
    { "snapshot", SHAPE_SCALAR },
    { "delivery", SHAPE_SCALAR },
};
static const struct shape input_shape = { "an input", input_members, COUNT(input_members) };

bool pipeline_shape_input(const struct node *input, struct faults *faults)
{
    return shape_check(&input_shape, input, faults);
}

/* The types have the names they have in contracts. */
static const char *const type_names[] = { "boolean", "integer", "number",    "string",
                                          "date",    "time",    "timestamp", NULL };
static const enum column_type types[] = { COLUMN_BOOL, COLUMN_INT64, COLUMN_DECIMAL,  COLUMN_TEXT,
                                          COLUMN_DATE, COLUMN_TIME,  COLUMN_TIMESTAMP };

enum column_type pipeline_shape_type(const char *name)
{
    for (size_t i = 0; i < COUNT(types); i++)
        if (strcmp(type_names[i], name) == 0)
            return types[i];
    return COLUMN_NO_TYPE;
}

const char *pipeline_shape_type_name(enum column_type type)
{
    for (size_t i = 0; i < COUNT(types); i++)
        if (types[i] == type)
            return type_names[i];
    return "none";
}

static const struct shape_member parameter_members[] = {
    { "type", SHAPE_TEXT, .required = true, .allowed = type_names },
    { "required", SHAPE_BOOL },
    { "default", SHAPE_SCALAR },
    { "description", SHAPE_TEXT },
};
static const struct shape parameter_shape = { "a parameter", parameter_members,
                                              COUNT(parameter_members) };

bool pipeline_shape_parameter(const struct node *parameter, struct faults *faults)
{
    return shape_check(&parameter_shape, parameter, faults);
}

bool pipeline_shape_fits(enum column_type type, const struct node *value)
{
    int64_t number;
    switch (type) {
    case COLUMN_BOOL:
        return value->kind == NODE_BOOL;
    case COLUMN_INT64:
        return node_to_int64(value, &number);
    case COLUMN_DECIMAL:
        return value->kind == NODE_NUMBER;
    case COLUMN_DATE:
        return value->kind == NODE_TEXT && shape_is_date(value->text);
    case COLUMN_TIME:
        return value->kind == NODE_TEXT && shape_is_time(value->text);
    case COLUMN_TIMESTAMP:
        return value->kind == NODE_TEXT && shape_is_instant(value->text);
    default:
        return value->kind == NODE_TEXT;
    }
}

static const char *const modes[] = { "full", "append", "merge", "scd2", NULL };

static int place_of(const char *const *names, const char *name)
{
    int place = 0;
    while (name && names[place] && strcmp(names[place], name) != 0)
        place++;
    return name && names[place] ? place : 0;
}

enum pipeline_mode pipeline_shape_mode(const char *name)
{
    return (enum pipeline_mode)place_of(modes, name);
}

enum pipeline_quality pipeline_shape_quality(const char *name)
{
    return (enum pipeline_quality)place_of(policies, name);
}

static const struct shape_member step_members[] = {
    { "name", SHAPE_TEXT, .required = true },
    { "description", SHAPE_TEXT },
    { "sql", SHAPE_TEXT },
    { "sql_file", SHAPE_TEXT },
    { "output", SHAPE_TEXT },
    { "mode", SHAPE_TEXT, .allowed = modes },
    { "key", SHAPE_TEXTS },
    { "contract", SHAPE_TEXT },
};
static const struct shape step_shape = { "a step", step_members, COUNT(step_members) };

bool pipeline_shape_step(const struct node *step, struct faults *faults)
{
    int before = faults->count;
    (void)shape_check(&step_shape, step, faults); /* the faults tell */
    static const char *const of_output[] = { "mode", "key", "contract", NULL };
    for (size_t i = 0; of_output[i]; i++)
        if (node_member(step, of_output[i]) && !node_member(step, "output"))
            node_fault(faults, node_member(step, of_output[i]),
                       "means nothing without an output; a step without one is private to the run");
    return faults->count == before;
}

static const struct shape_member case_members[] = {
    { "name", SHAPE_TEXT },     { "step", SHAPE_TEXT, .required = true },
    { "given", SHAPE_OBJECT },  { "parameters", SHAPE_OBJECT },
    { "as_of", SHAPE_INSTANT }, { "expect", SHAPE_LIST, .required = true },
};
static const struct shape case_shape = { "a test", case_members, COUNT(case_members) };

bool pipeline_shape_case(const struct node *unit, struct faults *faults)
{
    return shape_check(&case_shape, unit, faults);
}
