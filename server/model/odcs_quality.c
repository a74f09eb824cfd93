/* quality[] of ODCS: library metrics, SQL, rules of other engines, and text for people. */
#include "odcs_common.h"

#include <string.h>

static const char *const types[] = { "text", "library", "sql", "custom", NULL };
static const char *const dimensions[] = { "accuracy", "completeness", "conformity", "consistency",
                                          "coverage", "timeliness",   "uniqueness", NULL };
static const char *const metrics[] = { "nullValues",      "missingValues", "invalidValues",
                                       "duplicateValues", "rowCount",      NULL };

static const struct shape_member common_members[] = {
    { "id", SHAPE_STABLE_ID },
    { "authoritativeDefinitions", SHAPE_LIST, .of = &odcs_definition },
    { "businessImpact", SHAPE_TEXT },
    { "customProperties", SHAPE_LIST, .of = &odcs_custom_property },
    { "description", SHAPE_TEXT },
    { "dimension", SHAPE_TEXT, .allowed = dimensions },
    { "method", SHAPE_TEXT },
    { "name", SHAPE_TEXT },
    { "schedule", SHAPE_TEXT },
    { "scheduler", SHAPE_TEXT },
    { "severity", SHAPE_TEXT },
    { "tags", SHAPE_TEXTS },
    { "type", SHAPE_TEXT, .allowed = types },
    { "unit", SHAPE_TEXT },
};
static SHAPE(text_shape, "a quality rule", common_members);

/* An operator compares what was measured; a rule that measures has exactly one. */
static const struct shape_member operator_members[] = {
    { "mustBe", SHAPE_ANY },
    { "mustNotBe", SHAPE_ANY },
    { "mustBeGreaterThan", SHAPE_NUMBER },
    { "mustBeGreaterOrEqualTo", SHAPE_NUMBER },
    { "mustBeLessThan", SHAPE_NUMBER },
    { "mustBeLessOrEqualTo", SHAPE_NUMBER },
    { "mustBeBetween", SHAPE_LIST },
    { "mustNotBeBetween", SHAPE_LIST },
};
static const struct shape operator_shape = { "a quality rule", operator_members,
                                             COUNT(operator_members), .base = &text_shape };

static const struct shape_member library_members[] = {
    { "metric", SHAPE_TEXT, .required = true, .allowed = metrics },
    { "rule", SHAPE_TEXT },
    { "arguments", SHAPE_OBJECT },
};
static const struct shape library_shape = { "a library quality rule", library_members,
                                            COUNT(library_members), .base = &operator_shape };

static const struct shape_member sql_members[] = {
    { "query", SHAPE_TEXT, .required = true },
};
static const struct shape sql_shape = { "an SQL quality rule", sql_members, COUNT(sql_members),
                                        .base = &operator_shape };

static const struct shape_member custom_members[] = {
    { "engine", SHAPE_TEXT, .required = true },
    { "implementation", SHAPE_ANY, .required = true },
};
static const struct shape custom_shape = { "a custom quality rule", custom_members,
                                           COUNT(custom_members), .base = &text_shape };

static void check_range(const struct node *range, struct faults *faults)
{
    if (range->kind != NODE_LIST)
        return; /* the shape has told */
    const struct node *low = range->first;
    if (range->count != 2 || low->kind != NODE_NUMBER || low->next->kind != NODE_NUMBER
        || node_equal(low, low->next))
        node_fault(faults, range, "must be a list of two different numbers");
}

static void check_operator(const struct node *rule, struct faults *faults)
{
    int given = 0;
    for (size_t i = 0; i < COUNT(operator_members); i++) {
        const struct node *bound = node_member(rule, operator_members[i].name);
        given += bound != NULL;
        if (bound && strstr(operator_members[i].name, "Between"))
            check_range(bound, faults);
    }
    if (given != 1)
        node_fault(faults, rule,
                   "a rule that measures needs exactly one of mustBe, mustNotBe, "
                   "mustBeGreaterThan, mustBeLessThan and so on");
}

static void check_rule(const struct node *rule, struct faults *faults)
{
    const char *type = node_text(rule, "type");
    bool is_library = node_member(rule, "metric") || (type && strcmp(type, "library") == 0);
    if (is_library && type && strcmp(type, "library") != 0) {
        node_fault(faults, rule, "a rule with a metric is of type library, not %s", type);
        return;
    }
    if (is_library) {
        (void)shape_check(&library_shape, rule, faults); /* the faults tell */
        check_operator(rule, faults);
    } else if (type && strcmp(type, "sql") == 0) {
        (void)shape_check(&sql_shape, rule, faults);
        check_operator(rule, faults);
    } else if (type && strcmp(type, "custom") == 0) {
        const struct node *code = node_member(rule, "implementation");
        (void)shape_check(&custom_shape, rule, faults);
        if (code && code->kind != NODE_TEXT && code->kind != NODE_OBJECT)
            node_fault(faults, code, "must be text or an object");
    } else {
        (void)shape_check(&text_shape, rule, faults);
    }
}

void odcs_check_quality(const struct node *element, struct faults *faults)
{
    static const struct shape_member as_list = { "quality", SHAPE_LIST };
    const struct node *quality = node_member(element, "quality");
    if (!quality || !shape_check_value(&as_list, quality, faults))
        return;
    for (const struct node *rule = quality->first; rule; rule = rule->next)
        if (rule->kind == NODE_OBJECT)
            check_rule(rule, faults);
        else
            (void)shape_check(&text_shape, rule, faults); /* tells that it is no object */
}
