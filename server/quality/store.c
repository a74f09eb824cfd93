/* Results of a run, kept: also those of a run that fails. */
#include "quality.h"

#include "sql.h"

struct storing {
    int64_t run_id;
    int64_t datum_id;
    const struct quality_report *report;
};

static struct problem *store_result(struct db *db, struct arena *arena,
                                    const struct storing *storing, int32_t ordinal,
                                    const struct quality_result *result)
{
    const struct quality_rule *rule = result->rule;
    bool compares = rule->threshold.json != NULL;
    int64_t id;
    const char **names = arena_array_of(arena, const char *, rule->columns.count + 1);
    for (size_t i = 0; i < rule->columns.count; i++)
        names[i] = rule->columns.list[i].name;
    const struct db_param in[] = {
        db_int64(storing->run_id),
        db_int64(storing->datum_id),
        db_int32(ordinal),
        db_text(rule->name),
        db_text(quality_metric_name(rule->metric)),
        db_texts(names),
        db_text(quality_severity_name(rule->severity)),
        db_text(rule->dimension),
        db_text(quality_outcome_name(result->outcome)),
        db_bool(result->blocks),
        result->has_value ? db_double(result->value) : db_null(DB_DOUBLE),
        db_text(compares ? quality_operator_name(rule->threshold.op) : NULL),
        db_text(rule->threshold.json),
        db_text(rule->unit_text),
        result->failing >= 0 ? db_int64(result->failing) : db_null(DB_INT64),
        db_int64(result->total),
        db_int64(result->ms),
        db_text(result->message),
        db_text(rule->description),
        db_text(rule->impact),
    };
    const struct db_column out[] = { db_to_int64(&id) };
    TRY(db_one(db, arena, &sql_quality_result_add, in, COUNT(in), out, COUNT(out)));
    if (!result->row_count)
        return NULL;
    const struct db_param rows[] = { db_int64(id), db_texts(result->rows) };
    return db_none(db, arena, &sql_quality_rows_add, rows, COUNT(rows));
}

static struct problem *store(struct db *db, struct arena *arena, void *context)
{
    const struct storing *storing = context;
    const struct db_param in[] = { db_int64(storing->run_id), db_int64(storing->datum_id) };
    TRY(db_none(db, arena, &sql_quality_clear, in, COUNT(in)));
    for (size_t i = 0; i < storing->report->count; i++)
        TRY(store_result(db, arena, storing, (int32_t)i + 1, &storing->report->list[i]));
    return NULL;
}

struct problem *quality_store(struct db *db, struct arena *arena, int64_t run_id, int64_t datum_id,
                              const struct quality_report *report)
{
    struct storing storing = { run_id, datum_id, report };
    return db_in_transaction(db) ? store(db, arena, &storing)
                                 : db_transact(db, arena, store, &storing);
}
