/* Rules on the rows of a sample: those that look at rows one by one, on the pipeline role's
 * connection.
 */
#include "check_parts.h"

#include "server/base/clock.h"

CLEANUP_DEFINE(struct db *, db_close)

static void add_results(struct checking *checking)
{
    const struct quality_rules *rules = &checking->request->contract->rules;
    checking->count = rules->count;
    checking->results = arena_array_of(checking->arena, struct quality_result, rules->count + 1);
    checking->texts = arena_array_of(checking->arena, const char *const *, rules->count + 1);
    for (size_t i = 0; i < rules->count; i++)
        checking->results[i] = (struct quality_result){ .rule = &rules->list[i], .failing = -1 };
}

static void skip_others(struct checking *checking)
{
    for (size_t i = 0; i < checking->count; i++)
        if (checking->results[i].outcome == QUALITY_NOT_EVALUATED)
            result_skip(&checking->results[i], "it is measured on all rows, when a run makes them");
}

static struct problem *measure(struct checking *checking)
{
    TRY(check_begin(checking, checking->db, true));
    TRY(measure_scan(checking));
    return measure_patterns(checking);
}

struct problem *quality_preview(struct arena *arena, const char *pipeline_conninfo,
                                const struct contract *contract, const char *from, int64_t as_of,
                                int64_t timeout_ms, struct quality_report *out_report)
{
    CLEANUP(db_close_at) struct db *db = db_open(pipeline_conninfo, "entrepot sample");
    const struct quality_request request = { .contract = contract,
                                             .as_of = as_of,
                                             .timeout_ms = timeout_ms };
    struct checking checking = {
        .db = db, .arena = arena, .request = &request, .rows = check_rows(arena, contract, from)
    };
    int64_t began = clock_monotonic_ms();
    add_results(&checking);
    struct problem *problem = measure(&checking);
    db_rollback(db);
    if (problem && *db_sqlstate(db))
        return problem_new(arena, &PROBLEM_SQL_REFUSED, "the sample cannot be measured: %s",
                           db_error_message(db));
    TRY(problem);
    skip_others(&checking);
    *out_report = (struct quality_report){ checking.results, checking.count, checking.total,
                                           clock_monotonic_ms() - began };
    return NULL;
}
