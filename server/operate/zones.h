/*
 * Time zones as Postgres knows them, over the span that schedules of a moment need.
 *
 * Postgres brings its zones wherever it runs; the server's own machine may have none. Each zone is
 * asked for once and kept as long as the arena. One thread.
 */
#ifndef ENTREPOT_OPERATE_ZONES_H
#define ENTREPOT_OPERATE_ZONES_H

#include "server/db/db.h"
#include "server/model/zone.h"

struct zones;

/** Takes now_at: the zones are known from SCHEDULE_FORGET_DAYS before it to two years behind it. */
struct zones *zones_new(struct arena *arena, int64_t now_at);

/**
 * The zone of a name.
 * Fails   PROBLEM_STORE: also when Postgres does not know the name.
 */
struct problem *zones_find(struct zones *zones, struct db *db, const char *name,
                           const struct zone **out_zone) MUST_USE;

#endif
