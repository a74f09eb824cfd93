/* The options of a query as a client sends them: parted at & and =, decoded. */
#include "query_fuzz.h"
#include "server/http/percent.h"

#include <string.h>

#define OPTIONS 16

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(16384);
    char *text = arena_copy(arena, data, size);
    struct query_option options[OPTIONS];
    size_t count = 0;
    while (text && count < OPTIONS) {
        char *value = strsep(&text, "&");
        const char *raw_name = strsep(&value, "=");
        char *name, *decoded;
        if (percent_decode(arena, "query", raw_name, strlen(raw_name), &name)
            || percent_decode_option(arena, value ? value : "", value ? strlen(value) : 0,
                                     &decoded))
            return 0; /* refused before any option is looked at */
        options[count++] = (struct query_option){ name, decoded };
    }
    fuzz_check_query(arena, options, count);
    return 0;
}
