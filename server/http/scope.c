#include "scope.h"

#include "server/base/cleanup.h"

#include <string.h>

static const struct {
    enum scope scope;
    const char *name;
} names[] = {
    { SCOPE_INPUT_WRITE, "input:write" },     { SCOPE_INPUT_READ, "input:read" },
    { SCOPE_OUTPUT_READ, "output:read" },     { SCOPE_CONTROL_READ, "control:read" },
    { SCOPE_CONTROL_WRITE, "control:write" }, { SCOPE_OBSERVABILITY_READ, "observability:read" },
};

const char *scope_name(enum scope scope)
{
    for (size_t i = 0; i < COUNT(names); i++)
        if (names[i].scope == scope)
            return names[i].name;
    return "";
}

enum scope scope_by_name(const char *name)
{
    for (size_t i = 0; i < COUNT(names); i++)
        if (strcmp(names[i].name, name) == 0)
            return names[i].scope;
    return SCOPE_REFUSED;
}
