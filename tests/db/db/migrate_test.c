#include "migrations.h"
#include "server/db/migrate.h"
#include "support.h"

#include <pthread.h>
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

static int known(void)
{
    int count = 0;
    while (migrations[count].number)
        count++;
    return count;
}

START_TEST(an_empty_database_gets_all_and_then_no_more)
{
    CLEANUP(db_close_at) struct db *db = db_open(harness_empty_database("empty"), "migrate_test");
    int applied = -1;
    MUST(migrate(db, arena, &applied));
    ck_assert_int_eq(applied, known());
    MUST(migrate(db, arena, &applied));
    ck_assert_int_eq(applied, 0);
    ck_assert_int_eq(support_number(db, arena, "SELECT count(*) FROM meta.migration"), known());
    ck_assert(!db_in_transaction(db));
}
END_TEST

START_TEST(the_record_is_commented)
{
    CLEANUP(db_close_at) struct db *db = db_open(harness_conninfo(), "migrate_test");
    ck_assert_int_eq(
        support_number(
            db, arena,
            "SELECT count(*) FROM pg_attribute WHERE attrelid = 'meta.migration'::regclass"
            " AND attnum > 0 AND col_description(attrelid, attnum) IS NULL"),
        0);
}
END_TEST

/* What was done to the record, and what the refusal says. */
static const struct {
    const char *damage;
    const char *says;
} damages[] = {
    { "UPDATE meta.migration SET sha256 = repeat('0', 64) WHERE number = 1", "was changed" },
    { "INSERT INTO meta.migration SELECT max(number) + 1, 'from_the_future', 'x' FROM "
      "meta.migration",
      "newer than this program" },
    { "UPDATE meta.migration SET number = 9999 WHERE number = 1", "damaged" },
};

START_TEST(a_record_that_does_not_fit_stops_the_start)
{
    const char *name = arena_print(arena, "damaged%d", _i);
    CLEANUP(db_close_at) struct db *db = db_open(harness_database(name), "migrate_test");
    int applied = -1;
    MUST(db_run(db, arena, damages[_i].damage));
    struct problem *problem = migrate(db, arena, &applied);
    ck_assert_ptr_nonnull(problem);
    ck_assert_str_eq(problem->kind->slug, PROBLEM_START.slug);
    ck_assert_msg(strstr(problem->detail, damages[_i].says), "%s", problem->detail);
    ck_assert_int_eq(applied, -1);
    ck_assert(!db_in_transaction(db));
}
END_TEST

START_TEST(a_foreign_table_in_the_place_of_the_record_is_a_problem)
{
    CLEANUP(db_close_at) struct db *db = db_open(harness_empty_database("foreign"), "migrate_test");
    int applied = -1;
    MUST(db_run(db, arena, "CREATE SCHEMA meta; CREATE TABLE meta.migration (other int4)"));
    MUST_FAIL(migrate(db, arena, &applied), PROBLEM_STORE);
    ck_assert_int_eq(applied, -1);
    ck_assert(!db_in_transaction(db));
}
END_TEST

static const struct migration good_then_bad[] = {
    { 1, "0001_good", "aa", "CREATE TABLE meta.good (id int4);\n" },
    { 2, "0002_bad", "bb",
      "CREATE TABLE meta.half (id int4);\n-- é\nINSERT INTO meta.half\nVALUES (nonsense);\n" },
    { 3, "0003_never", "cc", "CREATE TABLE meta.never (id int4);\n" },
    { 0, NULL, NULL, NULL },
};
static const struct migration good_then_mended[] = {
    { 1, "0001_good", "aa", "CREATE TABLE meta.good (id int4);\n" },
    { 2, "0002_mended", "dd", "CREATE TABLE meta.half (id int4);\n" },
    { 0, NULL, NULL, NULL },
};

START_TEST(a_migration_that_does_not_run_is_named_with_its_line_and_leaves_nothing)
{
    CLEANUP(db_close_at) struct db *db = db_open(harness_empty_database("bad"), "migrate_test");
    int applied = -1;
    struct problem *problem = migrate_list(db, arena, good_then_bad, &applied);
    ck_assert_ptr_nonnull(problem);
    ck_assert_str_eq(problem->kind->slug, PROBLEM_START.slug);
    ck_assert_ptr_nonnull(strstr(problem->detail, "0002_bad"));
    ck_assert_ptr_nonnull(strstr(problem->cause, "line 4:"));
    ck_assert_int_eq(support_number(db, arena, "SELECT count(*) FROM meta.migration"), 1);
    ck_assert_int_eq(support_number(db, arena,
                                    "SELECT count(*) FROM pg_class WHERE relname IN "
                                    "('half', 'never')"),
                     0);
    MUST(migrate_list(db, arena, good_then_mended, &applied));
    ck_assert_int_eq(applied, 1);
}
END_TEST

static void *migrate_beside(void *context)
{
    CLEANUP(arena_free_at) struct arena *own = arena_new(4096);
    CLEANUP(db_close_at) struct db *db = db_open(context, "beside");
    int *applied = malloc(sizeof *applied);
    *applied = 0;
    return migrate(db, own, applied) ? (free(applied), NULL) : applied;
}

START_TEST(servers_that_start_together_migrate_once)
{
    enum { SERVERS = 4 };
    char *conninfo = arena_text(arena, harness_empty_database("together"));
    pthread_t threads[SERVERS];
    int all = 0;
    for (int i = 0; i < SERVERS; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, migrate_beside, conninfo), 0);
    for (int i = 0; i < SERVERS; i++) {
        void *applied = NULL;
        ck_assert_int_eq(pthread_join(threads[i], &applied), 0);
        ck_assert_ptr_nonnull(applied);
        all += *(int *)applied;
        free(applied);
    }
    ck_assert_int_eq(all, known());
}
END_TEST

START_TEST(a_database_that_is_away_is_no_matter_of_migrations)
{
    CLEANUP(db_close_at) struct db *db = db_open("host=/nonexistent", "migrate_test");
    int applied;
    MUST_FAIL(migrate(db, arena, &applied), PROBLEM_STORE);
}
END_TEST

static const struct test_case cases[] = {
    TEST(an_empty_database_gets_all_and_then_no_more),
    TEST(the_record_is_commented),
    TEST_EACH(a_record_that_does_not_fit_stops_the_start, damages),
    TEST(a_foreign_table_in_the_place_of_the_record_is_a_problem),
    TEST(a_migration_that_does_not_run_is_named_with_its_line_and_leaves_nothing),
    TEST(servers_that_start_together_migrate_once),
    TEST(a_database_that_is_away_is_no_matter_of_migrations),
};
HARNESS_MAIN_WITH("migrate", cases, setup, teardown)
