#include "snapshot_form.h"

const struct snapshot_form snapshot_form_parquet = { FORMAT_PARQUET, CODING_NONE };

const char *snapshot_form_ending(struct arena *arena, struct snapshot_form form)
{
    static const char *const codings[CODING_COUNT] = {
        [CODING_NONE] = "", [CODING_GZIP] = ".gz", [CODING_ZSTD] = ".zst"
    };
    return arena_join(arena, ".", format_extension(form.format), codings[form.coding]);
}
