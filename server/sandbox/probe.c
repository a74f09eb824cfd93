#include "probe.h"

#include "gate.h"
#include "server/db/stream.h"

#include <string.h>

struct problem *probe_statement(struct db *db, struct arena *arena,
                                const struct probe_request *request, struct probe *out_probe)
{
    const struct db_described *described;
    size_t count;
    struct problem *problem = db_describe(db, arena, request->select, &described, &count);
    if (problem)
        return gate_refuse(arena, request->step, "analysis", "analysis", request->sql, -1, "%s",
                           problem->cause ? problem->cause : problem->detail);
    struct probe_column *columns = arena_array_of(arena, struct probe_column, count + 1);
    for (size_t i = 0; i < count; i++)
        columns[i] = (struct probe_column){ described[i].name, described[i].type,
                                            described[i].type_oid };
    *out_probe = (struct probe){ .columns = columns, .column_count = count };
    return NULL;
}
