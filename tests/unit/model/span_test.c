#include "server/base/clock.h"
#include "server/model/span.h"
#include "tests/unit/test.h"

static struct arena *arena;

static void make_arena(void)
{
    arena = arena_new(4096);
}

static void drop_arena(void)
{
    arena_free(arena);
}

static const struct {
    const char *text;
    struct span span; /* all 0: it is none */
} texts[] = {
    { "P1D", { .days = 1 } },
    { "P2W", { .days = 14 } },
    { "P1Y6M", { .months = 18 } },
    { "P1M3D", { .months = 1, .days = 3 } },
    { "PT15M", { .seconds = 900 } },
    { "P1DT12H", { .days = 1, .seconds = 43200 } },
    { "1 day", { .days = 1 } },
    { "7 days", { .days = 7 } },
    { "2 weeks", { .days = 14 } },
    { "3 months", { .months = 3 } },
    { "1 year", { .months = 12 } },
    { "15 minutes", { .seconds = 900 } },
    { "36 hours", { .seconds = 129600 } },
    { "30 seconds", { .seconds = 30 } },
    { "", { 0 } },
    { "P", { 0 } },
    { "PT", { 0 } },
    { "P0D", { 0 } },
    { "0 days", { 0 } },
    { "-1 day", { 0 } },
    { "P-1D", { 0 } },
    { "P1", { 0 } },
    { "P1H", { 0 } },
    { "P1D1D", { 0 } },
    { "P1D1M", { 0 } },
    { "PT1D", { 0 } },
    { "P1DT", { 0 } },
    { "p1d", { 0 } },
    { "P1.5D", { 0 } },
    { "P1D ", { 0 } },
    { "P99999999999999999999D", { 0 } },
    { "1", { 0 } },
    { "day", { 0 } },
    { "1 dayss", { 0 } },
    { "1 fortnight", { 0 } },
    { "1 day 2 hours", { 0 } },
    { "1000001 days", { 0 } },
};

START_TEST(a_span_is_read)
{
    struct span span = { 0 };
    const struct span *wanted = &texts[_i].span;
    bool is_span = wanted->months || wanted->days || wanted->seconds;
    ck_assert_int_eq(span_parse(arena, texts[_i].text, &span), is_span);
    ck_assert_int_eq(span.months, wanted->months);
    ck_assert_int_eq(span.days, wanted->days);
    ck_assert_int_eq(span.seconds, wanted->seconds);
}
END_TEST

static const struct {
    const char *first;
    const char *span;
    int64_t times;
    const char *result; /* NULL: none */
} moves[] = {
    { "2026-01-31T00:00:00Z", "P1D", 0, "2026-01-31T00:00:00Z" },
    { "2026-01-31T00:00:00Z", "P1D", 1, "2026-02-01T00:00:00Z" },
    { "2026-01-31T00:00:00Z", "P1M", 1, "2026-02-28T00:00:00Z" },
    { "2026-01-31T00:00:00Z", "P1M", 2, "2026-03-31T00:00:00Z" },
    { "2024-02-29T00:00:00Z", "P1Y", 1, "2025-02-28T00:00:00Z" },
    { "2024-02-29T00:00:00Z", "P1Y", 4, "2028-02-29T00:00:00Z" },
    { "2026-12-31T23:59:59Z", "PT1M", 1, "2027-01-01T00:00:59Z" },
    { "1969-12-31T23:00:00Z", "PT2H", 1, "1970-01-01T01:00:00Z" },
    { "1900-03-31T05:00:00Z", "P1M1DT1H", 1, "1900-05-01T06:00:00Z" },
    { "2026-01-01T00:30:00.5+02:00", "PT36H", 3, "2026-01-05T10:30:00.5Z" },
    { "2026-01-01T00:30:00-05:30", "P1D", 1, "2026-01-02T06:00:00Z" },
    { "9999-12-31T00:00:00Z", "P1D", 1, NULL },
    { "9999-12-31T00:00:00Z", "PT23H", 1, "9999-12-31T23:00:00Z" },
    { "9999-12-31T00:00:00Z", "PT24H", 1, NULL },
    { "9999-01-01T00:00:00Z", "P1000000Y", 1000000, NULL },
};

START_TEST(so_many_spans_behind_a_first_instant)
{
    struct span span;
    int64_t at;
    ck_assert(span_read_instant(moves[_i].first, &at));
    ck_assert(span_parse(arena, moves[_i].span, &span));
    bool found = span_after(&span, at, moves[_i].times, &at);
    ck_assert_pstr_eq(found ? clock_text(arena, at) : NULL, moves[_i].result);
}
END_TEST

START_TEST(dates_and_instants_are_read)
{
    int64_t at;
    ck_assert(span_read_date("2026-11-20", &at));
    ck_assert_str_eq(clock_text(arena, at), "2026-11-20T00:00:00Z");
    ck_assert(!span_read_date("2026-02-30", &at));
    ck_assert(!span_read_date("2026-11-20T00:00:00Z", &at));
    ck_assert(span_read_instant("2026-11-20t17:31:04.250z", &at));
    ck_assert_str_eq(clock_text(arena, at), "2026-11-20T17:31:04.25Z");
    ck_assert(!span_read_instant("2026-11-20", &at));
    ck_assert(!span_read_instant("2026-11-20T17:31:04", &at));
}
END_TEST

static const struct test_case cases[] = {
    TEST_EACH(a_span_is_read, texts),
    TEST_EACH(so_many_spans_behind_a_first_instant, moves),
    TEST(dates_and_instants_are_read),
};

int main(void)
{
    return test_run_with("span", cases, sizeof cases / sizeof cases[0], make_arena, drop_arena);
}
