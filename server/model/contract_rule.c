/* quality[] of ODCS, rule by rule: what each measures, and of what. */
#include "contract_quality.h"

#include "contract_column.h"
#include "custom.h"

#include "server/base/buffer.h"

#include <string.h>

/* Does a library metric measure a column, the dataset, or either? */
enum level { OF_COLUMN = 1, OF_DATASET = 2 };

static const struct {
    const char *name;
    enum quality_metric metric;
    unsigned levels;
    const char *argument; /* the arguments it takes */
    const char *other;
} metrics[] = {
    { "rowCount", QUALITY_ROW_COUNT, OF_DATASET, NULL, NULL },
    { "nullValues", QUALITY_NULL_VALUES, OF_COLUMN, NULL, NULL },
    { "missingValues", QUALITY_MISSING_VALUES, OF_COLUMN, "missingValues", NULL },
    { "invalidValues", QUALITY_INVALID_VALUES, OF_COLUMN, "validValues", "pattern" },
    { "duplicateValues", QUALITY_DUPLICATE_VALUES, OF_COLUMN | OF_DATASET, "properties", NULL },
};

static void read_common(struct rules_reading *reading, struct quality_rule *rule)
{
    const struct node *node = rule->node;
    const char *metric = quality_metric_name(rule->metric);
    rule->description = node_text(node, "description");
    rule->dimension = node_text(node, "dimension");
    rule->impact = node_text(node, "businessImpact");
    rule->severity = rules_severity(reading, node_member(node, "severity"));
    rules_name(reading, rule,
               rule->columns.count == 1
                   ? arena_print(reading->arena, "%s.%s", rule->columns.list[0].name, metric)
                   : metric);
}

static void read_unit(struct rules_reading *reading, struct quality_rule *rule)
{
    const struct node *unit = node_member(rule->node, "unit");
    if (!unit || strcmp(unit->text, "rows") == 0)
        return;
    if (strcmp(unit->text, "percent") != 0)
        node_fault(reading->faults, unit, "is not understood: rows or percent");
    else if (rule->metric == QUALITY_ROW_COUNT)
        node_fault(reading->faults, unit, "all rows are always 100 percent: count them in rows");
    rule->unit = QUALITY_PERCENT;
    rule->unit_text = "percent";
}

/* Values of a list that fit the column, as text; null only where the rule can say it. */
static void read_values(struct rules_reading *reading, struct quality_rule *rule,
                        const struct node *list)
{
    const struct column *column = rule->columns.list;
    if (list->kind != NODE_LIST || !list->count) {
        node_fault(reading->faults, list, "must be a list of values");
        return;
    }
    const char **values = arena_array_of(reading->arena, const char *, list->count + 1);
    size_t count = 0;
    for (const struct node *value = list->first; value; value = value->next) {
        if (value->kind == NODE_NULL && rule->metric == QUALITY_MISSING_VALUES)
            rule->null_is_missing = true;
        else if (!contract_value_read(reading->arena, column, value, &values[count]))
            node_fault(reading->faults, value, "is not a value of the type %s",
                       column_type_name(column->type));
        else
            count++;
    }
    rule->values = values;
}

static void read_pattern(struct rules_reading *reading, struct quality_rule *rule,
                         const struct node *pattern)
{
    const char *reason;
    size_t offset;
    if (pattern->kind != NODE_TEXT)
        node_fault(reading->faults, pattern, "must be text: a regular expression");
    else if (rule->columns.list->type != COLUMN_TEXT)
        node_fault(reading->faults, pattern, "a pattern does not fit a column of type %s",
                   column_type_name(rule->columns.list->type));
    else if (!(rule->pattern = pattern_new(reading->arena, pattern->text, &reason, &offset)))
        node_fault(reading->faults, pattern, "the pattern is broken at byte %zu: %s", offset + 1,
                   reason);
}

static void read_duplicates(struct rules_reading *reading, struct quality_rule *rule,
                            const struct node *names)
{
    if (rule->columns.count && names)
        node_fault(reading->faults, names,
                   "a rule of a property is about that property: give properties to a rule of the "
                   "schema object");
    else if (!rule->columns.count && (!names || names->kind != NODE_LIST || !names->count))
        node_fault(reading->faults, names ? names : rule->node,
                   "arguments.properties must name the columns whose values together are unique");
    else if (!rule->columns.count)
        (void)rules_columns(reading, names, &rule->columns); /* the faults tell */
}

static void read_arguments(struct rules_reading *reading, struct quality_rule *rule, size_t place)
{
    const struct node *arguments = node_member(rule->node, "arguments");
    const char *first = metrics[place].argument;
    const char *other = metrics[place].other;
    for (const struct node *member = arguments ? arguments->first : NULL; member;
         member = member->next)
        if ((!first || strcmp(first, member->key) != 0)
            && (!other || strcmp(other, member->key) != 0))
            node_fault(reading->faults, member, "%s takes no argument of this name",
                       metrics[place].name);
    const struct node *argument = first ? node_member(arguments, first) : NULL;
    const struct node *pattern = other ? node_member(arguments, other) : NULL;
    if (rule->metric == QUALITY_DUPLICATE_VALUES) {
        read_duplicates(reading, rule, argument);
        return;
    }
    if (first && !argument && !pattern)
        node_fault(reading->faults, rule->node, "%s needs arguments.%s%s%s", metrics[place].name,
                   first, other ? " or arguments." : "", other ? other : "");
    if (argument)
        read_values(reading, rule, argument);
    if (pattern)
        read_pattern(reading, rule, pattern);
}

static void read_library(struct rules_reading *reading, const struct node *node,
                         const struct column *column)
{
    const char *name = node_text(node, "metric");
    size_t place = 0;
    while (strcmp(metrics[place].name, name) != 0)
        place++; /* odcs_check knows no other metrics */
    struct quality_rule *rule = rules_add(reading, metrics[place].metric, node, column);
    if (!(metrics[place].levels & (column ? OF_COLUMN : OF_DATASET))) {
        node_fault(reading->faults, node, "%s is measured of %s", name,
                   column ? "the schema object, not of a property" : "a property");
        return;
    }
    if (column && column->type == COLUMN_JSON && rule->metric == QUALITY_INVALID_VALUES) {
        node_fault(reading->faults, node, "a column of JSON has no list of valid values");
        return;
    }
    read_unit(reading, rule);
    read_arguments(reading, rule, place);
    (void)rules_threshold(reading, node, false, &rule->threshold); /* the faults tell */
    read_common(reading, rule);
}

/* What stands in the place of {object} or {property}; NULL: the braces mean something else. */
static const char *filled(const struct rules_reading *reading, const struct column *column,
                          const char *word, size_t size, bool *out_known)
{
    static const char *const of_dataset[] = { "object", "table", "model", "schema", NULL };
    static const char *const of_column[] = { "property", "column", "field", NULL };
    *out_known = true;
    for (size_t i = 0; of_dataset[i]; i++)
        if (strlen(of_dataset[i]) == size && strncmp(of_dataset[i], word, size) == 0)
            return reading->contract->dataset;
    for (size_t i = 0; of_column[i]; i++)
        if (strlen(of_column[i]) == size && strncmp(of_column[i], word, size) == 0)
            return column ? column->name : NULL;
    *out_known = false;
    return NULL;
}

/* The query with names in the place of {object}, ${object}, "{object}" and so on; names of ours
 * need quotes only where they are words of SQL. NULL with a fault. */
static const char *fill_in(struct rules_reading *reading, const struct node *query,
                           const struct column *column)
{
    CLEANUP(buffer_clear) struct buffer out = { 0 };
    for (const char *at = query->text; *at;) {
        bool dollar = at[0] == '$' && at[1] == '{';
        const char *word = at + dollar + 1;
        size_t size = at[dollar] == '{' ? strspn(word, "abcdefghijklmnopqrstuvwxyz_") : 0;
        bool known = false;
        if (!size || word[size] != '}') {
            buffer_add_char(&out, *at++);
            continue;
        }
        const char *name = filled(reading, column, word, size, &known);
        if (!name && (known || dollar)) {
            node_fault(reading->faults, query,
                       known ? "{%.*s} stands for a property, but this rule is of the schema object"
                             : "${%.*s} is not understood: ${object} and ${property} are",
                       (int)size, word);
            return NULL;
        }
        bool quoted = out.size && out.data[out.size - 1] == '"' && word[size + 1] == '"';
        if (name)
            buffer_print(&out, quoted ? "%s" : "\"%s\"", name);
        else
            buffer_add(&out, at, (size_t)(word + size + 1 - at));
        at = word + size + 1;
    }
    return arena_copy(reading->arena, out.data, out.size);
}

static void read_sql(struct rules_reading *reading, const struct node *node,
                     const struct column *column)
{
    struct quality_rule *rule = rules_add(reading, QUALITY_SQL, node, column);
    const char *unit = node_text(node, "unit");
    rule->unit = QUALITY_ANY_UNIT;
    rule->unit_text = unit; /* only the author knows */
    rule->query = fill_in(reading, node_member(node, "query"), column);
    (void)rules_threshold(reading, node, true, &rule->threshold); /* the faults tell */
    read_common(reading, rule);
}

static void read_unrun(struct rules_reading *reading, const struct node *node,
                       const struct column *column, enum quality_metric metric)
{
    struct quality_rule *rule = rules_add(reading, metric, node, column);
    rule->unit = QUALITY_ANY_UNIT;
    rule->unit_text = NULL;
    rule->threshold.json = NULL;
    rule->engine = node_text(node, "engine");
    read_common(reading, rule);
}

void rules_read_quality(struct rules_reading *reading, const struct node *element,
                        const struct column *column)
{
    const struct node *quality = node_member(element, "quality");
    for (const struct node *node = quality ? quality->first : NULL; node; node = node->next) {
        const char *type = node_text(node, "type");
        static const char *const none[] = { NULL };
        custom_check(node, none, reading->faults);
        if (node_member(node, "metric"))
            read_library(reading, node, column);
        else if (type && strcmp(type, "sql") == 0)
            read_sql(reading, node, column);
        else if (type && strcmp(type, "custom") == 0)
            read_unrun(reading, node, column, QUALITY_CUSTOM);
        else
            read_unrun(reading, node, column, QUALITY_TEXT);
    }
}
