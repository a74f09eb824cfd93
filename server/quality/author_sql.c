/* Rules of type sql: the author's query gives one number or truth. It goes the way of a pipeline's
 * SQL: the gate, a fresh connection of the pipeline role, a read-only transaction with a limit of
 * time that is always rolled back. The dataset is the only name it may read. */
#include "check_parts.h"

#include "server/base/buffer.h"
#include "server/base/clock.h"
#include "server/base/text.h"
#include "server/formats/wire.h"
#include "server/model/relation.h"
#include "server/sandbox/gate.h"

#include <math.h>
#include <string.h>

CLEANUP_DEFINE(struct db *, db_close)

/* Object ids of the types a value may have; they never change. */
enum { TYPE_BOOL = 16, TYPE_INT8 = 20, TYPE_INT2 = 21, TYPE_INT4 = 23 };
enum { TYPE_FLOAT4 = 700, TYPE_FLOAT8 = 701, TYPE_NUMERIC = 1700 };

static bool is_number(unsigned type)
{
    return type == TYPE_INT2 || type == TYPE_INT4 || type == TYPE_INT8 || type == TYPE_FLOAT4
           || type == TYPE_FLOAT8 || type == TYPE_NUMERIC;
}

static struct problem *pass_gate(struct arena *arena, const struct contract *contract,
                                 const struct quality_rule *rule, const char **out_sql)
{
    const char *names[] = { contract->dataset, NULL };
    return gate_check(arena, rule->name, rule->query, names, out_sql, NULL);
}

void quality_check_rules(struct arena *arena, const struct contract *contract,
                         struct faults *faults)
{
    for (size_t i = 0; i < contract->rules.count; i++) {
        const struct quality_rule *rule = &contract->rules.list[i];
        const char *sql;
        if (rule->metric != QUALITY_SQL)
            continue;
        struct problem *problem = pass_gate(arena, contract, rule, &sql);
        if (problem)
            node_fault(faults, node_member(rule->node, "query"), "%s", problem->detail);
    }
}

/* The query, wrapped: what it reads is the table, and what it gives is called value. */
static const char *bind(struct arena *arena, const struct contract *contract, const char *rows,
                        const char *sql, const char *value)
{
    return arena_print(arena,
                       "WITH %s AS NOT MATERIALIZED (SELECT %s FROM %s)\n"
                       "SELECT %s FROM (\n%s\n) AS q(value)",
                       db_identifier(arena, contract->dataset),
                       relation_column_list(arena, &contract->columns), rows, value, sql);
}

/* Postgres's words, but for those that may hold values of rows. */
static const char *why_failed(struct checking *checking, struct db *db)
{
    const char *state = db_sqlstate(db);
    bool names_values = text_starts(state, "22") && strcmp(state, "22012") != 0;
    return arena_print(checking->arena, "the query failed%s%s (SQLSTATE %s)",
                       names_values ? "" : ": ", names_values ? "" : db_error_message(db), state);
}

static void take_value(struct checking *checking, struct quality_result *result,
                       const struct check_row *row)
{
    if (row->none)
        result_error(checking, result, "the query gave no row");
    else if (row->more)
        result_error(checking, result, "the query gave more than one row");
    else if (row->values[0].size < 0)
        result_error(checking, result, "the query gave NULL, which is no number");
    else if (!isfinite(wire_get_double(row->values[0].data)))
        result_error(checking, result, "the query gave a number that is not finite");
    else
        result_value(checking, result, wire_get_double(row->values[0].data));
}

/* The second gate: what Postgres says the bound query means, over these tables and no others. */
static struct problem *probe(struct db *db, struct arena *arena, const struct quality_rule *rule,
                             const char *bound, const char *sql, const struct probe_table *tables,
                             size_t table_count, struct probe *out_probe)
{
    const char *start = strstr(bound, sql);
    int64_t offset = 0;
    for (const char *at = bound; at < start; at++)
        offset += ((unsigned char)*at & 0xC0) != 0x80;
    const struct probe_request request = { rule->name, bound, sql, offset, tables, table_count };
    return probe_statement(db, arena, &request, out_probe);
}

/* How the one column the query gives becomes a number; NULL with the reason. */
static const char *value_of(struct arena *arena, const struct probe *probe, const char **out_reason)
{
    const struct probe_column *columns = probe->columns;
    if (probe->column_count != 1)
        *out_reason = "the query must give one column";
    else if (columns[0].type_oid == TYPE_BOOL)
        return "q.value::int4::float8";
    else if (is_number(columns[0].type_oid))
        return "q.value::float8";
    else
        *out_reason = arena_print(arena, "the query must give a number or a boolean, not %s",
                                  columns[0].type);
    return NULL;
}

/* The columns of a contract without any row, under the name t. */
static const char *no_rows(struct arena *arena, const struct contract *contract)
{
    CLEANUP(buffer_clear) struct buffer sql = { 0 };
    for (size_t i = 0; i < contract->columns.count; i++)
        buffer_print(&sql, "%sNULL::%s AS %s", i ? ", " : "(SELECT ",
                     column_sql_type(arena, &contract->columns.list[i]),
                     db_identifier(arena, contract->columns.list[i].name));
    buffer_add_text(&sql, " WHERE false) AS t");
    return arena_copy(arena, sql.data, sql.size);
}

static struct problem *analyse(struct db *db, struct arena *arena, const struct contract *contract,
                               const struct quality_rule *rule, const char **out_reason)
{
    const char *sql;
    struct probe probed;
    struct problem *problem = pass_gate(arena, contract, rule, &sql);
    if (!problem) {
        const char *bound = bind(arena, contract, no_rows(arena, contract), sql, "q.*");
        problem = probe(db, arena, rule, bound, sql, NULL, 0, &probed);
    }
    if (problem && problem->kind != &PROBLEM_SQL_REFUSED)
        return problem;
    if (problem)
        *out_reason = problem->detail;
    else
        (void)value_of(arena, &probed, out_reason); /* only the reason is of interest */
    return NULL;
}

struct problem *quality_analyse_rules(struct db *db, struct arena *arena,
                                      const struct contract *contract)
{
    struct faults faults;
    faults_init(&faults, arena, 1);
    for (size_t i = 0; i < contract->rules.count && !faults.count; i++) {
        const struct quality_rule *rule = &contract->rules.list[i];
        const char *reason = NULL;
        if (rule->metric != QUALITY_SQL)
            continue;
        TRY(analyse(db, arena, contract, rule, &reason));
        if (reason)
            node_fault(&faults, node_member(rule->node, "query"), "%s", reason);
    }
    return faults_problem(&faults, &PROBLEM_INVALID_DOCUMENT,
                          "a quality rule of the contract %s cannot run", contract->id);
}

/* Its value as a float8, bound over the table; NULL where it may not run, which is then the result.
 */
static struct problem *prepare(struct checking *checking, struct quality_result *result,
                               const char **out_bound)
{
    struct arena *arena = checking->arena;
    const struct quality_request *request = checking->request;
    const char *sql;
    const char *reason;
    struct probe probed;
    *out_bound = NULL;
    struct problem *problem = pass_gate(arena, request->contract, result->rule, &sql);
    if (!problem) {
        const char *bound = bind(arena, request->contract, checking->rows, sql, "q.*");
        problem = probe(checking->db, arena, result->rule, bound, sql, request->tables,
                        request->table_count, &probed);
    }
    if (problem && problem->kind != &PROBLEM_SQL_REFUSED)
        return problem;
    const char *value = problem ? NULL : value_of(arena, &probed, &reason);
    if (value)
        *out_bound = arena_print(arena, "%s LIMIT 2",
                                 bind(arena, request->contract, checking->rows, sql, value));
    else
        result_error(checking, result, problem ? problem->detail : reason);
    return NULL;
}

static struct problem *run_query(struct checking *checking, struct db *db, const char *bound,
                                 struct quality_result *result)
{
    struct check_row row;
    TRY(check_row(db, checking->arena, bound, &row));
    take_value(checking, result, &row);
    return NULL;
}

static struct problem *measure(struct checking *checking, struct quality_result *result)
{
    const struct quality_request *request = checking->request;
    const struct quality_watch *watch = &request->watch;
    struct arena *arena = checking->arena;
    const char *bound;
    TRY(prepare(checking, result, &bound));
    if (!bound)
        return NULL;
    CLEANUP(db_close_at)
    struct db *db = db_open(request->pipeline_conninfo, "entrepot quality");
    TRY(check_begin(checking, db, true));
    if (watch->show)
        watch->show(watch->context, db);
    struct problem *problem = watch->stopped ? watch->stopped(watch->context, arena) : NULL;
    if (!problem) {
        problem = run_query(checking, db, bound, result);
        if (problem && *db_sqlstate(db) && !text_starts(db_sqlstate(db), "08")) {
            problem = watch->stopped ? watch->stopped(watch->context, arena) : NULL;
            result_error(checking, result, why_failed(checking, db));
        }
    }
    if (watch->show)
        watch->show(watch->context, checking->db);
    db_rollback(db);
    return problem;
}

struct problem *measure_sql(struct checking *checking)
{
    for (size_t i = 0; i < checking->count; i++) {
        struct quality_result *result = &checking->results[i];
        if (result->rule->metric != QUALITY_SQL)
            continue;
        int64_t began = clock_monotonic_ms();
        TRY(measure(checking, result));
        result->ms = clock_monotonic_ms() - began;
    }
    return NULL;
}
