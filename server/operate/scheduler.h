/*
 * The scheduler: one thread per server process that fires triggers, which queue runs.
 *
 * All it knows is in meta.trigger, so a restart forgets nothing, and of several server processes
 * one fires: the row is claimed with compare and set, in the transaction that queues the runs. It
 * goes by the clock of the database, which all of them share. Between due times it sleeps; whoever
 * hears of a change wakes it, and a clock that was set is noticed within a minute.
 */
#ifndef ENTREPOT_OPERATE_SCHEDULER_H
#define ENTREPOT_OPERATE_SCHEDULER_H

#include "server/db/db.h"

struct scheduler;

struct scheduler_options {
    const char *owner_conninfo;
    size_t missed_most; /* runs that `missed: all` makes at once */
};

struct scheduler *scheduler_start(const struct scheduler_options *options);

/** Something changed. Any thread. */
void scheduler_wake(struct scheduler *scheduler);

/** Waits for the tick under way; NULL-safe. */
void scheduler_stop(struct scheduler *scheduler);

/* What one look at all triggers came to. */
struct scheduler_round {
    int64_t runs;        /* queued */
    int64_t failures;    /* triggers left as they were; logged */
    int64_t next_due_at; /* 0: no schedule is due later */
};

/**
 * Look at all triggers as of a time, and fire those that are due.
 *
 * Fails   PROBLEM_STORE: the database is away; what was fired before is.
 */
struct problem *scheduler_tick(struct db *db, struct arena *arena, int64_t now_at,
                               size_t missed_most, struct scheduler_round *out_round) MUST_USE;

#endif
