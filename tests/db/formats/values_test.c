/* Postgres itself judges the values: its casts of our texts, and what it takes by COPY. */
#include "server/formats/encoder.h"
#include "server/formats/intake.h"
#include "tests/db/db/support.h"
#include "tests/unit/formats/values.h"

static struct arena *arena;
static struct db *db;

static void setup(void)
{
    arena = arena_new(4096);
    db = db_open(harness_conninfo(), "values_test");
    MUST(db_run(db, arena, "CREATE SCHEMA IF NOT EXISTS test"));
}

static void teardown(void)
{
    db_close(db);
    arena_free(arena);
}

/* The first value of the only row of a query with one text parameter. */
static struct row_value value_of(const char *sql, const char *text)
{
    const struct db_param in[] = { db_text(text) };
    const struct db_query query = { sql, in, COUNT(in) };
    const struct db_value *row;
    size_t columns;
    MUST(db_stream_begin(db, arena, &query));
    MUST(db_stream_next(db, arena, &row, &columns));
    ck_assert_ptr_nonnull(row);
    const struct row_value value = { arena_copy(arena, row[0].data, (size_t)row[0].size),
                                     row[0].size };
    db_stream_stop(db);
    return value;
}

static void check_cast(const struct wire_value *wire)
{
    const struct column column = { .name = "v", .type = wire->type };
    const char *type = column_sql_type(arena, &column);
    struct row_value value = value_of(arena_print(arena, "SELECT $1::text::%s", type), wire->text);
    ck_assert_str_eq(arena_hex(arena, value.data, (size_t)value.size), wire->hex);
    const char *text;
    MUST(encode_value_text(arena, &column, value, &text));
    ck_assert_str_eq(text, wire->text);
}

START_TEST(postgres_casts_a_text_of_ours_to_the_same_value)
{
    check_cast(&wire_values[_i]);
}
END_TEST

START_TEST(it_does_for_values_that_are_never_taken_in)
{
    check_cast(&wire_values_out_only[_i]);
}
END_TEST

static const enum column_type types[] = {
    COLUMN_BOOL, COLUMN_INT32, COLUMN_INT64,     COLUMN_DECIMAL, COLUMN_DOUBLE, COLUMN_TEXT,
    COLUMN_DATE, COLUMN_TIME,  COLUMN_TIMESTAMP, COLUMN_UUID,    COLUMN_BYTES,  COLUMN_JSON,
};

static void add_quoted(struct buffer *csv, const char *text)
{
    buffer_add_char(csv, '"');
    for (; *text; text++) {
        buffer_add(csv, "\"", *text == '"');
        buffer_add_char(csv, *text);
    }
    buffer_add_char(csv, '"');
}

/* All values of a type as CSV: what Postgres casts, and what we wrote of it. */
static int64_t write_csv(enum column_type type, struct buffer *csv)
{
    int64_t rows = 0;
    buffer_add_text(csv, "t,v\r\n");
    for (size_t i = 0; i < COUNT(wire_values); i++) {
        if (wire_values[i].type != type)
            continue;
        add_quoted(csv, wire_values[i].text);
        buffer_add_char(csv, ',');
        buffer_add_text(csv, wire_values[i].csv ? wire_values[i].csv : wire_values[i].text);
        buffer_add_text(csv, "\r\n");
        rows++;
    }
    buffer_add_text(csv, ",\r\n");
    return rows + 1;
}

static void copy_csv(const struct columns *columns, const struct buffer *csv, int64_t rows)
{
    CLEANUP(buffer_clear) struct buffer copy = { 0 };
    const struct intake_options options = { .format = INTAKE_CSV,
                                            .columns = columns,
                                            .max_field = 1 << 20,
                                            .max_depth = 64,
                                            .max_faults = 1 };
    CLEANUP(intake_close_at) struct intake *intake = intake_open(arena, &options);
    MUST(intake_feed(intake, csv->data, csv->size, &copy));
    MUST(intake_end(intake, &copy));
    int64_t stored;
    MUST(db_copy_in(db, arena, "COPY test.taken FROM STDIN (FORMAT binary)"));
    MUST(db_copy_write(db, arena, copy.data, copy.size));
    MUST(db_copy_end(db, arena, &stored));
    ck_assert_int_eq(stored, rows);
}

START_TEST(postgres_takes_what_the_intake_wrote)
{
    CLEANUP(buffer_clear) struct buffer csv = { 0 };
    const struct column list[] = {
        { .name = "t", .type = COLUMN_TEXT, .shortest = -1, .longest = -1 },
        { .name = "v", .type = types[_i], .shortest = -1, .longest = -1 },
    };
    const struct columns columns = { list, COUNT(list) };
    const char *type = column_sql_type(arena, &list[1]);
    MUST(db_run(db, arena, "DROP TABLE IF EXISTS test.taken"));
    MUST(db_run(db, arena, arena_print(arena, "CREATE TABLE test.taken (t text, v %s)", type)));
    copy_csv(&columns, &csv, write_csv(types[_i], &csv));
    ck_assert_int_eq(support_number(db, arena,
                                    arena_print(arena,
                                                "SELECT count(*) FROM test.taken "
                                                "WHERE v IS DISTINCT FROM t::%s",
                                                type)),
                     0);
}
END_TEST

/* The largest and finest numbers that are taken in: Postgres must not find one more wrong. */
static const char *const numbers[] = {
    "1e131071", "-9.99e131071", "1e-16383", "0e-16383", "1.5e-16382", "123456789e-16383",
};

START_TEST(postgres_holds_the_widest_numbers_that_are_taken_in)
{
    CLEANUP(buffer_clear) struct buffer csv = { 0 };
    static const struct column list[] = {
        { .name = "v", .type = COLUMN_DECIMAL },
        { .name = "j", .type = COLUMN_JSON },
    };
    const struct columns columns = { list, COUNT(list) };
    MUST(db_run(db, arena, "DROP TABLE IF EXISTS test.taken"));
    MUST(db_run(db, arena, "CREATE TABLE test.taken (v numeric, j jsonb)"));
    buffer_print(&csv, "v,j\n%s,[%s]\n", numbers[_i], numbers[_i]);
    copy_csv(&columns, &csv, 1);
    ck_assert_int_eq(support_number(db, arena,
                                    arena_print(arena,
                                                "SELECT count(*) FROM test.taken "
                                                "WHERE v = '%s'::numeric "
                                                "AND (j ->> 0)::numeric = v",
                                                numbers[_i])),
                     1);
}
END_TEST

static const struct test_case cases[] = {
    TEST_EACH(postgres_casts_a_text_of_ours_to_the_same_value, wire_values),
    TEST_EACH(it_does_for_values_that_are_never_taken_in, wire_values_out_only),
    TEST_EACH(postgres_takes_what_the_intake_wrote, types),
    TEST_EACH(postgres_holds_the_widest_numbers_that_are_taken_in, numbers),
};
HARNESS_MAIN_WITH("values", cases, setup, teardown)
