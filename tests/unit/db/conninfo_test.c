#include "server/db/conninfo.h"
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

static const char *value_of(const struct conninfo *conninfo, const char *keyword)
{
    const char *found = NULL;
    for (size_t i = 0; conninfo->keywords[i]; i++) {
        if (strcmp(conninfo->keywords[i], keyword) == 0) {
            ck_assert_ptr_null(found); /* no keyword twice */
            found = conninfo->values[i];
        }
    }
    return found;
}

static const struct {
    const char *text;
    const char *keyword;
    const char *value;
} given[] = {
    { "host=/run/pg dbname=x", "host", "/run/pg" },
    { "host=/run/pg dbname=x", "dbname", "x" },
    { "postgresql://me:p%40ss@db.example:5433/x?sslmode=require", "host", "db.example" },
    { "postgresql://me:p%40ss@db.example:5433/x?sslmode=require", "password", "p@ss" },
    { "postgresql://me:p%40ss@db.example:5433/x?sslmode=require", "sslmode", "require" },
    { "dbname=x application_name=mine", "application_name", "mine" },
    { "dbname=x", "fallback_application_name", "ours" },
    { "dbname=x client_encoding=LATIN1", "client_encoding", "UTF8" },
    { "dbname=x", "connect_timeout", "10" },
    { "dbname=x connect_timeout=3", "connect_timeout", "3" },
    { "", "client_encoding", "UTF8" },
};

START_TEST(what_the_operator_gave_is_kept_and_ours_is_added)
{
    const struct conninfo *conninfo = conninfo_new(arena, given[_i].text, "ours", NULL);
    ck_assert_ptr_null(conninfo->fault);
    ck_assert_str_eq(value_of(conninfo, given[_i].keyword), given[_i].value);
}
END_TEST

START_TEST(our_settings_stand_behind_the_operators)
{
    const char *text = "dbname=x options='-c work_mem=1MB -c search_path=public'";
    const struct conninfo *conninfo = conninfo_new(arena, text, "ours", "-c jit=off");
    const char *options = value_of(conninfo, "options");
    const char *theirs = strstr(options, "search_path=public");
    const char *pinned = strstr(options, "-c search_path= ");
    const char *own = strstr(options, "-c jit=off");
    ck_assert_ptr_nonnull(strstr(options, "work_mem=1MB"));
    ck_assert_ptr_nonnull(theirs);
    ck_assert_ptr_nonnull(pinned);
    ck_assert_ptr_nonnull(own);
    ck_assert(theirs < pinned && pinned < own);
}
END_TEST

static const char *const wrong[] = {
    "not a conninfo", "host", "nonsense=1", "postgresql://[::1", "postgresql://h:1/x?nonsense=1",
    "host='open"
};

START_TEST(what_is_not_understood_is_a_fault_and_no_crash)
{
    const struct conninfo *conninfo = conninfo_new(arena, wrong[_i], "ours", NULL);
    ck_assert_ptr_nonnull(conninfo->fault);
    ck_assert_ptr_null(conninfo_connect(conninfo));
    ck_assert_ptr_null(conninfo_connect_start(conninfo));
    ck_assert_str_ne(conninfo_failure(arena, conninfo, NULL), "");
}
END_TEST

static const struct test_case cases[] = {
    TEST_EACH(what_the_operator_gave_is_kept_and_ours_is_added, given),
    TEST(our_settings_stand_behind_the_operators),
    TEST_EACH(what_is_not_understood_is_a_fault_and_no_crash, wrong),
};

int main(void)
{
    return test_run_with("conninfo", cases, COUNT(cases), setup, teardown);
}
