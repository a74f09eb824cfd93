#include "allowed.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static int by_name(const void *name, const void *row)
{
    return strcmp(name, ((const struct allowed *)row)->name);
}

const struct allowed *allowed_find(enum allowed_kind kind, const char *name)
{
    assert(kind < ALLOWED_KINDS);
    const struct allowed_list *list = &allowed_lists[kind];
    return bsearch(name, list->rows, list->count, sizeof *list->rows, by_name);
}

bool allowed_overload(enum allowed_kind kind, const char *name, const char *arguments)
{
    const struct allowed *row = allowed_find(kind, name);
    const char *wanted = *arguments ? arguments : "()";
    size_t size = strlen(wanted);
    for (const char *at = row ? row->arguments : NULL; at;) {
        size_t length = strcspn(at, ";");
        if (length == size && memcmp(at, wanted, size) == 0)
            return true;
        at = at[length] ? at + length + 2 : NULL; /* "; " stands between them */
    }
    return false;
}

bool allowed_bound(const struct allowed *row, int64_t *out_argument, int64_t *out_most)
{
    if (!row->bound)
        return false;
    char *most = NULL;
    *out_argument = strtoll(row->bound, &most, 10);
    assert(*most == ':' && *out_argument > 0); /* our own file */
    *out_most = strtoll(most + 1, NULL, 10);
    return true;
}
