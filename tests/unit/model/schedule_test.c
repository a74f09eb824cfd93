#include "server/model/schedule.h"
#include "tests/unit/test.h"

static struct arena *arena;

static void make_arena(void)
{
    arena = arena_new(16384);
}

static void drop_arena(void)
{
    arena_free(arena);
}

#define MINUTE INT64_C(60000000)
#define BASE (INT64_C(1767225600) * 1000000) /* 2026-01-01 00:00 */

/* Every ten minutes; times in minutes from the first due time. */
static const struct {
    enum trigger_missed missed;
    int64_t now; /* seconds */
    size_t most;
    size_t count;
    int64_t first;          /* of the list, in minutes; 0 where it is empty */
    int64_t last_looked_at; /* -1: none passed */
    int64_t left_out;
    int64_t next;
} rows[] = {
    /* before and at the due time */
    { TRIGGER_ONCE, -1, 100, 0, 0, -1, 0, 0 },
    { TRIGGER_ONCE, 0, 100, 1, 0, 0, 0, 10 },
    { TRIGGER_SKIP, 0, 100, 1, 0, 0, 0, 10 },
    { TRIGGER_ALL, 0, 100, 1, 0, 0, 0, 10 },
    { TRIGGER_SKIP, 60, 100, 1, 0, 0, 0, 10 },
    { TRIGGER_SKIP, 61, 100, 0, 0, 0, 1, 10 },
    { TRIGGER_ONCE, 61, 100, 1, 0, 0, 0, 10 },
    /* several have passed, the last just now */
    { TRIGGER_SKIP, 30 * 60, 100, 1, 30, 30, 3, 40 },
    { TRIGGER_ONCE, 30 * 60, 100, 1, 30, 30, 3, 40 },
    { TRIGGER_ALL, 30 * 60, 100, 4, 0, 30, 0, 40 },
    { TRIGGER_ALL, 30 * 60, 3, 3, 10, 30, 1, 40 },
    { TRIGGER_ALL, 30 * 60, 1, 1, 30, 30, 3, 40 },
    /* and the last long ago */
    { TRIGGER_SKIP, 35 * 60, 100, 0, 0, 30, 4, 40 },
    { TRIGGER_ONCE, 35 * 60, 100, 1, 30, 30, 3, 40 },
    { TRIGGER_ALL, 35 * 60, 100, 4, 0, 30, 0, 40 },
    /* ten days, more than are kept */
    { TRIGGER_ALL, 14400 * 60, 100, 100, 14400 - 990, 14400, 1341, 14410 },
};

START_TEST(what_was_missed_is_run_as_the_policy_says)
{
    struct cron cron;
    const char *reason;
    ck_assert(cron_parse(arena, "*/10 * * * *", &cron, &reason));
    struct schedule_dues dues = schedule_dues(arena, &cron, &zone_utc, rows[_i].missed, BASE,
                                              BASE + rows[_i].now * 1000000, rows[_i].most);
    ck_assert_uint_eq(dues.count, rows[_i].count);
    for (size_t i = 0; i < dues.count; i++)
        ck_assert_int_eq(dues.list[i], BASE + (rows[_i].first + 10 * (int64_t)i) * MINUTE);
    ck_assert_int_eq(dues.last_at,
                     rows[_i].last_looked_at < 0 ? 0 : BASE + rows[_i].last_looked_at * MINUTE);
    ck_assert_int_eq(dues.left_out, rows[_i].left_out);
    ck_assert_int_eq(dues.next_at, BASE + rows[_i].next * MINUTE);
}
END_TEST

START_TEST(what_was_due_more_than_400_days_ago_is_forgotten)
{
    struct cron cron;
    const char *reason;
    int64_t now_at = BASE + 1000 * 1440 * MINUTE;
    ck_assert(cron_parse(arena, "0 0 * * *", &cron, &reason));
    struct schedule_dues dues =
        schedule_dues(arena, &cron, &zone_utc, TRIGGER_ALL, BASE, now_at, 1000);
    ck_assert_uint_eq(dues.count, 400);
    ck_assert_int_eq(dues.last_at, now_at);
}
END_TEST

static const struct test_case cases[] = {
    TEST_EACH(what_was_missed_is_run_as_the_policy_says, rows),
    TEST(what_was_due_more_than_400_days_ago_is_forgotten),
};

int main(void)
{
    return test_run_with("schedule", cases, sizeof cases / sizeof cases[0], make_arena, drop_arena);
}
