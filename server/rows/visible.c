#include "visible.h"

#include <string.h>

static bool is_denied(const struct access_decision *decision, const char *name)
{
    const char *const *denied = decision->denied_columns;
    for (; denied && *denied; denied++)
        if (strcmp(*denied, name) == 0)
            return true;
    return false;
}

bool visible_hides(const struct access_decision *decision, const struct columns *columns)
{
    bool hides = decision->row_filters && *decision->row_filters;
    for (size_t i = 0; i < columns->count && !hides; i++)
        hides = is_denied(decision, columns->list[i].name);
    return hides;
}

/* Types a key of OData may have (CSDL §6.5): what is equal there is one text. */
static bool may_be_key(enum column_type type)
{
    return type != COLUMN_DOUBLE && type != COLUMN_BYTES && type != COLUMN_JSON;
}

/* A name for the number of the row that no column has. */
static const char *number_name(struct arena *arena, const struct columns *columns)
{
    const char *name = "row_number";
    while (columns_find(columns, name, true))
        name = arena_print(arena, "%s_", name);
    return name;
}

struct columns visible_columns(struct arena *arena, const struct columns *columns,
                               const struct access_decision *decision, bool keyed,
                               const char **out_number)
{
    struct column *list = arena_array_of(arena, struct column, columns->count + 1);
    size_t count = 1; /* the first is kept for the number */
    bool has_key = false;
    bool is_whole = true;
    for (size_t i = 0; i < columns->count; i++) {
        const struct column *column = &columns->list[i];
        bool denied = is_denied(decision, column->name);
        if (!denied)
            list[count++] = *column;
        has_key |= column->key_position > 0;
        if (column->key_position && (denied || (keyed && !may_be_key(column->type))))
            is_whole = false;
    }
    for (size_t i = 1; i < count && !is_whole; i++) {
        list[i].required |= list[i].key_position > 0; /* a key is never null */
        list[i].key_position = 0;
    }
    *out_number = NULL;
    if (!keyed || (has_key && is_whole) || count == 1)
        return (struct columns){ list + 1, count - 1 };
    *out_number = number_name(arena, columns);
    list[0] = (struct column){ .name = *out_number,
                               .type = COLUMN_INT64,
                               .required = true,
                               .key_position = 1,
                               .shortest = -1,
                               .longest = -1,
                               .description = "The number of the row in its snapshot, in place of "
                                              "a key." };
    return (struct columns){ list, count };
}
