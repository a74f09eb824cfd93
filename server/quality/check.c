#include "check_parts.h"

#include "server/base/clock.h"
#include "server/base/text.h"
#include "server/formats/wire.h"
#include "server/model/relation.h"

#include <math.h>
#include <string.h>

static const char *const outcomes[] = { "not-evaluated", "pass", "warn", "fail", "error" };

const char *quality_outcome_name(enum quality_outcome outcome)
{
    return outcomes[outcome];
}

const char *check_rows(struct arena *arena, const struct contract *contract, const char *from)
{
    return arena_print(arena, "(SELECT %s FROM %s) AS t",
                       relation_column_list(arena, &contract->columns), from);
}

const char *check_column(struct arena *arena, const struct column *column)
{
    return arena_print(arena, "t.%s", db_identifier(arena, column->name));
}

struct problem *check_begin(struct checking *checking, struct db *db, bool read_only)
{
    struct arena *arena = checking->arena;
    TRY(db_begin(db, arena, read_only));
    return db_run(db, arena,
                  arena_print(arena, "SET LOCAL statement_timeout = %lld",
                              (long long)checking->request->timeout_ms));
}

struct problem *check_row(struct db *db, struct arena *arena, const char *sql,
                          struct check_row *out_row)
{
    const struct db_query query = { sql, NULL, 0 };
    struct check_row row = { 0 };
    const struct db_value *values;
    TRY(db_stream_begin(db, arena, &query));
    TRY(db_stream_next(db, arena, &values, &row.count));
    row.none = !values;
    if (values) {
        struct db_value *copies = arena_array_of(arena, struct db_value, row.count);
        for (size_t i = 0; i < row.count; i++) {
            copies[i] = values[i];
            if (values[i].size >= 0)
                copies[i].data = arena_copy(arena, values[i].data, (size_t)values[i].size);
        }
        row.values = copies;
        size_t count;
        TRY(db_stream_next(db, arena, &values, &count));
        row.more = values != NULL;
    }
    db_stream_stop(db); /* only where there is more */
    *out_row = row;
    return NULL;
}

struct problem *check_count(struct checking *checking, const char *sql, int64_t *out_count)
{
    struct check_row row;
    TRY(check_row(checking->db, checking->arena, sql, &row));
    *out_count = (int64_t)wire_get64(row.values[0].data);
    return NULL;
}

/* Whatever is no failure of a rule that counts is told, and keeps nobody from anything. */
static bool may_block(const struct checking *checking, const struct quality_rule *rule)
{
    return rule->severity == QUALITY_SEVERITY_ERROR
           && (checking->request->policy == QUALITY_POLICY_ENFORCE || rule->is_physical);
}

static const char *value_text(struct arena *arena, const struct quality_result *result)
{
    const char *unit = result->rule->unit_text;
    return arena_print(arena, "%.6g%s%s", result->value, unit ? " " : "", unit ? unit : "");
}

/* What a failure means, in the words of the rule's kind. */
static const char *message_of(struct arena *arena, const struct quality_result *result)
{
    const struct quality_rule *rule = result->rule;
    const char *columns = relation_column_list(arena, &rule->columns);
    long long failing = (long long)result->failing;
    switch (rule->metric) {
    case QUALITY_PRIMARY_KEY:
    case QUALITY_UNIQUE:
        return arena_print(arena, "%s must be unique; %lld rows have a value that another row has",
                           columns, failing);
    case QUALITY_REQUIRED:
        return arena_print(arena, "%s must have a value; %lld rows have none", columns, failing);
    default:
        return arena_print(arena, "%s is %s; %s %s", quality_metric_name(rule->metric),
                           value_text(arena, result), quality_operator_name(rule->threshold.op),
                           rule->threshold.json);
    }
}

static void settle(struct checking *checking, struct quality_result *result)
{
    const struct quality_rule *rule = result->rule;
    result->has_value = isfinite(result->value);
    if (quality_holds(&rule->threshold, result->value)) {
        result->outcome = QUALITY_PASS;
        return;
    }
    result->blocks = may_block(checking, rule);
    result->outcome = result->blocks ? QUALITY_FAIL : QUALITY_WARN;
    result->message = message_of(checking->arena, result);
}

void result_count(struct checking *checking, struct quality_result *result, int64_t failing)
{
    double total = (double)checking->total;
    result->failing = failing;
    result->value = (double)failing;
    if (result->rule->unit == QUALITY_PERCENT) /* of no rows: none fails */
        result->value = total > 0 ? 100.0 * (double)failing / total : 0;
    settle(checking, result);
}

void result_value(struct checking *checking, struct quality_result *result, double value)
{
    result->value = value;
    settle(checking, result);
}

void result_error(struct checking *checking, struct quality_result *result, const char *why)
{
    result->outcome = QUALITY_ERROR;
    result->blocks = may_block(checking, result->rule);
    result->message = why;
}

void result_skip(struct quality_result *result, const char *why)
{
    result->outcome = QUALITY_NOT_EVALUATED;
    result->message = why;
}

/* Rules that nothing measures say so, and never pass. */
static void skip_unrun(struct checking *checking)
{
    for (size_t i = 0; i < checking->count; i++) {
        struct quality_result *result = &checking->results[i];
        if (result->rule->metric == QUALITY_TEXT)
            result_skip(result, "it is text, for people");
        else if (result->rule->metric == QUALITY_CUSTOM)
            result_skip(result, arena_print(checking->arena,
                                            "rules of the engine %s are not evaluated here",
                                            result->rule->engine));
    }
}

static void add_results(struct checking *checking)
{
    const struct quality_request *request = checking->request;
    const struct quality_rules *rules = &request->contract->rules;
    checking->results = arena_array_of(checking->arena, struct quality_result, rules->count);
    checking->texts = arena_array_of(checking->arena, const char *const *, rules->count);
    for (size_t i = 0; i < rules->count; i++)
        if (request->policy != QUALITY_POLICY_OFF || rules->list[i].is_physical)
            checking->results[checking->count++] =
                (struct quality_result){ .rule = &rules->list[i], .failing = -1 };
}

/* What reads: one transaction, in which nothing is written. */
static struct problem *measure_rows(struct checking *checking)
{
    TRY(check_begin(checking, checking->db, true));
    TRY(measure_scan(checking));
    return measure_patterns(checking);
}

/* The same where indexes may help. */
static struct problem *measure_more(struct checking *checking)
{
    TRY(check_begin(checking, checking->db, true));
    TRY(measure_duplicates(checking));
    TRY(measure_relationships(checking));
    TRY(measure_volume(checking));
    return sample_rows(checking);
}

static struct problem *measure_all(struct checking *checking)
{
    struct db *db = checking->db;
    struct problem *problem = measure_rows(checking);
    db_rollback(db);
    TRY(problem);
    TRY(measure_indexes(checking));
    TRY(measure_sql(checking));
    problem = measure_more(checking);
    db_rollback(db);
    return problem;
}

static void show(const struct quality_watch *watch, struct db *working)
{
    if (watch->show)
        watch->show(watch->context, working);
}

struct problem *quality_check(struct db *db, struct arena *arena,
                              const struct quality_request *request,
                              struct quality_report *out_report)
{
    const struct quality_watch *watch = &request->watch;
    const char *from = request->from ? request->from : relation_segment(arena, request->segment_id);
    struct checking checking = { .db = db,
                                 .arena = arena,
                                 .request = request,
                                 .rows = check_rows(arena, request->contract, from) };
    int64_t began = clock_monotonic_ms();
    add_results(&checking);
    skip_unrun(&checking);
    show(watch, db);
    struct problem *problem = watch->stopped ? watch->stopped(watch->context, arena) : NULL;
    if (!problem)
        problem = measure_all(&checking);
    show(watch, NULL);
    db_rollback(db); /* nothing is left open, however it ended */
    if (problem && watch->stopped)
        TRY(watch->stopped(watch->context, arena)); /* why is known better there */
    TRY(problem);
    *out_report = (struct quality_report){ checking.results, checking.count, checking.total,
                                           clock_monotonic_ms() - began };
    return NULL;
}

bool quality_blocks(const struct quality_report *report)
{
    for (size_t i = 0; i < report->count; i++)
        if (report->list[i].blocks)
            return true;
    return false;
}

struct problem *quality_problem(struct arena *arena, const char *dataset,
                                const struct quality_report *report)
{
    struct faults faults;
    const char *told = "";
    faults_init(&faults, arena, 100);
    for (size_t i = 0; i < report->count; i++) {
        const struct quality_result *result = &report->list[i];
        if (!result->blocks)
            continue;
        faults_add(&faults, NULL, 0, result->rule->name, "%s", result->message);
        if (faults.count <= 5)
            told = arena_print(arena, "%s%s%s: %s", told, *told ? "; " : "", result->rule->name,
                               result->message);
    }
    return faults_problem(&faults, &PROBLEM_CONTRACT, "the rows of %s break their contract: %s%s",
                          dataset, told, faults.count > 5 ? " and more" : "");
}
