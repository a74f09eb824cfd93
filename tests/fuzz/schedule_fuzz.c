/* Cron expressions and spans of time: what is read goes on forward, and has a next time at all. */
#include "fuzz.h"
#include "server/model/cron.h"
#include "server/model/span.h"

#include <assert.h>
#include <string.h>

#define MINUTE_US INT64_C(60000000)
#define DAY_US (1440 * MINUTE_US)
#define NEAR_US (INT64_C(1767225600) * 1000000) /* 2026-01-01 */

/* An hour forth and back, and a day left out. */
static const struct zone_change changes[] = {
    { 0, 3600 },
    { NEAR_US + 80 * DAY_US, 7200 },
    { NEAR_US + 300 * DAY_US, 3600 },
    { NEAR_US + 400 * DAY_US, 3600 + 86400 },
};
static const struct zone zone = { changes, sizeof changes / sizeof changes[0] };

static void check_cron(struct arena *arena, const char *text)
{
    struct cron cron;
    const char *reason;
    if (!cron_parse(arena, text, &cron, &reason)) {
        assert(*reason);
        return;
    }
    int64_t at = NEAR_US;
    int64_t utc_at = NEAR_US;
    for (int i = 0; i < 50; i++) {
        int64_t before_at = at;
        int64_t utc_before_at = utc_at;
        assert(cron_next(&cron, &zone, at, &at) && at > before_at && at % MINUTE_US == 0);
        assert(cron_next(&cron, &zone_utc, utc_at, &utc_at) && utc_at > utc_before_at);
        /* an instant just before is followed by the same */
        int64_t again_at;
        assert(cron_next(&cron, &zone, at - 1, &again_at) && again_at == at);
    }
}

static void check_span(struct arena *arena, const char *text)
{
    struct span span;
    int64_t at;
    if (!span_parse(arena, text, &span))
        return;
    assert(span.months >= 0 && span.days >= 0 && span.seconds >= 0);
    for (int64_t times = 1; times <= 1000000; times *= 10)
        if (span_after(&span, NEAR_US, times, &at))
            assert(at > NEAR_US);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    int64_t at;
    const char *text = arena_copy(arena, data, size);
    check_cron(arena, text);
    check_span(arena, text);
    /* either answer is right */
    (void)span_read_date(text, &at);
    (void)span_read_instant(text, &at);
    (void)zone_is_name(text);
    return 0;
}
