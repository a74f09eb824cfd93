#include "scope.h"

#include <stddef.h>
#include <string.h>

struct named_scope {
    enum scope scope;
    const char *name;
};

static const struct named_scope named[] = {
    { SCOPE_INPUT_WRITE, "input:write" },
    { SCOPE_INPUT_READ, "input:read" },
    { SCOPE_OUTPUT_READ, "output:read" },
    { SCOPE_CONTROL_READ, "control:read" },
    { SCOPE_CONTROL_WRITE, "control:write" },
    { SCOPE_OBSERVABILITY_READ, "observability:read" },
    { SCOPE_REFUSED, NULL },
};

const char *scope_name(enum scope scope)
{
    for (const struct named_scope *row = named; row->name; row++)
        if (row->scope == scope)
            return row->name;
    return "";
}

enum scope scope_by_name(const char *name)
{
    const struct named_scope *row = named;
    while (row->name && strcmp(row->name, name) != 0)
        row++;
    return row->scope;
}
