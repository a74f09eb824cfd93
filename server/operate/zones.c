#include "zones.h"

#include "server/model/schedule.h"
#include "sql.h"

#include <string.h>

#define DAY_US INT64_C(86400000000)

/* So far ahead rules of zones are asked for. Due times are computed again every day, so one that
 * lies further ahead is right when it comes. */
#define AHEAD_DAYS 800

struct known_zone {
    struct known_zone *next;
    const char *name;
    struct zone zone;
};

struct zones {
    struct arena *arena;
    int64_t from_at;
    int64_t to_at;
    struct known_zone *first;
};

struct zones *zones_new(struct arena *arena, int64_t now_at)
{
    struct zones *zones = arena_new_of(arena, struct zones);
    zones->arena = arena;
    zones->from_at = now_at - now_at % DAY_US - (SCHEDULE_FORGET_DAYS + 2) * DAY_US;
    zones->to_at = now_at + AHEAD_DAYS * DAY_US;
    return zones;
}

struct change_rows {
    struct arena *arena;
    struct zone_change change;
    struct zone_change *list;
    size_t count;
};

static struct problem *note_change(void *context)
{
    struct change_rows *rows = context;
    rows->list = arena_grown(rows->arena, rows->list, rows->count, sizeof *rows->list);
    rows->list[rows->count++] = rows->change;
    return NULL;
}

struct problem *zones_find(struct zones *zones, struct db *db, const char *name,
                           const struct zone **out_zone)
{
    if (strcmp(name, "UTC") == 0) {
        *out_zone = &zone_utc;
        return NULL;
    }
    struct known_zone *known = zones->first;
    while (known && strcmp(known->name, name) != 0)
        known = known->next;
    if (!known) {
        struct change_rows rows = { .arena = zones->arena };
        const struct db_param in[] = { db_text(name), db_time(zones->from_at),
                                       db_time(zones->to_at) };
        const struct db_column out[] = { db_to_time(&rows.change.at),
                                         db_to_int64(&rows.change.offset_s) };
        TRY(db_each(db, zones->arena, &sql_zone_changes, in, COUNT(in), out, COUNT(out),
                    note_change, &rows));
        known = arena_new_of(zones->arena, struct known_zone);
        *known = (struct known_zone){ zones->first,
                                      arena_text(zones->arena, name),
                                      { rows.list, rows.count } };
        zones->first = known;
    }
    *out_zone = &known->zone;
    return NULL;
}
