/*
 * A span of time as people name it, a month or an hour, and the dates and instants that lie so many
 * of them behind a first one. Plain data; any thread may call.
 */
#ifndef ENTREPOT_MODEL_SPAN_H
#define ENTREPOT_MODEL_SPAN_H

#include "server/base/arena.h"

#include <stdbool.h>
#include <stdint.h>

/* Months have no fixed length, so they are kept apart. Nothing is negative. */
struct span {
    int64_t months;
    int64_t days;
    int64_t seconds;
};

/** Read P1D, P2W, P1Y6M or PT15M (ISO 8601), or `1 day`, `15 minutes`. False: it is no span, or
 *  nothing. */
bool span_parse(struct arena *arena, const char *text, struct span *out_span);

/** Read 2026-11-20, or 2026-11-20T17:31:04Z with any offset, as microseconds since 1970. */
bool span_read_date(const char *text, int64_t *out_at);
bool span_read_instant(const char *text, int64_t *out_at);

/**
 * The instant so many spans behind a first one, reckoned from the first: the 31st, and the last of
 * shorter months. False: it is outside the years 1 to 9999.
 */
bool span_after(const struct span *span, int64_t first_at, int64_t times, int64_t *out_at);

#endif
