/*
 * A cron expression: which minutes of a calendar are meant, and the next of them in a time zone.
 *
 *     minute hour day-of-month month day-of-week      0 6 * * 1-5
 *     @hourly @daily @midnight @weekly @monthly @yearly @annually
 *
 * Fields have numbers, names (jan, mon), lists, ranges and steps. When neither of the two fields of
 * days begins with *, a day is meant by either of them; else by both.
 *
 * Where a zone changes its offset: a schedule of every hour follows time as it passes, so it pauses
 * nowhere and an hour that comes twice counts twice. Any other follows the clock on the wall: a
 * time that is left out counts at the first moment after the gap, one that comes twice the first
 * time only. Plain data, no state; any thread may call.
 */
#ifndef ENTREPOT_MODEL_CRON_H
#define ENTREPOT_MODEL_CRON_H

#include "zone.h"

#include "server/base/arena.h"

/* No match is further away: a Sunday that is the 29th of February, over a century that leaves one
 * out. */
#define CRON_YEARS 41

struct cron {
    uint64_t minutes;
    uint32_t hours;
    uint32_t days; /* bits 1 to 31 */
    uint16_t months;
    uint8_t weekdays; /* bits 0, Sunday, to 6 */
    bool either_day;  /* a day of the month or of the week, not both */
};

/**
 * Read an expression.
 *
 * Fails   by false, with what is wrong: also when no day of any calendar is meant.
 */
bool cron_parse(struct arena *arena, const char *text, struct cron *out_cron,
                const char **out_reason);

/**
 * The first instant after another that is meant.
 *
 * Takes   zone: known from before after_at on; the last offset it has is taken to stay.
 * Fails   by false: there is none within CRON_YEARS.
 */
bool cron_next(const struct cron *cron, const struct zone *zone, int64_t after_at, int64_t *out_at);

#endif
