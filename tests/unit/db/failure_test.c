#include "server/db/failure.h"
#include "tests/unit/test.h"

#include <string.h>

static const struct {
    const char *sqlstate;
    const struct problem_kind *kind;
    bool away;
    bool retryable;
} failures[] = {
    { "08006", &PROBLEM_STORE, true, false },     { "08001", &PROBLEM_STORE, true, false },
    { "08P01", &PROBLEM_STORE, false, false },    { "57P01", &PROBLEM_STORE, true, false },
    { "57P02", &PROBLEM_STORE, true, false },     { "57P03", &PROBLEM_STORE, true, false },
    { "53300", &PROBLEM_STORE, false, false },    { "57014", &PROBLEM_TIMEOUT, false, false },
    { "23505", &PROBLEM_CONFLICT, false, false }, { "23503", &PROBLEM_CONFLICT, false, false },
    { "23502", &PROBLEM_STORE, false, false },    { "40001", &PROBLEM_STORE, false, true },
    { "40P01", &PROBLEM_STORE, false, true },     { "42601", &PROBLEM_STORE, false, false },
    { "XX000", &PROBLEM_STORE, false, false },    { "", &PROBLEM_STORE, false, false },
};

START_TEST(an_sqlstate_has_its_meaning)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(1024);
    const char *sqlstate = failures[_i].sqlstate;
    const struct problem *problem = failure_problem(arena, sqlstate, "100% \"secret\"");
    ck_assert_str_eq(problem->kind->slug, failures[_i].kind->slug);
    ck_assert_ptr_nonnull(strstr(problem->cause, sqlstate));
    ck_assert_ptr_nonnull(strstr(problem->cause, "100% \"secret\""));
    ck_assert_ptr_null(strstr(problem->detail, "secret"));
    ck_assert_int_eq(failure_is_away(sqlstate), failures[_i].away);
    ck_assert_int_eq(failure_is_retryable(sqlstate), failures[_i].retryable);
}
END_TEST

START_TEST(a_failure_without_a_word_of_postgres_is_a_lost_connection)
{
    ck_assert_str_eq(failure_sqlstate(NULL), FAILURE_CONNECTION_LOST);
    ck_assert_str_ne(failure_message(NULL), "");
    PGresult *result = PQmakeEmptyPGresult(NULL, PGRES_FATAL_ERROR);
    ck_assert_str_eq(failure_sqlstate(result), FAILURE_CONNECTION_LOST);
    ck_assert(failure_is_fatal(result));
    ck_assert(!failure_is_outdated(result));
    PQclear(result);
}
END_TEST

START_TEST(a_statement_that_is_gone_is_told_from_others)
{
    ck_assert(failure_is_unprepared("26000"));
    ck_assert(!failure_is_unprepared("42P01"));
}
END_TEST

static const struct test_case cases[] = {
    TEST_EACH(an_sqlstate_has_its_meaning, failures),
    TEST(a_failure_without_a_word_of_postgres_is_a_lost_connection),
    TEST(a_statement_that_is_gone_is_told_from_others),
};
TEST_MAIN("failure", cases)
