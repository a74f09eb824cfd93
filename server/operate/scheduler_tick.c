/* One look at all triggers; the thread that looks is in scheduler.c. */
#include "scheduler.h"

#include "server/base/log.h"
#include "server/model/schedule.h"
#include "sql.h"
#include "zones.h"

#include <string.h>

/* A trigger there is something to do for, as triggers_ready.sql gives it. */
struct ready {
    int64_t id, claims, workflow_id, due_at, datum_id, number, pending_run_id;
    const char *kind, *name, *parameters, *cron, *timezone, *missed, *dataset, *upstream;
};

struct ready_list {
    struct arena *arena;
    struct ready row;
    struct ready *list;
    size_t count;
};

static struct problem *note_ready(void *context)
{
    struct ready_list *ready = context;
    ready->list = arena_grown(ready->arena, ready->list, ready->count, sizeof *ready->list);
    ready->list[ready->count++] = ready->row;
    return NULL;
}

static struct problem *find_ready(struct db *db, int64_t now_at, struct ready_list *ready)
{
    struct ready *row = &ready->row;
    const struct db_param in[] = { db_time(now_at) };
    const struct db_column out[] = {
        db_to_int64(&row->id),
        db_to_text(&row->kind),
        db_to_text(&row->name),
        db_to_int64(&row->claims),
        db_to_int64(&row->workflow_id),
        db_to_text(&row->parameters),
        db_to_text(&row->cron),
        db_to_text(&row->timezone),
        db_to_text(&row->missed),
        db_to_time_or(&row->due_at, 0),
        db_to_text(&row->dataset),
        db_to_int64_or(&row->datum_id, 0),
        db_to_int64_or(&row->number, 0),
        db_to_text(&row->upstream),
        db_to_int64_or(&row->pending_run_id, 0),
    };
    return db_each(db, ready->arena, &sql_triggers_ready, in, COUNT(in), out, COUNT(out),
                   note_ready, ready);
}

/* What is to be done for one trigger, inside its transaction. */
struct firing {
    const struct ready *trigger;
    const struct schedule_dues *dues; /* NULL: it is no schedule, and makes one run */
    int64_t now_at;
    int64_t runs;
};

static struct db_param time_or_null(int64_t at)
{
    return at ? db_time(at) : db_null(DB_TIME);
}

static struct db_param number_or_null(int64_t number)
{
    return number ? db_int64(number) : db_null(DB_INT64);
}

static struct problem *claim(struct db *db, struct arena *arena, const struct firing *firing,
                             bool *out_claimed)
{
    const struct ready *trigger = firing->trigger;
    const struct schedule_dues *dues = firing->dues;
    int64_t id;
    const struct db_param in[] = {
        db_int64(trigger->id),
        db_int64(trigger->claims),
        db_time(firing->now_at),
        time_or_null(dues ? dues->next_at : 0),
        time_or_null(dues ? dues->last_at : 0),
        db_int64(dues ? dues->left_out : 0),
        number_or_null(trigger->datum_id),
        db_int64(trigger->number),
        number_or_null(trigger->pending_run_id),
    };
    const struct db_column out[] = { db_to_int64(&id) };
    return db_maybe(db, arena, &sql_trigger_claim, in, COUNT(in), out, COUNT(out), out_claimed);
}

static struct problem *add_run(struct db *db, struct arena *arena, const struct ready *trigger,
                               int64_t due_at, int64_t *out_id)
{
    const struct db_param in[] = {
        db_int64(trigger->workflow_id),
        db_text(trigger->parameters),
        db_text(trigger->kind),
        db_text(trigger->name),
        time_or_null(due_at),
        db_text(trigger->dataset),
        number_or_null(trigger->number),
        db_text(trigger->upstream),
        number_or_null(trigger->pending_run_id),
    };
    const struct db_column out[] = { db_to_int64(out_id) };
    return db_one(db, arena, &sql_trigger_run_add, in, COUNT(in), out, COUNT(out));
}

static struct problem *fire(struct db *db, struct arena *arena, void *context)
{
    struct firing *firing = context;
    const struct schedule_dues *dues = firing->dues;
    size_t count = dues ? dues->count : 1;
    bool claimed;
    bool told;
    int64_t run = 0;
    firing->runs = 0;
    TRY(claim(db, arena, firing, &claimed));
    if (!claimed || !count)
        return NULL;
    for (size_t i = 0; i < count; i++)
        TRY(add_run(db, arena, firing->trigger, dues ? dues->list[i] : 0, &run));
    const struct db_param in[] = { db_int64(firing->trigger->id), db_int64(run),
                                   db_time(firing->now_at) };
    const struct db_column out[] = { db_to_bool(&told) };
    TRY(db_one(db, arena, &sql_trigger_fired, in, COUNT(in), out, COUNT(out)));
    firing->runs = (int64_t)count;
    return NULL;
}

static struct problem *find_dues(struct zones *zones, struct db *db, struct arena *arena,
                                 const struct ready *trigger, int64_t now_at, size_t missed_most,
                                 struct schedule_dues *out_dues)
{
    struct cron cron;
    const char *reason;
    const struct zone *zone;
    int64_t due_at = trigger->due_at;
    if (!cron_parse(arena, trigger->cron, &cron, &reason))
        return problem_new(arena, &PROBLEM_INTERNAL, "the stored schedule \"%s\": %s",
                           trigger->cron, reason);
    TRY(zones_find(zones, db, trigger->timezone, &zone));
    /* one that was never computed has missed nothing */
    if (!due_at && !cron_next(&cron, zone, now_at, &due_at))
        return problem_new(arena, &PROBLEM_INTERNAL, "the stored schedule \"%s\" never comes",
                           trigger->cron);
    *out_dues = schedule_dues(arena, &cron, zone, trigger_missed_of(trigger->missed), due_at,
                              now_at, missed_most);
    return NULL;
}

static struct problem *handle(struct zones *zones, struct db *db, struct arena *arena,
                              struct firing *firing, size_t missed_most)
{
    struct schedule_dues dues;
    if (strcmp(firing->trigger->kind, "schedule") == 0) {
        TRY(find_dues(zones, db, arena, firing->trigger, firing->now_at, missed_most, &dues));
        firing->dues = &dues;
    }
    return db_transact(db, arena, fire, firing);
}

struct problem *scheduler_tick(struct db *db, struct arena *arena, int64_t now_at,
                               size_t missed_most, struct scheduler_round *out_round)
{
    struct scheduler_round round = { 0 };
    struct ready_list ready = { .arena = arena };
    struct zones *zones = zones_new(arena, now_at);
    TRY(find_ready(db, now_at, &ready));
    for (size_t i = 0; i < ready.count; i++) {
        struct firing firing = { .trigger = &ready.list[i], .now_at = now_at };
        struct problem *problem = handle(zones, db, arena, &firing, missed_most);
        round.runs += firing.runs;
        if (problem) {
            /* one that cannot be fired must not keep the others from it */
            log_problem("trigger", problem);
            round.failures++;
        }
    }
    const struct db_param in[] = { db_time(now_at) };
    const struct db_column out[] = { db_to_time_or(&round.next_due_at, 0) };
    TRY(db_one(db, arena, &sql_trigger_next_due, in, COUNT(in), out, COUNT(out)));
    *out_round = round;
    return NULL;
}
