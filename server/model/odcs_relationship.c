/* relationships[] of ODCS: what refers to what. */
#include "odcs_common.h"

#include <ctype.h>
#include <string.h>

static const char *const types[] = { "foreignKey", NULL };
static const struct shape_member members[] = {
    { "type", SHAPE_TEXT, .allowed = types },
    { "from", SHAPE_ANY },
    { "to", SHAPE_ANY, .required = true },
    { "customProperties", SHAPE_LIST, .of = &odcs_custom_property },
};
static SHAPE(shape, "a relationship", members);

/* Step over a name of letters, digits and _ (or also -, which may then begin with any of them). */
static bool take_word(const char **text, bool dashed)
{
    const char *start = *text;
    if (!dashed && !isalpha((unsigned char)*start) && *start != '_')
        return false;
    while (isalnum((unsigned char)**text) || **text == '_' || (dashed && **text == '-'))
        (*text)++;
    return *text > start;
}

/* table.column */
static bool is_short(const char *text)
{
    return take_word(&text, false) && *text++ == '.' && take_word(&text, false) && !*text;
}

/* schema/table/properties/column, behind the file it is in, if any: other.yaml#… */
static bool is_full(const char *text)
{
    const char *hash = strchr(text, '#');
    if (hash) {
        if (strncmp(text, "http://", 7) == 0)
            text += 7;
        else if (strncmp(text, "https://", 8) == 0)
            text += 8;
        const char *file = text;
        while (isalnum((unsigned char)*text) || (*text && strchr("._-/", *text)))
            text++;
        if (text != hash || text - file < 6 || strncmp(hash - 5, ".yaml", 5) != 0)
            return false;
        text++;
    }
    if (*text == '/')
        text++;
    bool first = true;
    while (first || *text) {
        if (!first && *text++ != '/')
            return false;
        if (!take_word(&text, false) || *text++ != '/' || !take_word(&text, true))
            return false;
        first = false;
    }
    return true;
}

static void check_reference(const struct node *reference, struct faults *faults)
{
    if (reference->kind != NODE_TEXT)
        node_fault(faults, reference, "must be text, not %s", node_kind_name(reference->kind));
    else if (!is_short(reference->text) && !is_full(reference->text))
        node_fault(faults, reference, "must be table.column, or schema/table/properties/column");
}

static void check_end(const struct node *end, struct faults *faults)
{
    if (!end)
        return;
    if (end->kind != NODE_LIST) {
        check_reference(end, faults);
        return;
    }
    if (!end->count)
        node_fault(faults, end, "must refer to at least one column");
    for (const struct node *reference = end->first; reference; reference = reference->next)
        check_reference(reference, faults);
}

void odcs_check_relationships(const struct node *element, bool of_object, struct faults *faults)
{
    static const struct shape_member as_list = { "relationships", SHAPE_LIST, .of = &shape };
    const struct node *list = node_member(element, "relationships");
    if (!list || !shape_check_value(&as_list, list, faults))
        return;
    for (const struct node *item = list->first; item; item = item->next) {
        const struct node *from = node_member(item, "from");
        const struct node *to = node_member(item, "to");
        check_end(from, faults);
        check_end(to, faults);
        if (of_object && !from)
            node_fault(faults, item, "a relationship of a schema object needs the member from");
        else if (of_object && from->kind != to->kind)
            node_fault(faults, item, "from and to must both be one column, or both be lists");
        else if (!of_object && from)
            node_fault(faults, from, "a relationship of a property begins at the property");
    }
}
