/* Rows of a query as a file, whose size and digest are told: what a snapshot's file is made by. */
#include "server/formats/export.h"
#include "tests/db/db/support.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

static struct arena *arena;
static struct db *db;

static void setup(void)
{
    arena = arena_new(4096);
    db = db_open(harness_conninfo(), "export_test");
}

static void teardown(void)
{
    db_close(db);
    arena_free(arena);
}

static const struct column list[] = {
    { .name = "n", .type = COLUMN_INT32, .required = true },
    { .name = "amount", .type = COLUMN_DECIMAL, .precision = 12, .scale = 2 },
    { .name = "word", .type = COLUMN_TEXT },
};
static const struct columns columns = { list, COUNT(list) };

static const struct export export = { .format = FORMAT_PARQUET,
                                      .columns = &columns,
                                      .next = export_next_of_stream };

static struct problem *write_file(const char *sql, int fd, struct export_file *out_file)
{
    const struct db_query query = { .text = sql };
    struct export of_db = export;
    of_db.source = db;
    MUST(db_stream_begin(db, arena, &query));
    struct problem *problem = export_to_file(arena, &of_db, fd, out_file);
    db_stream_stop(db);
    return problem;
}

#define ROWS_SQL                                                                                   \
    "SELECT n, (n / 100.0)::numeric(12,2), CASE WHEN n % 3 > 0 THEN 'word ' || n END "             \
    "FROM generate_series(1, 200000) n"

START_TEST(a_file_has_the_size_and_the_digest_that_are_told)
{
    CLEANUP(close_at) int fd = memfd_create("export", MFD_CLOEXEC);
    ck_assert_int_ge(fd, 0);
    struct export_file file;
    MUST(write_file(ROWS_SQL, fd, &file));
    ck_assert_int_eq(file.rows, 200000);
    ck_assert_int_eq(lseek(fd, 0, SEEK_END), file.bytes);
    char *data = mmap(NULL, (size_t)file.bytes, PROT_READ, MAP_PRIVATE, fd, 0);
    ck_assert_ptr_ne(data, MAP_FAILED);
    unsigned char sum[DIGEST_BYTES];
    digest_sha256(data, (size_t)file.bytes, sum);
    ck_assert_mem_eq(sum, file.sha256, DIGEST_BYTES);
    ck_assert_mem_eq(data, "PAR1", 4);
    ck_assert_mem_eq(data + file.bytes - 4, "PAR1", 4);
    ck_assert_int_eq(munmap(data, (size_t)file.bytes), 0);
}
END_TEST

START_TEST(the_same_rows_are_the_same_file)
{
    struct export_file files[2];
    for (size_t i = 0; i < COUNT(files); i++) {
        CLEANUP(close_at) int fd = memfd_create("export", MFD_CLOEXEC);
        MUST(write_file(ROWS_SQL, fd, &files[i]));
    }
    ck_assert_mem_eq(files[0].sha256, files[1].sha256, DIGEST_BYTES);
}
END_TEST

START_TEST(what_cannot_be_written_is_a_problem)
{
    CLEANUP(close_at) int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    ck_assert_int_ge(full, 0);
    struct export_file file = { .rows = -1 };
    struct problem *problem = write_file(ROWS_SQL, full, &file);
    ck_assert_ptr_nonnull(problem);
    ck_assert_ptr_eq(problem->kind, &PROBLEM_INTERNAL);
    ck_assert_int_eq(file.rows, -1);
}
END_TEST

START_TEST(rows_that_fail_are_a_problem)
{
    CLEANUP(close_at) int fd = memfd_create("export", MFD_CLOEXEC);
    struct export_file file;
    ck_assert_ptr_nonnull(write_file("SELECT n, (1 / (150000 - n))::numeric(12,2), '' "
                                     "FROM generate_series(1, 200000) n",
                                     fd, &file));
    ck_assert_str_eq(db_sqlstate(db), "22012");
    ck_assert_ptr_nonnull(write_file("SELECT 1, 'NaN'::numeric(12,2), ''", fd, &file));
}
END_TEST

static const struct test_case cases[] = {
    TEST(a_file_has_the_size_and_the_digest_that_are_told),
    TEST(the_same_rows_are_the_same_file),
    TEST(what_cannot_be_written_is_a_problem),
    TEST(rows_that_fail_are_a_problem),
};
HARNESS_MAIN_WITH("export", cases, setup, teardown)
