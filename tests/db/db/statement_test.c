/* Every statement of sql/ says the truth about itself. */
#include "server/db/conninfo.h"
#include "server/db/params.h"
#include "sql.h"
#include "tests/db/harness.h"

#include <libpq-fe.h>
#include <string.h>

CLEANUP_DEFINE(PGconn *, PQfinish)
CLEANUP_DEFINE(PGresult *, PQclear)

/* Prepared with the types of its comment, as the server does: a wrong one finds no operator. */
static void check_described(PGconn *connection, const struct db_statement *statement)
{
    Oid types[64] = { 0 };
    ck_assert_uint_le(statement->param_count, COUNT(types));
    for (size_t i = 0; i < statement->param_count; i++)
        types[i] = params_type(statement->params[i]);
    CLEANUP(PQclear_at)
    PGresult *prepared =
        PQprepare(connection, statement->name, statement->text, (int)statement->param_count, types);
    ck_assert_msg(PQresultStatus(prepared) == PGRES_COMMAND_OK, "%s: %s", statement->name,
                  PQresultErrorMessage(prepared));
    CLEANUP(PQclear_at) PGresult *described = PQdescribePrepared(connection, statement->name);
    ck_assert_msg(PQresultStatus(described) == PGRES_COMMAND_OK, "%s: %s", statement->name,
                  PQresultErrorMessage(described));
    ck_assert_msg((size_t)PQnparams(described) == statement->param_count,
                  "%s takes %d parameters, its comment says %zu", statement->name,
                  PQnparams(described), statement->param_count);
    for (size_t i = 0; i < statement->param_count; i++)
        ck_assert_msg(PQparamtype(described, (int)i) == types[i], "%s: $%zu has another type",
                      statement->name, i + 1);
    ck_assert_msg((size_t)PQnfields(described) == statement->column_count,
                  "%s gives %d columns, its comment says %zu", statement->name,
                  PQnfields(described), statement->column_count);
    for (size_t i = 0; i < statement->column_count; i++) {
        ck_assert_str_eq(PQfname(described, (int)i), statement->columns[i].name);
        ck_assert_msg(PQftype(described, (int)i) == params_type(statement->columns[i].type),
                      "%s: column %s has another type", statement->name,
                      statement->columns[i].name);
    }
}

START_TEST(every_statement_fits_its_signature)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    CLEANUP(PQfinish_at)
    PGconn *connection =
        conninfo_connect(conninfo_new(arena, harness_conninfo(), "statement_test", NULL));
    ck_assert_int_eq(PQstatus(connection), CONNECTION_OK);
    for (size_t i = 0; sql_all[i]; i++)
        check_described(connection, sql_all[i]);
}
END_TEST

/* The server cuts longer names of prepared statements, and two would become one. */
START_TEST(every_name_is_short_enough)
{
    for (size_t i = 0; sql_all[i]; i++)
        ck_assert_uint_lt(strlen(sql_all[i]->name), 64);
}
END_TEST

static const struct test_case cases[] = {
    TEST(every_statement_fits_its_signature),
    TEST(every_name_is_short_enough),
};
HARNESS_MAIN("statement", cases)
