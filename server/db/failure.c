#include "failure.h"

#include "server/base/text.h"

#include <string.h>

static const struct {
    const char *sqlstate; /* or its first letters */
    const struct problem_kind *kind;
    const char *detail;
} meanings[] = {
    { "08", &PROBLEM_STORE, "the database is not available; try again later" },
    { "53300", &PROBLEM_STORE, "the database has no connection left; try again later" },
    { "57P01", &PROBLEM_STORE, "the database is shutting down; try again later" },
    { "57P02", &PROBLEM_STORE, "the database is recovering; try again later" },
    { "57P03", &PROBLEM_STORE, "the database is starting; try again later" },
    { "57014", &PROBLEM_TIMEOUT, "the statement was stopped: it took too long or was cancelled" },
    { "23505", &PROBLEM_CONFLICT, "something with the same key exists already" },
    { "23503", &PROBLEM_CONFLICT,
      "something that is referred to does not exist, or something still refers to this" },
    { "", &PROBLEM_STORE, "the database refused a statement" },
};

bool failure_is_away(const char *sqlstate)
{
    /* 08P01 is a message of ours that Postgres did not understand */
    return (text_starts(sqlstate, "08") && strcmp(sqlstate, "08P01") != 0)
           || strcmp(sqlstate, "57P01") == 0 || strcmp(sqlstate, "57P02") == 0
           || strcmp(sqlstate, "57P03") == 0;
}

bool failure_is_fatal(const PGresult *result)
{
    const char *severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);
    return !severity || strcmp(severity, "FATAL") == 0 || strcmp(severity, "PANIC") == 0;
}

bool failure_is_retryable(const char *sqlstate)
{
    return strcmp(sqlstate, "40001") == 0 || strcmp(sqlstate, "40P01") == 0;
}

bool failure_is_unprepared(const char *sqlstate)
{
    return strcmp(sqlstate, "26000") == 0;
}

bool failure_is_outdated(const PGresult *result)
{
    /* its SQLSTATE stands for everything unsupported, its text is translated; the place is neither
     */
    const char *function = PQresultErrorField(result, PG_DIAG_SOURCE_FUNCTION);
    return strcmp(failure_sqlstate(result), "0A000") == 0 && function
           && strcmp(function, "RevalidateCachedQuery") == 0;
}

const char *failure_sqlstate(const PGresult *result)
{
    const char *sqlstate = result ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;
    return sqlstate ? sqlstate : FAILURE_CONNECTION_LOST;
}

const char *failure_message(const PGresult *result)
{
    const char *message = result ? PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY) : NULL;
    return message ? message : "the connection was lost";
}

struct problem *failure_problem(struct arena *arena, const char *sqlstate, const char *message)
{
    size_t i = 0;
    while (!text_starts(sqlstate, meanings[i].sqlstate))
        i++; /* the last one begins every text */
    return problem_because(arena, problem_new(arena, meanings[i].kind, "%s", meanings[i].detail),
                           "Postgres %s: %s", sqlstate, message);
}
