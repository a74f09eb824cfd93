/* What is compared with other datasets and other snapshots: relationships, and volume. */
#include "relations.h"
#include "check_parts.h"
#include "predicate.h"

#include "server/base/buffer.h"
#include "server/base/clock.h"
#include "server/model/relation.h"
#include "sql.h"

#include <string.h>

/* A dataset as it is read: as the run knows it, or as it is current. NULL: nothing was ever in it.
 */
static const char *dataset_select(struct checking *checking, const struct catalogue_datum *datum)
{
    const struct quality_request *request = checking->request;
    for (size_t i = 0; i < request->peer_count; i++)
        if (request->peers[i].datum_id == datum->id)
            return request->peers[i].select;
    if (!datum->current)
        return NULL;
    if (datum->use == CONTRACT_OF_INPUT)
        return catalogue_input_select(checking->arena, datum, datum->current);
    const struct catalogue_snapshot *snapshot = catalogue_snapshot(datum, datum->current);
    return snapshot ? arena_print(checking->arena, "SELECT * FROM %s",
                                  catalogue_snapshot_from(checking->arena, snapshot))
                    : NULL;
}

/* The other end of a relationship: the dataset itself, an output, or else an input. */
static const char *target_select(struct checking *checking, const struct quality_rule *rule)
{
    const struct quality_request *request = checking->request;
    const char *name = rule->target.dataset;
    if (strcmp(name, request->contract->dataset) == 0)
        return arena_print(checking->arena, "SELECT * FROM %s", checking->rows);
    const struct catalogue_datum *datum =
        catalogue_datum(request->catalogue, CONTRACT_OF_OUTPUT, name);
    if (!datum)
        datum = catalogue_datum(request->catalogue, CONTRACT_OF_INPUT, name);
    return datum ? dataset_select(checking, datum) : NULL;
}

const char *relation_fails(struct checking *checking, const struct quality_rule *rule)
{
    struct arena *arena = checking->arena;
    const char *select = target_select(checking, rule);
    const char *given = predicate_given(arena, &rule->columns);
    if (!select)
        return given; /* what leads nowhere is broken */
    CLEANUP(buffer_clear) struct buffer sql = { 0 };
    buffer_print(&sql, "%s AND NOT EXISTS (SELECT FROM (%s) AS other WHERE ", given, select);
    for (size_t i = 0; i < rule->columns.count; i++)
        buffer_print(&sql, "%sother.%s = %s", i ? " AND " : "",
                     db_identifier(arena, rule->target.columns[i]),
                     check_column(arena, &rule->columns.list[i]));
    buffer_add_char(&sql, ')');
    return arena_copy(arena, sql.data, sql.size);
}

struct problem *measure_relationships(struct checking *checking)
{
    struct arena *arena = checking->arena;
    for (size_t i = 0; i < checking->count; i++) {
        struct quality_result *result = &checking->results[i];
        const struct quality_rule *rule = result->rule;
        int64_t orphans;
        if (rule->metric != QUALITY_RELATIONSHIP)
            continue;
        if (!rule->target.dataset) {
            result_skip(result, "it leads out of this product");
            continue;
        }
        int64_t began = clock_monotonic_ms();
        TRY(check_count(checking,
                        arena_print(arena, "SELECT count(*) FROM %s WHERE %s", checking->rows,
                                    relation_fails(checking, rule)),
                        &orphans));
        result->ms = clock_monotonic_ms() - began;
        result_count(checking, result, orphans);
        if (orphans)
            result->message = arena_print(arena, "%lld rows refer to no row of %s",
                                          (long long)orphans, rule->target.dataset);
    }
    return NULL;
}

struct problem *measure_volume(struct checking *checking)
{
    for (size_t i = 0; i < checking->count; i++) {
        struct quality_result *result = &checking->results[i];
        double median;
        if (result->rule->metric != QUALITY_VOLUME)
            continue;
        const struct db_param in[] = { db_int64(checking->request->datum->id),
                                       db_int64(result->rule->snapshots) };
        const struct db_column out[] = { db_to_double(&median) };
        TRY(db_one(checking->db, checking->arena, &sql_quality_volume, in, COUNT(in), out,
                   COUNT(out)));
        if (median > 0)
            result_value(checking, result, 100.0 * (double)checking->total / median);
        else
            result_skip(result, "there are no rows in snapshots before to compare with");
    }
    return NULL;
}
