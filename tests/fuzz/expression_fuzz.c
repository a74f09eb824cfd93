/* The parser alone: one text as a filter, an order, a select and a pipeline. */
#include "query_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = { "filter", "orderby", "select", "apply" };
    CLEANUP(arena_free_at) struct arena *arena = arena_new(16384);
    const char *text = arena_copy(arena, data, size);
    for (size_t i = 0; i < COUNT(names); i++) {
        const struct query_option options[] = { { names[i], text }, { "@p", "'x'" } };
        fuzz_check_query(arena, options, COUNT(options));
    }
    return 0;
}
