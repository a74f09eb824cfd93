#include "server/db/cell.h"
#include "tests/unit/test.h"

#include <string.h>

static struct arena *arena;

static void setup(void)
{
    arena = arena_new(4096);
}

static void teardown(void)
{
    arena_free(arena);
}

CLEANUP_DEFINE(PGresult *, PQclear)

/* A result with one column and one row, as if Postgres had sent it; data NULL is NULL. */
static PGresult *result_of(Oid type, const char *data, int size)
{
    static char name[] = "value";
    PGresAttDesc column = { .name = name, .format = 1, .typid = type };
    PGresult *result = PQmakeEmptyPGresult(NULL, PGRES_TUPLES_OK);
    ck_assert(PQsetResultAttrs(result, 1, &column));
    ck_assert(PQsetvalue(result, 0, 0, (char *)data, data ? size : -1));
    return result;
}

static const struct db_field number[] = { { "value", DB_INT64, false } };
static const struct db_field number_or_null[] = { { "value", DB_INT64, true } };
static const struct db_field time[] = { { "value", DB_TIME, false } };
static const struct db_field json[] = { { "value", DB_JSON, false } };
static const struct db_field flag[] = { { "value", DB_BOOL, false } };

static const struct {
    const struct db_field *column;
    Oid type;
    const char *data;
    int size;
    const char *fault; /* part of the cause; NULL: it is read */
} cells[] = {
    { number, 20, "\0\0\0\0\0\0\0\1", 8, NULL },
    { number, 20, "\0\0\0\1", 4, "another size" },
    { number, 20, NULL, 0, "is NULL" },
    { number_or_null, 20, NULL, 0, NULL },
    { time, 1184, "\0\0\0\0\0\0\0\0", 8, NULL },
    { time, 1184, "", 0, "another size" },
    { json, 3802, "\1{}", 3, NULL },
    { json, 3802, "\2{}", 3, "unknown version" },
    { json, 3802, "", 0, "unknown version" },
    { flag, 16, "\1", 1, NULL },
    { flag, 16, "\1\1", 2, "another size" },
};

START_TEST(a_cell_is_read_or_its_fault_is_named)
{
    const struct db_statement statement = {
        "made_up", DB_ROWS_ONE, NULL, 0, cells[_i].column, 1, ""
    };
    CLEANUP(PQclear_at)
    PGresult *result = result_of(cells[_i].type, cells[_i].data, cells[_i].size);
    int64_t room = 4711;
    const struct db_column out[] = {
        { .type = cells[_i].column->type, .out = &room, .missing = -1 }
    };
    ck_assert_ptr_null(cell_check_types(arena, &statement, result));
    const struct problem *problem = cell_read_row(arena, &statement, result, 0, out);
    if (cells[_i].fault) {
        ck_assert_ptr_nonnull(problem);
        ck_assert_ptr_nonnull(strstr(problem->cause, cells[_i].fault));
        ck_assert_ptr_nonnull(strstr(problem->cause, "made_up"));
        ck_assert_int_eq(room, 4711);
    } else {
        ck_assert_ptr_null(problem);
        ck_assert_int_ne(room, 4711);
    }
}
END_TEST

static const struct {
    const char *data;
    int64_t at;
} times[] = {
    { "\0\0\0\0\0\0\0\0", 946684800000000 },
    { "\xff\xfc\xa2\xfe\xc4\xc8\x20\0", 0 },
    { "\x7f\xff\xff\xff\xff\xff\xff\xff", INT64_MAX },
    { "\x80\0\0\0\0\0\0\0", INT64_MIN },
};

START_TEST(times_are_counted_from_1970_and_infinity_is_kept)
{
    const struct db_statement statement = { "made_up", DB_ROWS_ONE, NULL, 0, time, 1, "" };
    CLEANUP(PQclear_at) PGresult *result = result_of(1184, times[_i].data, 8);
    int64_t at;
    const struct db_column out[] = { db_to_time(&at) };
    ck_assert_ptr_null(cell_read_row(arena, &statement, result, 0, out));
    ck_assert_int_eq(at, times[_i].at);
}
END_TEST

START_TEST(columns_of_another_type_or_number_are_refused)
{
    const struct db_statement statement = { "made_up", DB_ROWS_ONE, NULL, 0, number, 1, "" };
    const struct db_statement wider = { "made_up", DB_ROWS_ONE, NULL, 0, NULL, 0, "" };
    CLEANUP(PQclear_at) PGresult *result = result_of(23, "\0\0\0\1", 4);
    const struct problem *problem = cell_check_types(arena, &statement, result);
    ck_assert_ptr_nonnull(problem);
    ck_assert_str_eq(problem->kind->slug, PROBLEM_INTERNAL.slug);
    ck_assert_ptr_nonnull(cell_check_types(arena, &wider, result));
}
END_TEST

static const struct test_case cases[] = {
    TEST_EACH(a_cell_is_read_or_its_fault_is_named, cells),
    TEST_EACH(times_are_counted_from_1970_and_infinity_is_kept, times),
    TEST(columns_of_another_type_or_number_are_refused),
};

int main(void)
{
    return test_run_with("cell", cases, COUNT(cases), setup, teardown);
}
