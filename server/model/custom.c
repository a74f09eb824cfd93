#include "custom.h"

#include "shape.h"

#include "server/base/text.h"

#include <string.h>

/* The first entry, after one or of all, whose property has a name; NULL: there is none. What is no
 * entry by its shape was told and is passed over. */
static const struct node *entry_after(const struct node *owner, const struct node *after,
                                      const char *name)
{
    const struct node *list = node_member(owner, "customProperties");
    const struct node *entry = after ? after->next : list ? list->first : NULL;
    for (; entry; entry = entry->next) {
        const char *property = node_text(entry, "property");
        if (property && strcmp(property, name) == 0)
            return entry;
    }
    return NULL;
}

void custom_check(const struct node *owner, const char *const *known, struct faults *faults)
{
    const struct node *list = node_member(owner, "customProperties");
    for (const struct node *entry = list ? list->first : NULL; entry; entry = entry->next) {
        const char *property = node_text(entry, "property");
        if (!property || !text_starts(property, "entrepot."))
            continue;
        size_t i = 0;
        while (known[i] && strcmp(known[i], property) != 0)
            i++;
        if (!known[i] && known[0])
            node_fault(faults, node_member(entry, "property"),
                       "\"%s\" is not known here; known: %s", property,
                       shape_words(faults->arena, known));
        else if (!known[i])
            node_fault(faults, node_member(entry, "property"),
                       "\"%s\" means nothing here; properties of the server are in the "
                       "customProperties at the top of the document",
                       property);
        if (entry_after(owner, entry, property))
            node_fault(faults, entry_after(owner, entry, property),
                       "the custom property %s is there already", property);
    }
}

const struct node *custom_find(const struct node *owner, const char *property)
{
    return node_member(entry_after(owner, NULL, property), "value");
}

int custom_choice(const struct node *owner, const char *property, const char *const *choices,
                  struct faults *faults)
{
    const struct node *value = custom_find(owner, property);
    if (!value)
        return -1;
    for (int i = 0; choices[i]; i++)
        if (value->kind == NODE_TEXT && strcmp(choices[i], value->text) == 0)
            return i;
    if (value->kind == NODE_TEXT)
        node_fault(faults, value, "%s \"%s\" is not supported; supported: %s", property,
                   value->text, shape_words(faults->arena, choices));
    else
        node_fault(faults, value, "%s must be text: %s", property,
                   shape_words(faults->arena, choices));
    return -1;
}
