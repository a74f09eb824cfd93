#include "server/db/failure.h"
#include "support.h"

static struct arena *arena;
static struct db *db;
static struct db *other;

static void setup(void)
{
    arena = arena_new(4096);
    db = db_open(harness_conninfo(), "transaction_test");
    other = db_open(harness_conninfo(), "other");
    MUST(db_run(db, arena,
                "CREATE SCHEMA IF NOT EXISTS test;"
                "DROP TABLE IF EXISTS test.counter;"
                "CREATE TABLE test.counter (id int4 PRIMARY KEY, value int8 NOT NULL);"
                "INSERT INTO test.counter VALUES (1, 0), (2, 0)"));
}

static void teardown(void)
{
    db_close(db);
    db_close(other);
    arena_free(arena);
}

static int64_t counter(void)
{
    return support_number(other, arena, "SELECT sum(value)::int8 FROM test.counter");
}

struct attempts {
    int made;
    int disturbed; /* this many of them by a write in between */
};

static struct problem *increment(struct db *inside, struct arena *scratch, void *context)
{
    struct attempts *attempts = context;
    attempts->made++;
    TRY(db_run(inside, scratch, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"));
    TRY(db_run(inside, scratch, "SELECT value FROM test.counter"));
    if (attempts->made <= attempts->disturbed)
        TRY(db_run(other, scratch, "UPDATE test.counter SET value = value + 10 WHERE id = 1"));
    return db_run(inside, scratch, "UPDATE test.counter SET value = value + 1 WHERE id = 1");
}

START_TEST(a_transaction_is_kept_when_its_body_succeeds)
{
    struct attempts attempts = { 0, 0 };
    MUST(db_transact(db, arena, increment, &attempts));
    ck_assert_int_eq(attempts.made, 1);
    ck_assert_int_eq(counter(), 1);
    ck_assert(!db_in_transaction(db));
}
END_TEST

START_TEST(a_serialization_failure_runs_the_body_again)
{
    struct attempts attempts = { 0, 2 };
    MUST(db_transact(db, arena, increment, &attempts));
    ck_assert_int_eq(attempts.made, 3);
    ck_assert_int_eq(counter(), 21);
}
END_TEST

START_TEST(a_body_that_never_gets_through_is_given_up)
{
    struct attempts attempts = { 0, 1000 };
    MUST_FAIL(db_transact(db, arena, increment, &attempts), PROBLEM_STORE);
    ck_assert_int_gt(attempts.made, 1);
    ck_assert_int_lt(attempts.made, 10);
    ck_assert_str_eq(db_sqlstate(db), "40001");
    ck_assert(!db_in_transaction(db));
}
END_TEST

static struct problem *refuse(struct db *inside, struct arena *scratch, void *context)
{
    struct attempts *attempts = context;
    attempts->made++;
    TRY(db_run(inside, scratch, "UPDATE test.counter SET value = 99"));
    return problem_new(scratch, &PROBLEM_CONTRACT, "no");
}

START_TEST(a_body_that_fails_is_rolled_back_and_not_repeated)
{
    struct attempts attempts = { 0, 0 };
    MUST_FAIL(db_transact(db, arena, refuse, &attempts), PROBLEM_CONTRACT);
    ck_assert_int_eq(attempts.made, 1);
    ck_assert_int_eq(counter(), 0);
}
END_TEST

static struct problem *swallow(struct db *inside, struct arena *scratch, void *context)
{
    (void)context;
    TRY(db_run(inside, scratch, "UPDATE test.counter SET value = 99"));
    (void)!db_run(inside, scratch, "SELECT 1/0"); /* the mistake that is tested */
    return NULL;
}

START_TEST(a_body_that_hides_a_failure_is_not_taken_for_kept)
{
    MUST_FAIL(db_transact(db, arena, swallow, NULL), PROBLEM_STORE);
    ck_assert_int_eq(counter(), 0);
}
END_TEST

static struct problem *break_at_commit(struct db *inside, struct arena *scratch, void *context)
{
    (void)context;
    return db_run(inside, scratch,
                  "CREATE TABLE test.late (id int4 UNIQUE DEFERRABLE INITIALLY "
                  "DEFERRED); INSERT INTO test.late VALUES (1), (1)");
}

START_TEST(a_commit_that_is_refused_is_a_problem)
{
    MUST_FAIL(db_transact(db, arena, break_at_commit, NULL), PROBLEM_CONFLICT);
    ck_assert(!db_in_transaction(db));
}
END_TEST

static struct problem *write_something(struct db *inside, struct arena *scratch, void *context)
{
    (void)context;
    return db_run(inside, scratch, "UPDATE test.counter SET value = 1");
}

START_TEST(a_read_only_transaction_refuses_to_write)
{
    MUST(db_begin(db, arena, true));
    MUST_FAIL(write_something(db, arena, NULL), PROBLEM_STORE);
    ck_assert_str_eq(db_sqlstate(db), "25006");
    db_rollback(db);
    MUST(db_begin(db, arena, false));
    MUST(write_something(db, arena, NULL));
    MUST(db_commit(db, arena));
    ck_assert_int_eq(counter(), 2);
}
END_TEST

static struct problem *lose_once(struct db *inside, struct arena *scratch, void *context)
{
    struct attempts *attempts = context;
    attempts->made++;
    support_terminate(scratch, db_backend_pid(inside));
    return db_run(inside, scratch, "SELECT 1");
}

START_TEST(a_connection_lost_in_the_body_is_a_problem_and_the_next_one_works)
{
    struct attempts attempts = { 0, 0 };
    MUST_FAIL(db_transact(db, arena, lose_once, &attempts), PROBLEM_STORE);
    ck_assert_int_eq(attempts.made, 1);
    MUST(db_transact(db, arena, increment, &attempts));
    ck_assert_int_eq(counter(), 1);
}
END_TEST

static const struct test_case cases[] = {
    TEST(a_transaction_is_kept_when_its_body_succeeds),
    TEST(a_serialization_failure_runs_the_body_again),
    TEST(a_body_that_never_gets_through_is_given_up),
    TEST(a_body_that_fails_is_rolled_back_and_not_repeated),
    TEST(a_body_that_hides_a_failure_is_not_taken_for_kept),
    TEST(a_commit_that_is_refused_is_a_problem),
    TEST(a_read_only_transaction_refuses_to_write),
    TEST(a_connection_lost_in_the_body_is_a_problem_and_the_next_one_works),
};
HARNESS_MAIN_WITH("transaction", cases, setup, teardown)
