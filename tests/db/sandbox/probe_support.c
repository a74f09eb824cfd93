#include "probe_support.h"

#include "server/db/stream.h"

#include <endian.h>
#include <string.h>

static int64_t integer(const struct db_value *value)
{
    uint32_t bits;
    memcpy(&bits, value->data, sizeof bits);
    return (int32_t)be32toh(bits);
}

/* One text and its server's version. */
static struct problem *read_tree(struct db *db, struct arena *arena, const char **out_text,
                                 int *out_version)
{
    static const struct db_query query = {
        "SELECT current_setting('server_version_num')::int4, ev_action::text FROM pg_rewrite"
        " WHERE ev_class = 'public.probed'::regclass",
        NULL, 0
    };
    const struct db_value *row;
    size_t count;
    TRY(db_stream_begin(db, arena, &query));
    for (;;) {
        TRY(db_stream_next(db, arena, &row, &count));
        if (!row)
            return NULL;
        *out_version = (int)integer(&row[0]);
        *out_text = arena_copy(arena, row[1].data, (size_t)row[1].size);
    }
}

static struct problem *read_uses(struct db *db, struct arena *arena, struct probe *probe)
{
    static const struct db_query query = {
        "SELECT refobjid::int4, refobjsubid, attname::text FROM pg_rewrite JOIN pg_depend"
        " ON classid = 'pg_rewrite'::regclass AND objid = pg_rewrite.oid AND deptype = 'n'"
        " LEFT JOIN pg_attribute ON attrelid = refobjid AND attnum = refobjsubid AND attnum <> 0"
        " WHERE ev_class = 'public.probed'::regclass AND refclassid = 'pg_class'::regclass"
        " AND refobjid <> ev_class",
        NULL, 0
    };
    struct probe_use *uses = NULL;
    const struct db_value *row;
    size_t count;
    TRY(db_stream_begin(db, arena, &query));
    for (;;) {
        TRY(db_stream_next(db, arena, &row, &count));
        if (!row)
            break;
        uses = arena_grown(arena, uses, probe->use_count, sizeof *uses);
        uses[probe->use_count++] = (struct probe_use){
            integer(&row[0]), (int32_t)integer(&row[1]),
            row[2].size < 0 ? NULL : arena_copy(arena, row[2].data, (size_t)row[2].size)
        };
    }
    probe->uses = uses;
    return NULL;
}

struct problem *probe_any(struct db *db, struct arena *arena, const char *select,
                          struct probe *out_probe)
{
    const char *text = NULL;
    const struct tree *tree;
    struct probe probe = { 0 };
    TRY(db_begin(db, arena, false));
    TRY(db_run(db, arena, arena_print(arena, "CREATE VIEW public.probed AS %s", select)));
    TRY(read_tree(db, arena, &text, &probe.server_version));
    TRY(read_uses(db, arena, &probe));
    db_rollback(db);
    TRY(node_tree_parse(arena, text, &tree));
    probe.query = tree->first;
    *out_probe = probe;
    return NULL;
}
