#include "support.h"

#include <math.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

static struct arena *arena;
static struct db *db;

/* Made by every test in its own process. */
static void connect_db(void)
{
    arena = arena_new(4096);
    db = db_open(harness_conninfo(), "db_test");
    MUST(db_connect(db, arena));
}

static void close_db(void)
{
    db_close(db);
    arena_free(arena);
}

static const enum db_type every_type[] = { DB_BOOL, DB_INT32, DB_INT64, DB_DOUBLE,
                                           DB_TEXT, DB_BYTES, DB_TIME,  DB_JSON };
static const struct db_field every_column[] = {
    { "a", DB_BOOL, false },  { "b", DB_INT32, false }, { "c", DB_INT64, true },
    { "d", DB_DOUBLE, true }, { "e", DB_TEXT, true },   { "f", DB_BYTES, true },
    { "g", DB_TIME, true },   { "h", DB_JSON, true },
};
STATEMENT(round_trip, DB_ROWS_ONE, every_type, every_column,
          "SELECT $1 AS a, $2 AS b, $3 AS c, $4 AS d, $5 AS e, $6 AS f, $7 AS g, $8 AS h");

struct everything {
    bool boolean;
    int32_t small;
    int64_t big;
    double real;
    const char *text;
    struct db_bytes bytes;
    int64_t at;
    const char *json;
};

static void send_everything(const struct db_param *in, struct everything *out_row)
{
    const struct db_column out[] = {
        db_to_bool(&out_row->boolean),     db_to_int32(&out_row->small),
        db_to_int64_or(&out_row->big, -1), db_to_double(&out_row->real),
        db_to_text(&out_row->text),        db_to_bytes(&out_row->bytes),
        db_to_time_or(&out_row->at, -2),   db_to_json(&out_row->json),
    };
    MUST(db_one(db, arena, &round_trip, in, COUNT(every_type), out, COUNT(out)));
}

static const struct {
    bool boolean;
    int32_t small;
    int64_t big;
    double real;
    const char *text;
    int64_t at;
} values[] = {
    { true, 0, 0, 0.0, "", 0 },
    { false, INT32_MIN, INT64_MIN, -1.5, "Ünïcødé 😀 'quoted' \"twice\" \\",
      INT64_C(-62135596800000000) },
    { true, INT32_MAX, INT64_MAX, 1e308, "line\nline\ttab", INT64_C(1763660000123456) },
    { true, -1, -1, INFINITY, "x", INT64_MAX },
    { true, 1, 1, -INFINITY, "y", INT64_MIN },
};

START_TEST(every_type_comes_back_as_it_went)
{
    char odd[] = "\0\1\xff'\\";
    const struct db_param in[] = {
        db_bool(values[_i].boolean), db_int32(values[_i].small),    db_int64(values[_i].big),
        db_double(values[_i].real),  db_text(values[_i].text),      db_bytes(odd, sizeof odd),
        db_time(values[_i].at),      db_json("{\"a\": [1, null]}"),
    };
    struct everything row;
    send_everything(in, &row);
    ck_assert_int_eq(row.boolean, values[_i].boolean);
    ck_assert_int_eq(row.small, values[_i].small);
    ck_assert_int_eq(row.big, values[_i].big);
    ck_assert(row.real == values[_i].real);
    ck_assert_str_eq(row.text, values[_i].text);
    ck_assert_uint_eq(row.bytes.size, sizeof odd);
    ck_assert_mem_eq(row.bytes.data, odd, sizeof odd);
    ck_assert_int_eq(row.at, values[_i].at);
    ck_assert_str_eq(row.json, "{\"a\": [1, null]}");
}
END_TEST

START_TEST(null_comes_back_as_what_stands_for_it)
{
    const struct db_param in[] = {
        db_bool(true), db_int32(1),       db_null(DB_INT64), db_null(DB_DOUBLE),
        db_text(NULL), db_null(DB_BYTES), db_null(DB_TIME),  db_json(NULL),
    };
    struct everything row = { .text = "before", .json = "before" };
    send_everything(in, &row);
    ck_assert_int_eq(row.big, -1);
    ck_assert(isnan(row.real));
    ck_assert_ptr_null(row.text);
    ck_assert_ptr_null(row.bytes.data);
    ck_assert_int_eq(row.at, -2);
    ck_assert_ptr_null(row.json);
}
END_TEST

START_TEST(a_null_that_no_signature_allows_is_a_problem_and_writes_nothing)
{
    const struct db_param in[] = {
        db_null(DB_BOOL), db_int32(1),        db_int64(1), db_double(1),
        db_text("new"),   db_bytes("new", 3), db_time(1),  db_json("1"),
    };
    struct everything row = { .text = "before" };
    const struct db_column out[] = {
        db_to_bool(&row.boolean),   db_to_int32(&row.small), db_to_int64_or(&row.big, -1),
        db_to_double(&row.real),    db_to_text(&row.text),   db_to_bytes(&row.bytes),
        db_to_time_or(&row.at, -2), db_to_json(&row.json),
    };
    MUST_FAIL(db_one(db, arena, &round_trip, in, COUNT(in), out, COUNT(out)), PROBLEM_INTERNAL);
    ck_assert_str_eq(row.text, "before");
}
END_TEST

static const enum db_type two_arrays[] = { DB_TEXT_ARRAY, DB_INT64_ARRAY };
static const struct db_field one_text[] = { { "said", DB_TEXT, true } };
STATEMENT(arrays, DB_ROWS_ONE, two_arrays, one_text, "SELECT concat_ws('/', $1, $2) AS said");

START_TEST(arrays_arrive_whole_empty_or_null)
{
    const char *const texts[] = { "a", "", "b,\"c\"", NULL };
    const char *const none[] = { NULL };
    const int64_t numbers[] = { 1, INT64_MIN };
    const struct {
        struct db_param in[2];
        const char *said;
    } cases[] = {
        { { db_texts(texts), db_int64s(numbers, 2) },
          "{a,\"\",\"b,\\\"c\\\"\"}/{1,-9223372036854775808}" },
        { { db_texts(none), db_int64s(NULL, 0) }, "{}/{}" },
        { { db_texts(NULL), db_null(DB_INT64_ARRAY) }, "" },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *said = NULL;
        const struct db_column out[] = { db_to_text(&said) };
        MUST(db_one(db, arena, &arrays, cases[i].in, 2, out, 1));
        ck_assert_str_eq(said, cases[i].said);
    }
}
END_TEST

static const enum db_type one_number[] = { DB_INT32 };
static const struct db_field number_column[] = { { "number", DB_INT32, false } };
STATEMENT(series_one, DB_ROWS_ONE, one_number, number_column,
          "SELECT number FROM generate_series(1, $1) AS number");
STATEMENT(series_maybe, DB_ROWS_MAYBE, one_number, number_column,
          "SELECT number FROM generate_series(1, $1) AS number");
STATEMENT(series_each, DB_ROWS_ANY, one_number, number_column,
          "SELECT number FROM generate_series(1, $1) AS number");

START_TEST(another_number_of_rows_is_a_problem)
{
    int32_t number = -1;
    bool found;
    const struct db_column out[] = { db_to_int32(&number) };
    const struct db_param none[] = { db_int32(0) };
    const struct db_param two[] = { db_int32(2) };
    MUST_FAIL(db_one(db, arena, &series_one, none, 1, out, 1), PROBLEM_INTERNAL);
    MUST_FAIL(db_one(db, arena, &series_one, two, 1, out, 1), PROBLEM_INTERNAL);
    MUST_FAIL(db_maybe(db, arena, &series_maybe, two, 1, out, 1, &found), PROBLEM_INTERNAL);
    ck_assert_int_eq(number, -1);
    MUST(db_maybe(db, arena, &series_maybe, none, 1, out, 1, &found));
    ck_assert(!found);
    ck_assert_int_eq(number, -1);
}
END_TEST

struct sum {
    int32_t number;
    int32_t sum;
};

static struct problem *add(void *context)
{
    struct sum *sum = context;
    if (sum->number == 5)
        return problem_new(arena, &PROBLEM_CONFLICT, "five is enough");
    sum->sum += sum->number;
    return NULL;
}

START_TEST(each_row_is_handed_over_until_one_is_refused)
{
    struct sum sum = { 0, 0 };
    const struct db_column out[] = { db_to_int32(&sum.number) };
    const struct db_param four[] = { db_int32(4) };
    MUST(db_each(db, arena, &series_each, four, 1, out, 1, add, &sum));
    ck_assert_int_eq(sum.sum, 10);
    const struct db_param nine[] = { db_int32(9) };
    MUST_FAIL(db_each(db, arena, &series_each, nine, 1, out, 1, add, &sum), PROBLEM_CONFLICT);
    ck_assert_int_eq(sum.sum, 20);
}
END_TEST

static const struct db_field other_column[] = { { "number", DB_INT64, false } };
STATEMENT(other_type, DB_ROWS_ANY, one_number, other_column, "SELECT $1::int4 AS number");

START_TEST(a_database_of_another_form_is_a_problem)
{
    int64_t number;
    const struct db_column out[] = { db_to_int64(&number) };
    const struct db_param in[] = { db_int32(1) };
    MUST_FAIL(db_each(db, arena, &other_type, in, 1, out, 1, add, NULL), PROBLEM_INTERNAL);
}
END_TEST

static const struct {
    const char *sql;
    const struct problem_kind *kind;
    const char *sqlstate;
    int position;
} refusals[] = {
    { "INSERT INTO test.child VALUES (1, 1)", &PROBLEM_CONFLICT, "23505", 0 },
    { "INSERT INTO test.child VALUES (2, 7)", &PROBLEM_CONFLICT, "23503", 0 },
    { "DELETE FROM test.parent", &PROBLEM_CONFLICT, "23503", 0 },
    { "INSERT INTO test.child VALUES (NULL, 1)", &PROBLEM_STORE, "23502", 0 },
    { "SELECT 1 FROM nowhere", &PROBLEM_STORE, "42P01", 15 },
    { "SELECT 'é', x", &PROBLEM_STORE, "42703", 13 },
    { "SELEC 1", &PROBLEM_STORE, "42601", 1 },
    { "SELECT 1/0", &PROBLEM_STORE, "22012", 0 },
    { "SET statement_timeout = 20; SELECT pg_sleep(60)", &PROBLEM_TIMEOUT, "57014", 0 },
    { "SELECT '\xff'", &PROBLEM_STORE, "22021", 0 },
};

START_TEST(a_refusal_becomes_the_right_problem)
{
    MUST(db_begin(db, arena, false));
    MUST(db_run(db, arena,
                "CREATE SCHEMA test; CREATE TABLE test.parent (id int4 PRIMARY KEY);"
                "CREATE TABLE test.child (id int4 PRIMARY KEY,"
                " parent int4 NOT NULL REFERENCES test.parent);"
                "INSERT INTO test.parent VALUES (1); INSERT INTO test.child VALUES (1, 1)"));
    struct problem *problem = db_run(db, arena, refusals[_i].sql);
    ck_assert_ptr_nonnull(problem);
    ck_assert_str_eq(problem->kind->slug, refusals[_i].kind->slug);
    ck_assert_str_eq(db_sqlstate(db), refusals[_i].sqlstate);
    ck_assert_int_eq(db_error_position(db), refusals[_i].position);
    ck_assert_str_ne(db_error_message(db), "");
    ck_assert_ptr_nonnull(problem->cause);
    ck_assert(db_in_transaction(db));
    db_rollback(db);
    ck_assert(!db_in_transaction(db));
    ck_assert_int_eq(support_number(db, arena, "SELECT 5::int8"), 5);
}
END_TEST

START_TEST(a_detail_of_postgres_with_values_stays_out_of_the_problem)
{
    MUST(db_begin(db, arena, false));
    MUST(db_run(db, arena,
                "CREATE TEMP TABLE secret (word text PRIMARY KEY);"
                "INSERT INTO secret VALUES ('hush')"));
    struct problem *problem = db_run(db, arena, "INSERT INTO secret VALUES ('hush')");
    ck_assert_ptr_nonnull(problem);
    ck_assert_ptr_null(strstr(problem->detail, "hush"));
    ck_assert_ptr_null(strstr(problem->cause, "hush"));
    db_rollback(db);
}
END_TEST

START_TEST(settings_are_pinned_and_a_name_needs_its_schema)
{
    const struct {
        const char *setting;
        const char *value;
    } pinned[] = {
        { "search_path", "" },
        { "client_encoding", "UTF8" },
        { "TimeZone", "UTC" },
        { "standard_conforming_strings", "on" },
        { "DateStyle", "ISO, MDY" },
        { "application_name", "db_test" },
        { "synchronize_seqscans", "off" },
    };
    for (size_t i = 0; i < COUNT(pinned); i++) {
        const char *sql =
            arena_print(arena, "SELECT (current_setting(%s) = %s)::int::int8",
                        db_literal(arena, pinned[i].setting), db_literal(arena, pinned[i].value));
        ck_assert_msg(support_number(db, arena, sql) == 1, "%s", pinned[i].setting);
    }
    MUST_FAIL(db_run(db, arena, "CREATE TABLE somewhere (id int4)"), PROBLEM_STORE);
    ck_assert_str_eq(db_sqlstate(db), "3F000");
}
END_TEST

START_TEST(the_operators_own_settings_are_kept_beside_ours)
{
    const char *conninfo = arena_print(arena,
                                       "%s application_name=mine "
                                       "options='-c work_mem=5MB -c TimeZone=Asia/Tokyo'",
                                       harness_conninfo());
    CLEANUP(db_close_at) struct db *other = db_open(conninfo, "db_test");
    ck_assert_int_eq(support_number(other, arena,
                                    "SELECT (current_setting('work_mem') = '5MB' AND "
                                    "current_setting('TimeZone') = 'UTC' AND "
                                    "current_setting('application_name') = 'mine')::int::int8"),
                     1);
}
END_TEST

static const char *const odd_words[] = { "plain",       "",          "it's", "a\"b",
                                         "back\\slash", "'; DROP--", "né",   "\\'" };

START_TEST(quoted_words_mean_themselves)
{
    const char *word = odd_words[_i];
    const char *said = NULL;
    const struct db_field columns[] = { { word, DB_TEXT, false } };
    const char *name = *word ? word : "empty";
    const struct db_statement quoted = {
        "quoted",
        DB_ROWS_ONE,
        NULL,
        0,
        columns,
        1,
        arena_print(arena, "SELECT%s::text AS %s",
                    arena_print(arena, " %s", db_literal(arena, word)), db_identifier(arena, name)),
    };
    const struct db_column out[] = { db_to_text(&said) };
    MUST(db_one(db, arena, &quoted, NULL, 0, out, 1));
    ck_assert_str_eq(said, word);
}
END_TEST

START_TEST(a_connection_lost_while_idle_is_opened_again)
{
    int pid = db_backend_pid(db);
    int32_t number = 0;
    const struct db_column out[] = { db_to_int32(&number) };
    const struct db_param in[] = { db_int32(1) };
    MUST(db_one(db, arena, &series_one, in, 1, out, 1));
    support_terminate(arena, pid);
    MUST(db_one(db, arena, &series_one, in, 1, out, 1));
    ck_assert_int_eq(number, 1);
    ck_assert_int_ne(db_backend_pid(db), pid);
}
END_TEST

START_TEST(a_connection_lost_inside_a_transaction_stays_lost_until_the_rollback)
{
    MUST(db_begin(db, arena, false));
    support_terminate(arena, db_backend_pid(db));
    MUST_FAIL(db_run(db, arena, "SELECT 1"), PROBLEM_STORE);
    MUST_FAIL(db_run(db, arena, "SELECT 1"), PROBLEM_STORE);
    MUST_FAIL(db_commit(db, arena), PROBLEM_STORE);
    ck_assert(db_in_transaction(db));
    ck_assert_int_eq(db_backend_pid(db), 0);
    db_rollback(db);
    MUST(db_run(db, arena, "SELECT 1"));
}
END_TEST

START_TEST(a_connection_lost_inside_its_own_statement_is_a_problem_once)
{
    struct problem *problem = db_run(db, arena, "SELECT pg_terminate_backend(pg_backend_pid())");
    ck_assert_ptr_nonnull(problem);
    ck_assert_str_eq(problem->detail, "the database is shutting down; try again later");
    ck_assert_str_eq(db_sqlstate(db), "57P01");
    MUST(db_run(db, arena, "SELECT 1"));
}
END_TEST

static const char *const nowhere[] = {
    "host=/nonexistent/directory",
    "postgresql://127.0.0.1:1/x?connect_timeout=2",
    "not a conninfo",
    "postgresql://[",
    "host=127.0.0.1 port=99999",
};

START_TEST(a_database_that_cannot_be_reached_is_a_problem)
{
    CLEANUP(db_close_at) struct db *other = db_open(nowhere[_i], "db_test");
    struct problem *problem = db_connect(other, arena);
    ck_assert_ptr_nonnull(problem);
    ck_assert_str_eq(problem->kind->slug, PROBLEM_STORE.slug);
    ck_assert_ptr_nonnull(problem->cause);
    ck_assert_str_eq(db_sqlstate(other), "08001");
    ck_assert_int_eq(db_backend_pid(other), 0);
    db_cancel(other);
    db_rollback(other);
}
END_TEST

/* Waits until the test holds the lock's place in the queue, then cancels it. */
static void *cancel_when_it_waits(void *context)
{
    (void)context;
    CLEANUP(arena_free_at) struct arena *scratch = arena_new(1024);
    CLEANUP(db_close_at) struct db *watcher = db_open(harness_conninfo(), "watcher");
    const char *waits = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted";
    while (support_number(watcher, scratch, waits) == 0)
        arena_reset(scratch);
    db_cancel(db);
    return NULL;
}

START_TEST(another_thread_can_cancel_what_runs)
{
    pthread_t thread;
    CLEANUP(db_close_at) struct db *holder = db_open(harness_conninfo(), "holder");
    MUST(db_begin(holder, arena, false));
    MUST(db_run(holder, arena, "SELECT pg_advisory_xact_lock(42)"));
    ck_assert_int_eq(pthread_create(&thread, NULL, cancel_when_it_waits, NULL), 0);
    MUST_FAIL(db_run(db, arena, "SELECT pg_advisory_xact_lock(42)"), PROBLEM_TIMEOUT);
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
    MUST(db_run(db, arena, "SELECT 1"));
}
END_TEST

static const struct test_case cases[] = {
    TEST_EACH(every_type_comes_back_as_it_went, values),
    TEST(null_comes_back_as_what_stands_for_it),
    TEST(a_null_that_no_signature_allows_is_a_problem_and_writes_nothing),
    TEST(arrays_arrive_whole_empty_or_null),
    TEST(another_number_of_rows_is_a_problem),
    TEST(each_row_is_handed_over_until_one_is_refused),
    TEST(a_database_of_another_form_is_a_problem),
    TEST_EACH(a_refusal_becomes_the_right_problem, refusals),
    TEST(a_detail_of_postgres_with_values_stays_out_of_the_problem),
    TEST(settings_are_pinned_and_a_name_needs_its_schema),
    TEST(the_operators_own_settings_are_kept_beside_ours),
    TEST_EACH(quoted_words_mean_themselves, odd_words),
    TEST(a_connection_lost_while_idle_is_opened_again),
    TEST(a_connection_lost_inside_a_transaction_stays_lost_until_the_rollback),
    TEST(a_connection_lost_inside_its_own_statement_is_a_problem_once),
    TEST_EACH(a_database_that_cannot_be_reached_is_a_problem, nowhere),
    TEST(another_thread_can_cancel_what_runs),
};
HARNESS_MAIN_WITH("db", cases, connect_db, close_db)
