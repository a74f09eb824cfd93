/* Quality rules of a contract: those its schema implies, then what the other files read. */
#include "contract_quality.h"

#include "shape.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct quality_rule *rules_add(struct rules_reading *reading, enum quality_metric metric,
                               const struct node *node, const struct column *column)
{
    if (reading->count == QUALITY_RULES_MOST)
        node_fault(reading->faults, node, "a contract has at most %d rules", QUALITY_RULES_MOST);
    reading->list =
        arena_grown(reading->arena, reading->list, reading->count, sizeof *reading->list);
    struct quality_rule *rule = &reading->list[reading->count++];
    *rule = (struct quality_rule){ .metric = metric, .node = node, .unit_text = "rows" };
    rule->threshold.json = "0";
    if (column) {
        struct column *copy = arena_new_of(reading->arena, struct column);
        *copy = *column;
        rule->columns = (struct columns){ copy, 1 };
    }
    return rule;
}

bool rules_columns(struct rules_reading *reading, const struct node *names,
                   struct columns *out_columns)
{
    struct column *list = arena_array_of(reading->arena, struct column, names->count);
    size_t count = 0;
    for (const struct node *name = names->first; name; name = name->next) {
        const struct column *column =
            name->kind == NODE_TEXT ? columns_find(&reading->contract->columns, name->text, false)
                                    : NULL;
        const struct columns before = { list, count };
        if (!column) {
            node_fault(reading->faults, name, "\"%s\" is no column of %s",
                       name->text ? name->text : "", reading->contract->dataset);
            return false;
        }
        if (columns_find(&before, column->name, false)) {
            node_fault(reading->faults, name, "is named twice");
            return false;
        }
        list[count++] = *column;
    }
    *out_columns = (struct columns){ list, count };
    return true;
}

static bool name_is_taken(const struct rules_reading *reading, const struct quality_rule *rule,
                          const char *name)
{
    for (size_t i = 0; i < reading->count; i++)
        if (&reading->list[i] != rule && reading->list[i].name
            && strcmp(reading->list[i].name, name) == 0)
            return true;
    return false;
}

void rules_name_as(struct rules_reading *reading, struct quality_rule *rule, const char *name)
{
    const char *unlike = name;
    for (size_t i = 2; name_is_taken(reading, rule, unlike); i++)
        unlike = arena_print(reading->arena, "%s (%zu)", name, i);
    rule->name = unlike;
}

void rules_name(struct rules_reading *reading, struct quality_rule *rule, const char *otherwise)
{
    const char *id = node_text(rule->node, "id");
    const char *title = node_text(rule->node, "name");
    rules_name_as(reading, rule, id && *id ? id : title && *title ? title : otherwise);
}

static bool read_number(const struct node *node, bool takes_truth, double *out_number)
{
    if (takes_truth && node->kind == NODE_BOOL)
        *out_number = node->truth ? 1 : 0;
    else if (node->kind == NODE_NUMBER)
        *out_number = strtod(node->text, NULL);
    else
        return false;
    return isfinite(*out_number);
}

bool rules_threshold(struct rules_reading *reading, const struct node *node, bool takes_truth,
                     struct quality_threshold *out_threshold)
{
    struct quality_threshold threshold = { 0 };
    const struct node *bound = NULL;
    for (const struct node *member = node->first; member && !bound; member = member->next)
        if (quality_operator_find(member->key, &threshold.op))
            bound = member;
    if (!bound) {
        node_fault(reading->faults, node, "a rule that measures needs mustBe, mustBeLessThan, …");
        return false;
    }
    threshold.json = node_json(reading->arena, bound);
    if (bound->kind == NODE_LIST) {
        if (bound->count != 2 || !read_number(bound->first, false, &threshold.low)
            || !read_number(bound->first->next, false, &threshold.high)
            || threshold.low > threshold.high) {
            node_fault(reading->faults, bound, "must be two numbers, the smaller one first");
            return false;
        }
    } else if (!read_number(bound, takes_truth, &threshold.low)) {
        node_fault(reading->faults, bound,
                   takes_truth ? "must be a number, true or false" : "must be a number");
        return false;
    }
    *out_threshold = threshold;
    return true;
}

enum quality_severity rules_severity(struct rules_reading *reading, const struct node *severity)
{
    static const char *const names[] = { "error", "warning", "info", NULL };
    if (!severity)
        return QUALITY_SEVERITY_ERROR;
    for (size_t i = 0; names[i]; i++)
        if (severity->kind == NODE_TEXT && strcmp(names[i], severity->text) == 0)
            return (enum quality_severity)i;
    node_fault(reading->faults, severity,
               "is not understood: error keeps rows from being published, warning and info are "
               "only told");
    return QUALITY_SEVERITY_ERROR;
}

/* A rule of the schema: no row may break it. */
static void add_of_schema(struct rules_reading *reading, enum quality_metric metric,
                          const struct node *node, const struct column *column,
                          const char *dimension)
{
    struct quality_rule *rule = rules_add(reading, metric, node, column);
    rule->is_physical = metric == QUALITY_UNIQUE || metric == QUALITY_REQUIRED;
    rule->dimension = dimension;
    rule->pattern = metric == QUALITY_PATTERN ? column->pattern : NULL;
    rules_name_as(reading, rule,
                  arena_print(reading->arena, "%s.%s", column->name, quality_metric_name(metric)));
}

static void read_column(struct rules_reading *reading, const struct node *property,
                        const struct column *column)
{
    const struct node *options = node_member(property, "logicalTypeOptions");
    bool is_key = reading->contract->key.count == 1 && column->key_position;
    if (column->required)
        add_of_schema(reading, QUALITY_REQUIRED, property, column, "completeness");
    if (column->unique && !is_key)
        add_of_schema(reading, QUALITY_UNIQUE, property, column, "uniqueness");
    if (column->minimum || column->maximum)
        add_of_schema(reading, QUALITY_RANGE, options, column, "conformity");
    if (column->shortest > 0 || column->longest >= 0)
        add_of_schema(reading, QUALITY_LENGTH, property, column, "conformity");
    if (column->pattern && node_member(options, "pattern"))
        add_of_schema(reading, QUALITY_PATTERN, options, column, "conformity");
    rules_read_relationships(reading, property, column);
    rules_read_quality(reading, property, column);
}

static void read_key(struct rules_reading *reading)
{
    const struct columns *key = &reading->contract->key;
    if (!key->count)
        return;
    struct quality_rule *rule = rules_add(reading, QUALITY_PRIMARY_KEY, reading->object, NULL);
    rule->is_physical = true;
    rule->dimension = "uniqueness";
    rule->columns = *key;
    rules_name_as(reading, rule, "primaryKey");
}

void contract_quality_read(struct arena *arena, const struct node *root, const struct node *object,
                           const struct contract *contract, struct quality_rules *out_rules,
                           struct faults *faults)
{
    struct rules_reading reading = {
        .arena = arena, .root = root, .object = object, .contract = contract, .faults = faults
    };
    read_key(&reading);
    const struct node *properties = node_member(object, "properties");
    for (const struct node *property = properties->first; property; property = property->next) {
        const struct column *column =
            columns_find(&contract->columns, node_text(property, "name"), false);
        read_column(&reading, property, column);
    }
    rules_read_relationships(&reading, object, NULL);
    rules_read_quality(&reading, object, NULL);
    rules_read_service_levels(&reading);
    *out_rules = (struct quality_rules){ reading.list, reading.count, reading.age_limit_s };
}

void contract_quality_clear(const struct quality_rules *rules)
{
    for (size_t i = 0; i < rules->count; i++)
        if (rules->list[i].metric == QUALITY_INVALID_VALUES) /* the others are of columns */
            pattern_free((struct pattern *)(uintptr_t)rules->list[i].pattern);
}
