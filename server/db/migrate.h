/*
 * Migrations: bring the database to the form this program was written for.
 *
 * Each of migrations/ runs once, in its own transaction, under a lock so that servers starting
 * together do it one after the other; meta.migration remembers which, with the SHA-256 of its text.
 * Forward only. Called at start-up, by one thread.
 */
#ifndef ENTREPOT_DB_MIGRATE_H
#define ENTREPOT_DB_MIGRATE_H

#include "db.h"

/**
 * Run what this database has not had yet.
 *
 * Gives   how many were run; 0 when it was up to date.
 * Fails   PROBLEM_START: one was changed after it was run, the record has gaps, the database is
 *         newer than the program, or one does not run (with its line); PROBLEM_STORE: away.
 */
struct problem *migrate(struct db *db, struct arena *arena, int *out_applied) MUST_USE;

/** The same with a list of one's own, numbered from 1 and ended by number 0; migrate takes that of
 *  the program. */
struct migration;
struct problem *migrate_list(struct db *db, struct arena *arena, const struct migration *list,
                             int *out_applied) MUST_USE;

#endif
