#include "server/formats/export.h"
#include "values.h"

/* Rows that are counted, and bytes that are gathered; either can fail. */
struct ends {
    int rows;
    int rows_before_failure; /* -1: it does not fail */
    bool sink_fails;
    int puts;
    struct buffer bytes;
};

static struct problem *next(void *source, struct arena *arena, const struct row_value **out_row)
{
    static const struct row_value row[] = { { "\0\0\0\7", 4 } };
    struct ends *ends = source;
    if (!ends->rows_before_failure--)
        return problem_new(arena, &PROBLEM_STORE, "the source fails");
    *out_row = ends->rows-- > 0 ? row : NULL;
    return NULL;
}

static struct problem *put(void *sink, struct arena *arena, const void *data, size_t size)
{
    struct ends *ends = sink;
    ends->puts++;
    buffer_add(&ends->bytes, data, size);
    return ends->sink_fails ? problem_new(arena, &PROBLEM_BUSY, "the sink fails") : NULL;
}

static const struct column list[] = { { .name = "n", .type = COLUMN_INT32 } };
static const struct columns columns = { list, 1 };

static struct export export_of(enum format format, struct ends *ends)
{
    return (struct export){ format, &columns, next, ends, put, ends };
}

START_TEST(all_rows_come_to_the_sink)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    struct ends ends = { .rows = 2, .rows_before_failure = -1 };
    struct export export = export_of(FORMAT_NDJSON, &ends);
    int64_t rows;
    ck_assert_ptr_null(export_rows(arena, &export, &rows));
    ck_assert_int_eq(rows, 2);
    ck_assert_int_eq(ends.puts, 1);
    ck_assert_str_eq(buffer_text(&ends.bytes), "{\"n\":7}\n{\"n\":7}\n");
    buffer_clear(&ends.bytes);
}
END_TEST

START_TEST(many_rows_come_in_pieces)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    struct ends ends = { .rows = 100000, .rows_before_failure = -1 };
    struct export export = export_of(FORMAT_CSV, &ends);
    int64_t rows;
    ck_assert_ptr_null(export_rows(arena, &export, &rows));
    ck_assert_int_gt(ends.puts, 2);
    ck_assert_uint_eq(ends.bytes.size, 3 + 3 * 100000);
    buffer_clear(&ends.bytes);
}
END_TEST

START_TEST(an_end_that_fails_ends_the_export)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    for (enum format format = FORMAT_JSON; format < FORMAT_COUNT; format++) {
        int64_t rows = -1;
        struct ends source = { .rows = 9, .rows_before_failure = 4 };
        struct export export = export_of(format, &source);
        struct problem *problem = export_rows(arena, &export, &rows);
        ck_assert_ptr_nonnull(problem);
        ck_assert_ptr_eq(problem->kind, &PROBLEM_STORE);
        ck_assert_int_eq(source.puts, 0);
        struct ends sink = { .rows = 9, .rows_before_failure = -1, .sink_fails = true };
        export = export_of(format, &sink);
        problem = export_rows(arena, &export, &rows);
        ck_assert_ptr_nonnull(problem);
        ck_assert_ptr_eq(problem->kind, &PROBLEM_BUSY);
        ck_assert_int_eq(rows, -1);
        buffer_clear(&sink.bytes);
    }
}
END_TEST

static const struct test_case cases[] = {
    TEST(all_rows_come_to_the_sink),
    TEST(many_rows_come_in_pieces),
    TEST(an_end_that_fails_ends_the_export),
};
TEST_MAIN("export", cases)
