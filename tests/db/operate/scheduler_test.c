#include "product.h"

#include "server/base/clock.h"
#include "server/model/schedule.h"
#include "server/operate/scheduler.h"
#include "server/operate/triggers.h"
#include "server/operate/zones.h"

#include <pthread.h>
#include <string.h>

#define MINUTE INT64_C(60000000)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

/* 2026-11-27 05:00 in UTC, a Friday */
#define NOW (INT64_C(1795755600) * 1000000)
#define MOST 5

static struct product_place place;

static void setup(void)
{
    struct apply_plan plan;
    static const struct product_texts usual;
    place = product_place_open("scheduler");
    MUST(product_apply(&place, &usual, &plan));
}

static void teardown(void)
{
    product_place_close(&place);
}

/* Store a version of a pipeline with triggers, as the control port does. */
static struct problem *put(const char *name, const char *version, const char *triggers)
{
    struct pipeline_document document;
    int64_t id;
    bool changed;
    const char *text =
        arena_print(place.arena,
                    "name: %s\nversion: %s\ninputs:\n  orders: {dataset: input.orders}\n"
                    "steps:\n  - name: days\n    output: output.days\n    sql: %s\ntriggers:\n%s\n",
                    name, version, product_sql, triggers);
    const struct document_text source = { NULL, text, strlen(text), DOCUMENT_YAML };
    CLEANUP(catalogue_release_at) const struct catalogue *catalogue = NULL;
    TRY(catalogue_load(place.owner, place.arena, &catalogue));
    TRY(pipeline_document_parse(place.arena, &source, &document));
    TRY(triggers_check(place.owner, place.arena, catalogue, &document, 1, &document));
    return apply_pipeline(place.owner, place.arena, &document, "test", &id, &changed);
}

static struct scheduler_round tick(int64_t now_at)
{
    struct scheduler_round round;
    MUST(scheduler_tick(place.owner, place.arena, now_at, MOST, &round));
    ck_assert_int_eq(round.failures, 0);
    return round;
}

static void end_runs(void)
{
    MUST(db_run(place.owner, place.arena,
                "UPDATE meta.run SET state = 'cancelled', finished_at = now()"
                " WHERE finished_at IS NULL"));
}

static const char *runs(void)
{
    return product_ask(
        &place, "SELECT coalesce(string_agg(concat_ws(' ', origin, origin_detail->>'delivery',"
                " to_char(as_of AT TIME ZONE 'UTC', 'DD HH24:MI')"
                "   || CASE WHEN (origin_detail->>'due_at')::timestamptz = as_of THEN '=' END),"
                " ', ' ORDER BY id), '') FROM meta.run WHERE origin <> 'request'");
}

START_TEST(a_schedule_fires_once_at_its_due_time)
{
    MUST(put("by_hour", "1.0.0", "  - {on: schedule, cron: '0 * * * *'}"));
    struct scheduler_round round = tick(NOW + MINUTE);
    ck_assert_int_eq(round.runs, 0);
    ck_assert_int_eq(round.next_due_at, NOW + HOUR);
    ck_assert_int_eq(tick(NOW + HOUR - 1).runs, 0);
    round = tick(NOW + HOUR);
    ck_assert_int_eq(round.runs, 1);
    ck_assert_int_eq(round.next_due_at, NOW + 2 * HOUR);
    ck_assert_int_eq(tick(NOW + HOUR).runs, 0);
    ck_assert_str_eq(runs(), "schedule 27 06:00=");
    ck_assert_str_eq(product_ask(&place, "SELECT requested_by || ' ' || (origin_detail->>'trigger')"
                                         "  FROM meta.run"),
                     "trigger schedule:0 * * * * UTC");
    /* a clock set back a little does not fire it again */
    end_runs();
    ck_assert_int_eq(tick(NOW + HOUR - MINUTE).runs, 0);
    ck_assert_int_eq(tick(NOW + HOUR).runs, 0);
    ck_assert_int_eq(tick(NOW + 2 * HOUR).runs, 1);
}
END_TEST

static const struct {
    const char *missed;
    const char *runs;
    const char *left_out;
} policies[] = {
    { "skip", "", "8" },
    { "once", "schedule 27 13:00=", "7" },
    { "all",
      "schedule 27 09:00=, schedule 27 10:00=, schedule 27 11:00=, schedule 27 12:00=, "
      "schedule 27 13:00=",
      "3" },
};

START_TEST(due_times_of_a_time_without_a_server_follow_the_policy)
{
    MUST(put("by_hour", "1.0.0",
             arena_print(place.arena, "  - {on: schedule, cron: '@hourly', missed: %s}",
                         policies[_i].missed)));
    ck_assert_int_eq(tick(NOW).next_due_at, NOW + HOUR);
    ck_assert_int_eq(tick(NOW + 8 * HOUR + 2 * MINUTE).next_due_at, NOW + 9 * HOUR);
    ck_assert_str_eq(runs(), policies[_i].runs);
    ck_assert_str_eq(product_ask(&place, "SELECT left_out::text FROM meta.trigger"),
                     policies[_i].left_out);
    end_runs();
    ck_assert_int_eq(tick(NOW + 9 * HOUR).runs, 1);
}
END_TEST

START_TEST(a_schedule_waits_for_the_run_before)
{
    MUST(put("by_hour", "1.0.0", "  - {on: schedule, cron: '@hourly'}"));
    (void)tick(NOW);
    ck_assert_int_eq(tick(NOW + HOUR).runs, 1);
    ck_assert_int_eq(tick(NOW + 2 * HOUR).runs, 0);
    ck_assert_int_eq(tick(NOW + 3 * HOUR).runs, 0);
    end_runs();
    ck_assert_int_eq(tick(NOW + 3 * HOUR + MINUTE).runs, 1);
    ck_assert_str_eq(runs(), "schedule 27 06:00=, schedule 27 08:00=");
}
END_TEST

START_TEST(a_schedule_that_was_computed_by_a_wrong_clock_or_long_ago_is_computed_again)
{
    MUST(put("by_hour", "1.0.0", "  - {on: schedule, cron: '@hourly'}"));
    ck_assert_int_eq(tick(NOW + 4000 * DAY).next_due_at, NOW + 4000 * DAY + HOUR);
    ck_assert_int_eq(tick(NOW).next_due_at, NOW + HOUR);
    ck_assert_int_eq(tick(NOW + HOUR).runs, 1);
    /* by the rules of another day, too: they change */
    end_runs();
    MUST(db_run(place.owner, place.arena,
                "UPDATE meta.trigger SET due_at = due_at + interval '90 minutes',"
                " armed_at = armed_at - interval '2 days'"));
    ck_assert_int_eq(tick(NOW + HOUR).next_due_at, NOW + 2 * HOUR);
    ck_assert_int_eq(tick(NOW + HOUR).runs, 0);
}
END_TEST

START_TEST(a_version_with_the_same_trigger_goes_on_and_another_begins_anew)
{
    MUST(put("by_hour", "1.0.0", "  - {name: usual, on: schedule, cron: '@hourly'}"));
    (void)tick(NOW);
    MUST(put("by_hour", "1.1.0", "  - {name: usual, on: schedule, cron: '@hourly', missed: all}"));
    ck_assert_int_eq(tick(NOW + 3 * HOUR).runs, 3);
    end_runs();
    MUST(put("by_hour", "1.2.0", "  - {name: usual, on: schedule, cron: '@daily'}"));
    ck_assert_int_eq(tick(NOW + 9 * HOUR).runs, 0);
    ck_assert_int_eq(tick(NOW + DAY).runs, 1);
    ck_assert_str_eq(product_ask(&place, "SELECT version FROM meta.run JOIN meta.workflow"
                                         " ON workflow.id = workflow_id ORDER BY run.id DESC"),
                     "1.2.0");
    MUST(put("by_hour", "1.3.0", "  []"));
    ck_assert_str_eq(product_ask(&place, "SELECT count(*)::text FROM meta.trigger"), "0");
    MUST(put("by_hour", "1.4.0", "  - {on: schedule, cron: '@daily'}"));
    MUST(apply_pipeline_retired(place.owner, place.arena, "by_hour"));
    ck_assert_str_eq(product_ask(&place, "SELECT count(*)::text FROM meta.trigger"), "0");
}
END_TEST

START_TEST(deliveries_during_a_run_become_one_run_after_it)
{
    product_deliver(&place, "VALUES (1, date '2026-01-01', 5.00)");
    MUST(put("by_day", "2.0.0", "  - {on: delivery, input: orders}"));
    ck_assert_int_eq(tick(NOW).runs, 0); /* it was there before */
    product_deliver(&place, "VALUES (2, date '2026-01-02', 5.00)");
    ck_assert_int_eq(tick(NOW).runs, 1);
    product_deliver(&place, "VALUES (3, date '2026-01-03', 5.00)");
    product_deliver(&place, "VALUES (4, date '2026-01-04', 5.00)");
    ck_assert_int_eq(tick(NOW).runs, 0);
    end_runs();
    ck_assert_int_eq(tick(NOW).runs, 1);
    ck_assert_int_eq(tick(NOW).runs, 0);
    end_runs();
    ck_assert_int_eq(tick(NOW).runs, 0);
    ck_assert_str_eq(product_ask(&place, "SELECT string_agg(origin_detail->>'delivery', ','"
                                         " ORDER BY id) FROM meta.run"),
                     "2,4");
}
END_TEST

START_TEST(a_delivery_that_a_queued_run_has_read_needs_no_other)
{
    MUST(put("by_day", "2.0.0", "  - {on: delivery, input: orders}"));
    product_deliver(&place, "VALUES (1, date '2026-01-01', 5.00)");
    ck_assert_int_eq(tick(NOW).runs, 1);
    product_deliver(&place, "VALUES (2, date '2026-01-02', 5.00)");
    /* the queued run is taken by product_run before the one it asks for */
    ck_assert_str_eq(product_run(&place), "queued");
    ck_assert_str_eq(product_ask(&place, "SELECT origin || ' ' || state FROM meta.run"
                                         " ORDER BY id LIMIT 1"),
                     "delivery published");
    ck_assert_int_eq(tick(NOW).runs, 0);
    product_deliver(&place, "VALUES (3, date '2026-01-03', 5.00)");
    ck_assert_int_eq(tick(NOW).runs, 1);
}
END_TEST

START_TEST(a_pipeline_follows_each_publish_of_another_once)
{
    MUST(put("after", "1.0.0", "  - {on: pipeline, pipeline: by_day}"));
    MUST(db_run(place.owner, place.arena,
                "UPDATE meta.workflow SET is_current = false WHERE name = 'after'"));
    product_deliver(&place, "VALUES (1, date '2026-01-01', 5.00)");
    ck_assert_str_eq(product_run(&place), "published");
    ck_assert_int_eq(tick(NOW).runs, 0); /* it is not current */
    MUST(db_run(place.owner, place.arena,
                "UPDATE meta.workflow SET is_current = true WHERE name = 'after'"));
    ck_assert_int_eq(tick(NOW).runs, 1);
    ck_assert_int_eq(tick(NOW).runs, 0);
    ck_assert_str_eq(product_ask(&place, "SELECT origin_detail::text FROM meta.run"
                                         " ORDER BY id DESC"),
                     "{\"run\": 1, \"trigger\": \"pipeline:by_day\", \"pipeline\": \"by_day\"}");
    end_runs();
    ck_assert_int_eq(tick(NOW).runs, 0);
}
END_TEST

static void *tick_alone(void *context)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(16 * 1024);
    CLEANUP(db_close_at) struct db *db = db_open(place.roles.owner_conninfo, "another server");
    int64_t *runs_made = context;
    for (int hour = 1; hour <= 20; hour++) {
        struct scheduler_round round;
        MUST(scheduler_tick(db, arena, NOW + hour * HOUR, MOST, &round));
        *runs_made += round.runs;
        /* the runs end at once, so that nothing but the claim keeps a second from being made */
        MUST(db_run(db, arena,
                    "UPDATE meta.run SET state = 'cancelled', finished_at = now()"
                    " WHERE finished_at IS NULL"));
    }
    return NULL;
}

START_TEST(of_two_server_processes_one_fires)
{
    pthread_t threads[2];
    int64_t made[2] = { 0, 0 };
    MUST(put("by_hour", "1.0.0", "  - {on: schedule, cron: '@hourly'}"));
    (void)tick(NOW);
    for (size_t i = 0; i < COUNT(threads); i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, tick_alone, &made[i]), 0);
    for (size_t i = 0; i < COUNT(threads); i++)
        ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
    ck_assert_str_eq(product_ask(&place, "SELECT concat_ws(' ', count(*), count(DISTINCT as_of))"
                                         "  FROM meta.run WHERE origin = 'schedule'"),
                     arena_print(place.arena, "%lld %lld", (long long)(made[0] + made[1]),
                                 (long long)(made[0] + made[1])));
    ck_assert_str_eq(product_ask(&place, "SELECT (last_due_at = '2026-11-28 01:00Z')::text"
                                         "  FROM meta.trigger"),
                     "true");
}
END_TEST

START_TEST(one_trigger_that_cannot_be_fired_does_not_keep_the_others_from_it)
{
    struct scheduler_round round;
    MUST(put("by_hour", "1.0.0",
             "  - {on: schedule, cron: '@hourly', timezone: Europe/Paris}\n"
             "  - {on: schedule, cron: '@hourly'}"));
    (void)tick(NOW);
    MUST(db_run(place.owner, place.arena,
                "UPDATE meta.trigger SET timezone = 'Europe/Atlantis' WHERE timezone <> 'UTC'"));
    MUST(scheduler_tick(place.owner, place.arena, NOW + HOUR, MOST, &round));
    ck_assert_int_eq(round.runs, 1);
    ck_assert_int_eq(round.failures, 1);
}
END_TEST

START_TEST(Postgres_tells_when_a_zone_changes)
{
    const struct zone *zone;
    struct zones *zones = zones_new(place.arena, NOW);
    MUST(zones_find(zones, place.owner, "Europe/Paris", &zone));
    size_t summer = zone_find(zone, NOW - 200 * DAY);
    ck_assert_int_eq(zone->changes[summer].offset_s, 7200);
    ck_assert_int_eq(zone->changes[summer].at, INT64_C(1774746000) * 1000000);
    ck_assert_int_eq(zone->changes[summer + 1].offset_s, 3600);
    ck_assert_int_eq(zone->changes[summer + 1].at, INT64_C(1792890000) * 1000000);
    ck_assert_uint_ge(zone->count, 6);
    const struct zone *again;
    MUST(zones_find(zones, place.owner, "Europe/Paris", &again));
    ck_assert_ptr_eq(zone, again);
    MUST(zones_find(zones, place.owner, "Australia/Lord_Howe", &zone));
    ck_assert_int_eq(zone->changes[0].offset_s % 1800, 0);
    ck_assert_int_eq(zone->changes[0].offset_s + zone->changes[1].offset_s, 77400);
    MUST(zones_find(zones, place.owner, "Asia/Kolkata", &zone));
    ck_assert_uint_eq(zone->count, 1);
    ck_assert_int_eq(zone->changes[0].offset_s, 19800);
    MUST(zones_find(zones, place.owner, "UTC", &zone));
    ck_assert_ptr_eq(zone, &zone_utc);
}
END_TEST

static const struct {
    const char *triggers;
    const char *fault;
} refused[] = {
    { "  - {on: schedule, cron: '@daily', timezone: Europe/Pariss}",
      "Postgres knows no time zone Europe/Pariss" },
    { "  - {on: schedule, cron: '@daily', timezone: europe/paris}",
      "Postgres knows no time zone europe/paris" },
    { "  - {on: schedule, cron: '@daily', timezone: Europe/Paris5}",
      "Postgres knows no time zone Europe/Paris5" },
    { "  - {on: pipeline, pipeline: nobody}", "there is no pipeline nobody" },
    { "  - {on: pipeline, pipeline: second}",
      "the pipelines would start each other without end: first → second → first" },
};

START_TEST(triggers_that_cannot_be_are_refused_by_line)
{
    MUST(put("first", "1.0.0", "  []"));
    MUST(put("second", "1.0.0", "  - {on: pipeline, pipeline: first}"));
    for (size_t i = 0; i < COUNT(refused); i++) {
        struct problem *problem = put("first", "1.1.0", refused[i].triggers);
        ck_assert_ptr_nonnull(problem);
        ck_assert_ptr_eq(problem->kind, &PROBLEM_INVALID_DOCUMENT);
        ck_assert_msg(strstr(problem->faults->reason, refused[i].fault) != NULL, "%s",
                      problem->faults->reason);
        ck_assert_int_eq(problem->faults->line, 10);
    }
}
END_TEST

static const struct test_case cases[] = {
    TEST(a_schedule_fires_once_at_its_due_time),
    TEST_EACH(due_times_of_a_time_without_a_server_follow_the_policy, policies),
    TEST(a_schedule_waits_for_the_run_before),
    TEST(a_schedule_that_was_computed_by_a_wrong_clock_or_long_ago_is_computed_again),
    TEST(a_version_with_the_same_trigger_goes_on_and_another_begins_anew),
    TEST(deliveries_during_a_run_become_one_run_after_it),
    TEST(a_delivery_that_a_queued_run_has_read_needs_no_other),
    TEST(a_pipeline_follows_each_publish_of_another_once),
    TEST(of_two_server_processes_one_fires),
    TEST(one_trigger_that_cannot_be_fired_does_not_keep_the_others_from_it),
    TEST(Postgres_tells_when_a_zone_changes),
    TEST(triggers_that_cannot_be_are_refused_by_line),
};
HARNESS_MAIN_WITH("scheduler", cases, setup, teardown)
