#include "schedule.h"

#define DAY_US INT64_C(86400000000)

/* How many of the passed due times the policy wants, counted from the latest. */
static size_t wanted(enum trigger_missed missed, size_t passed, bool late, size_t most)
{
    switch (missed) {
    case TRIGGER_SKIP:
        return late ? 0 : 1;
    case TRIGGER_ALL:
        return passed < most ? passed : most;
    case TRIGGER_ONCE:
        break;
    }
    return 1;
}

/* The due times passed by now; the latest of them are in ring, at their count modulo its room. */
static size_t pass(const struct cron *cron, const struct zone *zone, int64_t due_at, int64_t now_at,
                   int64_t *ring, size_t room, int64_t *out_next_at)
{
    int64_t forgotten_at = now_at - SCHEDULE_FORGET_DAYS * DAY_US;
    size_t passed = 0;
    bool more = due_at >= forgotten_at || cron_next(cron, zone, forgotten_at, &due_at);
    while (more && due_at <= now_at) {
        ring[passed++ % room] = due_at;
        more = cron_next(cron, zone, due_at, &due_at);
    }
    *out_next_at = more ? due_at : 0;
    return passed;
}

struct schedule_dues schedule_dues(struct arena *arena, const struct cron *cron,
                                   const struct zone *zone, enum trigger_missed missed,
                                   int64_t due_at, int64_t now_at, size_t most)
{
    struct schedule_dues dues = { 0 };
    size_t room = missed == TRIGGER_ALL && most ? most : 1;
    int64_t *ring = arena_array_of(arena, int64_t, room);
    size_t passed = pass(cron, zone, due_at, now_at, ring, room, &dues.next_at);
    if (!passed)
        return dues;
    dues.last_at = ring[(passed - 1) % room];
    bool late = now_at - dues.last_at > SCHEDULE_LATE_MS * INT64_C(1000);
    dues.count = wanted(missed, passed, late, room);
    dues.left_out = (int64_t)(passed - dues.count);
    int64_t *list = arena_array_of(arena, int64_t, dues.count);
    for (size_t i = 0; i < dues.count; i++)
        list[i] = ring[(passed - dues.count + i) % room];
    dues.list = list;
    return dues;
}
