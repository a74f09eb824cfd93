/*
 * Due times of a schedule: which are to be run now, which are left out, and when the next one
 * comes.
 *
 * Usually one due time has just passed. More have when nobody was there to see them: the server was
 * down, or the run before took longer than the schedule is wide. Pure; any thread may call.
 */
#ifndef ENTREPOT_MODEL_SCHEDULE_H
#define ENTREPOT_MODEL_SCHEDULE_H

#include "trigger.h"

/* A due time seen so late is missed. */
#define SCHEDULE_LATE_MS 60000

/* What was due so long ago is forgotten, whatever the policy. */
#define SCHEDULE_FORGET_DAYS 400

struct schedule_dues {
    const int64_t *list; /* to be run, oldest first */
    size_t count;
    int64_t last_at;  /* the latest that has passed; 0: none has */
    int64_t next_at;  /* 0: none ever comes */
    int64_t left_out; /* passed, and not in the list */
};

/**
 * Takes   zone: known from SCHEDULE_FORGET_DAYS before now_at on.
 *         due_at: the first that was not looked at yet; most: of a list by TRIGGER_ALL, the latest
 *         are kept.
 */
struct schedule_dues schedule_dues(struct arena *arena, const struct cron *cron,
                                   const struct zone *zone, enum trigger_missed missed,
                                   int64_t due_at, int64_t now_at, size_t most);

#endif
