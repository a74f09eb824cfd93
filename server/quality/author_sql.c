/* Rules of type sql: the author's query gives one number or truth. It goes the way of a pipeline's
 * SQL: the gate, the probe, a fresh connection of the pipeline role, a read-only transaction with a
 * limit of time that is always rolled back. The dataset is the only name it may read. */
#include "check_parts.h"

#include "server/base/buffer.h"
#include "server/base/clock.h"
#include "server/base/text.h"
#include "server/formats/wire.h"
#include "server/model/relation.h"
#include "server/sandbox/gate.h"
#include "server/sandbox/probe.h"

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

/* The query, wrapped: what it reads is the table, and what it gives is called value. */
struct bound {
    const char *sql;
    int64_t offset; /* where the author's begins, in characters: before it stand names of ours */
};

static struct bound bind(struct arena *arena, const struct contract *contract, const char *rows,
                         const char *sql, const char *value)
{
    const char *head =
        arena_print(arena, "WITH %s AS NOT MATERIALIZED (SELECT %s FROM %s)\nSELECT %s FROM (\n",
                    db_identifier(arena, contract->dataset),
                    relation_column_list(arena, &contract->columns), rows, value);
    return (struct bound){ arena_print(arena, "%s%s\n) AS q(value)", head, sql),
                           (int64_t)strlen(head) };
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

/* How the one column the query gives becomes a number; NULL with the reason. */
static const char *value_of(struct arena *arena, const struct probe *probe, const char **out_reason)
{
    const struct probe_column *column = probe->columns;
    if (probe->column_count != 1)
        *out_reason = "the query must give one column";
    else if (column->type_oid == TYPE_BOOL)
        return "q.value::int4::float8";
    else if (is_number(column->type_oid))
        return "q.value::float8";
    else
        *out_reason =
            arena_print(arena, "the query must give a number or a boolean, not %s", column->type);
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

/*
 * Both gates: the text, then what Postgres says it means, over a table without rows.
 *
 * Gives   *out_sql and *out_value, how its column becomes a number; NULL with *out_reason where it
 *         is refused.
 */
static struct problem *pass_gates(struct db *db, struct arena *arena,
                                  const struct contract *contract, const struct quality_rule *rule,
                                  const char **out_sql, const char **out_value,
                                  const char **out_reason)
{
    struct probe probe;
    *out_value = NULL;
    struct problem *problem = pass_gate(arena, contract, rule, out_sql);
    if (!problem) {
        struct bound bound = bind(arena, contract, no_rows(arena, contract), *out_sql, "q.*");
        const struct probe_request request = {
            .step = rule->name, .select = bound.sql, .sql = *out_sql, .offset = bound.offset
        };
        problem = probe_statement(db, arena, &request, &probe);
    }
    if (problem && problem->kind != &PROBLEM_SQL_REFUSED)
        return problem;
    if (problem)
        *out_reason = problem->detail;
    else
        *out_value = value_of(arena, &probe, out_reason);
    return NULL;
}

struct problem *quality_analyse_rules(struct db *db, struct arena *arena,
                                      const struct contract *contract, struct faults *faults)
{
    for (size_t i = 0; i < contract->rules.count; i++) {
        const struct quality_rule *rule = &contract->rules.list[i];
        const char *sql;
        const char *value;
        const char *reason;
        if (rule->metric != QUALITY_SQL)
            continue;
        TRY(pass_gates(db, arena, contract, rule, &sql, &value, &reason));
        if (!value)
            node_fault(faults, node_member(rule->node, "query"), "%s", reason);
    }
    return NULL;
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

static struct problem *run_query(struct checking *checking, struct db *db, const char *sql,
                                 const char *value, struct quality_result *result)
{
    struct arena *arena = checking->arena;
    struct check_row row;
    struct bound bound = bind(arena, checking->request->contract, checking->rows, sql, value);
    TRY(check_row(db, arena, arena_print(arena, "%s LIMIT 2", bound.sql), &row));
    take_value(checking, result, &row);
    return NULL;
}

static void show(struct checking *checking, struct db *working)
{
    const struct quality_watch *watch = &checking->request->watch;
    if (watch->show)
        watch->show(watch->context, working);
}

static struct problem *stopped(struct checking *checking)
{
    const struct quality_watch *watch = &checking->request->watch;
    return watch->stopped ? watch->stopped(watch->context, checking->arena) : NULL;
}

/* On a connection of its own, which is shown to whoever may stop it. A query that fails is a
 * result; a connection that is lost is not. */
static struct problem *run_alone(struct checking *checking, struct db *db, const char *sql,
                                 const char *value, struct quality_result *result)
{
    TRY(check_begin(checking, db, true));
    show(checking, db);
    TRY(stopped(checking));
    struct problem *problem = run_query(checking, db, sql, value, result);
    if (!problem || !*db_sqlstate(db) || text_starts(db_sqlstate(db), "08"))
        return problem;
    TRY(stopped(checking));
    result_error(checking, result, why_failed(checking, db));
    return NULL;
}

static struct problem *measure(struct checking *checking, struct quality_result *result)
{
    const struct quality_request *request = checking->request;
    const char *sql;
    const char *value;
    const char *reason;
    TRY(pass_gates(checking->db, checking->arena, request->contract, result->rule, &sql, &value,
                   &reason));
    if (!value) {
        result_error(checking, result, reason);
        return NULL;
    }
    CLEANUP(db_close_at)
    struct db *db = db_open(request->pipeline_conninfo, "entrepot quality");
    struct problem *problem = run_alone(checking, db, sql, value, result);
    show(checking, checking->db);
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
