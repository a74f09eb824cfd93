#include "server/db/listener.h"
#include "support.h"

#include <sys/eventfd.h>
#include <unistd.h>

enum { LONG_MS = 60000 };

static struct arena *arena;
static struct db *db;
static struct listener *listener;

static void setup(void)
{
    arena = arena_new(4096);
    db = db_open(harness_conninfo(), "listener_test");
    listener = listener_open(harness_conninfo(), "A \"channel\"");
}

static void teardown(void)
{
    listener_close(listener);
    db_close(db);
    arena_free(arena);
}

static bool wait_notified(int64_t timeout_ms)
{
    bool notified;
    MUST(listener_wait(listener, arena, timeout_ms, -1, &notified));
    return notified;
}

static void notify(void)
{
    MUST(db_run(db, arena, "NOTIFY \"A \"\"channel\"\"\""));
}

START_TEST(the_first_connection_counts_as_a_notification)
{
    ck_assert(wait_notified(LONG_MS));
    ck_assert(!wait_notified(0));
}
END_TEST

START_TEST(what_is_notified_is_told_once)
{
    ck_assert(wait_notified(LONG_MS));
    notify();
    ck_assert(wait_notified(LONG_MS));
    ck_assert(!wait_notified(0));
}
END_TEST

/* Postgres answers one after the other: when the last has come, the others have. */
START_TEST(several_notifications_are_one)
{
    ck_assert(wait_notified(LONG_MS));
    MUST(db_run(db, arena,
                "BEGIN; NOTIFY \"A \"\"channel\"\"\", 'one';"
                "NOTIFY \"A \"\"channel\"\"\", 'two'; COMMIT"));
    ck_assert(wait_notified(LONG_MS));
    ck_assert(!wait_notified(0));
}
END_TEST

START_TEST(other_channels_are_not_heard)
{
    ck_assert(wait_notified(LONG_MS));
    MUST(db_run(db, arena, "NOTIFY channel; NOTIFY a"));
    ck_assert(!wait_notified(50));
}
END_TEST

START_TEST(a_wait_is_ended_from_outside)
{
    bool notified = true;
    int wake_fd = eventfd(1, EFD_CLOEXEC);
    ck_assert(wait_notified(LONG_MS));
    MUST(listener_wait(listener, arena, -1, wake_fd, &notified));
    ck_assert(!notified);
    (void)close(wake_fd);
}
END_TEST

START_TEST(a_lost_connection_is_opened_again_and_counts_as_a_notification)
{
    ck_assert(wait_notified(LONG_MS));
    ck_assert_int_eq(support_number(db, arena,
                                    "SELECT count(pg_terminate_backend(pid, 10000)) FROM "
                                    "pg_stat_activity WHERE application_name = "
                                    "'entrepot listener' AND datname = current_database()"),
                     1);
    ck_assert(wait_notified(LONG_MS));
    notify();
    ck_assert(wait_notified(LONG_MS));
}
END_TEST

static const char *const nowhere[] = { "host=/nonexistent/directory", "not a conninfo",
                                       "host=127.0.0.1 port=1" };

START_TEST(a_database_that_is_away_is_a_problem_each_time)
{
    bool notified;
    CLEANUP(listener_close_at) struct listener *other = listener_open(nowhere[_i], "channel");
    for (int i = 0; i < 3; i++)
        MUST_FAIL(listener_wait(other, arena, LONG_MS, -1, &notified), PROBLEM_STORE);
}
END_TEST

static const struct test_case cases[] = {
    TEST(the_first_connection_counts_as_a_notification),
    TEST(what_is_notified_is_told_once),
    TEST(several_notifications_are_one),
    TEST(other_channels_are_not_heard),
    TEST(a_wait_is_ended_from_outside),
    TEST(a_lost_connection_is_opened_again_and_counts_as_a_notification),
    TEST_EACH(a_database_that_is_away_is_a_problem_each_time, nowhere),
};
HARNESS_MAIN_WITH("listener", cases, setup, teardown)
