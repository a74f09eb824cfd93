/*
 * A time zone as schedules need it: the offsets from UTC over a span of time, one after the other.
 *
 * It is plain data. Where it comes from is the caller's business: the server asks Postgres, which
 * knows the zones wherever it runs. Any thread may read.
 */
#ifndef ENTREPOT_MODEL_ZONE_H
#define ENTREPOT_MODEL_ZONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* From this instant on, local time is UTC and so many seconds. */
struct zone_change {
    int64_t at;
    int64_t offset_s;
};

/* In the order of time, at least one. Before the first change its offset holds too, and behind the
 * last one that of the last: so the list must begin before, and end behind, what is asked. */
struct zone {
    const struct zone_change *changes;
    size_t count;
};

extern const struct zone zone_utc;

/** Might it be the name of a zone: UTC, or Area/Place in letters, digits, _, + and -? */
bool zone_is_name(const char *text);

/** The change that holds at an instant, as its place in the list. */
size_t zone_find(const struct zone *zone, int64_t at);

#endif
