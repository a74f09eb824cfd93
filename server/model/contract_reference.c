/* relationships[] of ODCS: which columns refer to which of another dataset. Whether that dataset is
 * there is asked where all contracts are known. */
#include "contract_quality.h"

#include "custom.h"

#include "server/base/buffer.h"
#include "server/base/text.h"

#include <string.h>

/* One end: table.column, or schema/table/properties/column, behind a file or not. */
struct reference {
    const char *object;
    const char *column;
    bool elsewhere; /* in a file of its own: not of this product */
};

/* odcs_check has found the form right, so only its parts are of interest here. */
static bool reference_read(struct rules_reading *reading, const struct node *node,
                           struct reference *out_reference)
{
    struct arena *arena = reading->arena;
    struct reference reference = { 0 };
    const char *hash = strchr(node->text, '#');
    const char *text = hash ? hash + 1 : node->text;
    reference.elsewhere = hash != NULL;
    if (!strchr(text, '/')) {
        char **words = text_split(arena, text, ".");
        reference.object = words[0];
        reference.column = words[1];
    } else {
        char **words = text_split(arena, text, "/");
        size_t count = 0;
        while (words[count])
            count++;
        if (count != 4 || strcmp(words[0], "schema") != 0 || strcmp(words[2], "properties") != 0) {
            node_fault(reading->faults, node,
                       "a relationship is between columns: write dataset.column, or "
                       "schema/dataset/properties/column");
            return false;
        }
        reference.object = words[1];
        reference.column = words[3];
    }
    *out_reference = reference;
    return true;
}

/* A property of this contract by name, or by its id. */
static const struct column *own_column(const struct rules_reading *reading, const char *name)
{
    const struct node *properties = node_member(reading->object, "properties");
    const struct column *column = columns_find(&reading->contract->columns, name, false);
    for (const struct node *property = properties->first; property && !column;
         property = property->next) {
        const char *id = node_text(property, "id");
        if (id && strcmp(id, name) == 0)
            column = columns_find(&reading->contract->columns, node_text(property, "name"), false);
    }
    return column;
}

static bool is_own_object(const struct rules_reading *reading, const char *name)
{
    const char *id = node_text(reading->object, "id");
    return strcmp(name, reading->contract->dataset) == 0 || (id && strcmp(id, name) == 0);
}

static bool read_from(struct rules_reading *reading, const struct node *node, struct column *out)
{
    struct reference from;
    if (!reference_read(reading, node, &from))
        return false;
    const struct column *column = !from.elsewhere && is_own_object(reading, from.object)
                                      ? own_column(reading, from.column)
                                      : NULL;
    if (!column) {
        node_fault(reading->faults, node, "\"%s\" is no column of %s", node->text,
                   reading->contract->dataset);
        return false;
    }
    *out = *column;
    return true;
}

/* The items of a list, or the one value itself. */
static const struct node *first_of(const struct node *node)
{
    return node->kind == NODE_LIST ? node->first : node;
}

static const struct node *next_of(const struct node *list, const struct node *item)
{
    return list->kind == NODE_LIST ? item->next : NULL;
}

static bool read_columns(struct rules_reading *reading, const struct node *from,
                         struct columns *out_columns)
{
    size_t count = 0;
    struct column *list =
        arena_array_of(reading->arena, struct column, from->kind == NODE_LIST ? from->count : 1);
    for (const struct node *item = first_of(from); item; item = next_of(from, item))
        if (!read_from(reading, item, &list[count++]))
            return false;
    *out_columns = (struct columns){ list, count };
    return true;
}

static bool read_target(struct rules_reading *reading, const struct node *to, size_t wanted,
                        struct quality_target *out_target)
{
    struct arena *arena = reading->arena;
    struct quality_target target = { 0 };
    CLEANUP(buffer_clear) struct buffer text = { 0 };
    const char **columns = arena_array_of(arena, const char *, wanted);
    size_t count = 0;
    bool elsewhere = false;
    if ((to->kind == NODE_LIST ? to->count : 1) != wanted) {
        node_fault(reading->faults, to, "must name as many columns as it is from: %zu", wanted);
        return false;
    }
    for (const struct node *item = first_of(to); item; item = next_of(to, item)) {
        struct reference reference;
        if (!reference_read(reading, item, &reference))
            return false;
        if (count && strcmp(reference.object, target.dataset) != 0) {
            node_fault(reading->faults, item, "must lead to one dataset");
            return false;
        }
        buffer_print(&text, "%s%s", count ? ", " : "", item->text);
        target.dataset = is_own_object(reading, reference.object) && !reference.elsewhere
                             ? reading->contract->dataset
                             : reference.object;
        elsewhere = elsewhere || reference.elsewhere;
        columns[count++] = reference.column;
    }
    target.text = arena_copy(arena, text.data, text.size);
    target.columns = columns;
    if (elsewhere)
        target.dataset = NULL;
    *out_target = target;
    return true;
}

static void read_relationship(struct rules_reading *reading, const struct node *node,
                              const struct column *column)
{
    static const char *const known[] = { "entrepot.severity", NULL };
    struct quality_rule *rule = rules_add(reading, QUALITY_RELATIONSHIP, node, column);
    custom_check(node, known, reading->faults);
    rule->dimension = "consistency";
    rule->severity = rules_severity(reading, custom_find(node, "entrepot.severity"));
    if (!column && !read_columns(reading, node_member(node, "from"), &rule->columns))
        return;
    if (!read_target(reading, node_member(node, "to"), rule->columns.count, &rule->target))
        return;
    CLEANUP(buffer_clear) struct buffer name = { 0 };
    for (size_t i = 0; i < rule->columns.count; i++)
        buffer_print(&name, "%s%s", i ? ", " : "", rule->columns.list[i].name);
    buffer_print(&name, " -> %s", rule->target.text);
    rules_name_as(reading, rule, arena_copy(reading->arena, name.data, name.size));
}

void rules_read_relationships(struct rules_reading *reading, const struct node *element,
                              const struct column *column)
{
    const struct node *list = node_member(element, "relationships");
    for (const struct node *node = list ? list->first : NULL; node; node = node->next)
        read_relationship(reading, node, column);
}
