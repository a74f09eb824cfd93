#include "db.h"

#include "cell.h"
#include "connection.h"
#include "params.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static bool is_prepared(const struct db *db, const struct db_statement *statement)
{
    for (size_t i = 0; i < db->prepared_count; i++) {
        if (db->prepared[i] == statement)
            return true;
    }
    return false;
}

static void add_prepared(struct db *db, const struct db_statement *statement)
{
    if (db->prepared_count == db->prepared_capacity) {
        size_t capacity = db->prepared_capacity ? db->prepared_capacity * 2 : 32;
        db->prepared = reallocarray(db->prepared, capacity, sizeof *db->prepared);
        if (!db->prepared)
            abort();
        db->prepared_capacity = capacity;
    }
    db->prepared[db->prepared_count++] = statement;
}

/* Preparing changes nothing, so it can be done again when the connection turns out to be lost. */
static struct problem *prepare(struct db *db, struct arena *arena,
                               const struct db_statement *statement, const Oid *types)
{
    for (int attempts = 1;; attempts++) {
        TRY(connection_ready(db, arena));
        if (is_prepared(db, statement))
            return NULL;
        CLEANUP(PQclear_at)
        PGresult *result =
            connection_result(db, PQsendPrepare(db->connection, statement->name, statement->text,
                                                (int)statement->param_count, types));
        if (PQresultStatus(result) == PGRES_COMMAND_OK) {
            add_prepared(db, statement);
            return NULL;
        }
        struct problem *problem = connection_failed(db, arena, result);
        if (db->connection || db->in_transaction || attempts == 2)
            return problem;
    }
}

static void check_signature(const struct db_statement *statement, const struct db_param *in,
                            size_t in_count, const struct db_column *out, size_t out_count)
{
    assert(in_count == statement->param_count);
    for (size_t i = 0; i < in_count; i++)
        assert(in[i].type == statement->params[i]);
    assert(out_count == statement->column_count);
    for (size_t i = 0; i < out_count; i++) {
        assert(out[i].type == statement->columns[i].type);
        assert(out[i].takes_null || !statement->columns[i].nullable);
    }
}

static struct problem *execute(struct db *db, struct arena *arena,
                               const struct db_statement *statement, const struct db_param *in,
                               size_t in_count, PGresult **out_result)
{
    struct params params;
    params_encode(arena, in, in_count, &params);
    TRY(prepare(db, arena, statement, params.types));
    CLEANUP(PQclear_at)
    PGresult *result = connection_result(
        db, PQsendQueryPrepared(db->connection, statement->name, params.count, params.values,
                                params.lengths, params.formats, 1));
    ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
        return connection_failed(db, arena, result);
    connection_settle(db);
    TRY(cell_check_types(arena, statement, result));
    *out_result = TAKE(result);
    return NULL;
}

static struct problem *wrong_rows(struct arena *arena, const struct db_statement *statement,
                                  int rows)
{
    return problem_because(arena,
                           problem_new(arena, &PROBLEM_INTERNAL,
                                       "the database gave another number of rows than expected"),
                           "statement %s gave %d rows", statement->name, rows);
}

struct problem *db_none(struct db *db, struct arena *arena, const struct db_statement *statement,
                        const struct db_param *in, size_t in_count)
{
    assert(statement->rows == DB_ROWS_NONE);
    check_signature(statement, in, in_count, NULL, 0);
    CLEANUP(PQclear_at) PGresult *result = NULL;
    TRY(execute(db, arena, statement, in, in_count, &result));
    int rows = PQntuples(result);
    return rows == 0 ? NULL : wrong_rows(arena, statement, rows);
}

struct problem *db_one(struct db *db, struct arena *arena, const struct db_statement *statement,
                       const struct db_param *in, size_t in_count, const struct db_column *out,
                       size_t out_count)
{
    assert(statement->rows == DB_ROWS_ONE);
    check_signature(statement, in, in_count, out, out_count);
    CLEANUP(PQclear_at) PGresult *result = NULL;
    TRY(execute(db, arena, statement, in, in_count, &result));
    int rows = PQntuples(result);
    if (rows != 1)
        return wrong_rows(arena, statement, rows);
    return cell_read_row(arena, statement, result, 0, out);
}

struct problem *db_maybe(struct db *db, struct arena *arena, const struct db_statement *statement,
                         const struct db_param *in, size_t in_count, const struct db_column *out,
                         size_t out_count, bool *out_found)
{
    assert(statement->rows == DB_ROWS_MAYBE);
    check_signature(statement, in, in_count, out, out_count);
    CLEANUP(PQclear_at) PGresult *result = NULL;
    TRY(execute(db, arena, statement, in, in_count, &result));
    int rows = PQntuples(result);
    if (rows > 1)
        return wrong_rows(arena, statement, rows);
    if (rows == 1)
        TRY(cell_read_row(arena, statement, result, 0, out));
    *out_found = rows == 1;
    return NULL;
}

struct problem *db_each(struct db *db, struct arena *arena, const struct db_statement *statement,
                        const struct db_param *in, size_t in_count, const struct db_column *out,
                        size_t out_count, struct problem *(*each)(void *context), void *context)
{
    assert(statement->rows == DB_ROWS_ANY);
    check_signature(statement, in, in_count, out, out_count);
    CLEANUP(PQclear_at) PGresult *result = NULL;
    TRY(execute(db, arena, statement, in, in_count, &result));
    for (int row = 0; row < PQntuples(result); row++) {
        TRY(cell_read_row(arena, statement, result, row, out));
        TRY(each(context));
    }
    return NULL;
}

struct problem *db_run(struct db *db, struct arena *arena, const char *sql)
{
    TRY(connection_ready(db, arena));
    CLEANUP(PQclear_at) PGresult *result = connection_result(db, PQsendQuery(db->connection, sql));
    switch (PQresultStatus(result)) {
    case PGRES_EMPTY_QUERY:
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK:
        connection_settle(db);
        return NULL;
    case PGRES_COPY_IN:
    case PGRES_COPY_OUT:
    case PGRES_COPY_BOTH:
        abort(); /* those are of stream.h */
    default:
        return connection_failed(db, arena, result);
    }
}

/* Quoted by the rules of libpq's PQescapeIdentifier, which would need a connection. */
static const char *quote(struct arena *arena, const char *text, char mark, const char *prefix)
{
    size_t size = strlen(text);
    size_t head = strlen(prefix);
    char *quoted = arena_alloc(arena, head + arena_array_bytes(size, 2) + 3);
    memcpy(quoted, prefix, head);
    char *at = quoted + head;
    *at++ = mark;
    for (; *text; text++) {
        if (*text == mark || (*text == '\\' && head))
            *at++ = *text;
        *at++ = *text;
    }
    *at = mark;
    return quoted;
}

const char *db_identifier(struct arena *arena, const char *name)
{
    return quote(arena, name, '"', "");
}

const char *db_literal(struct arena *arena, const char *value)
{
    return quote(arena, value, '\'', strchr(value, '\\') ? " E" : "");
}
