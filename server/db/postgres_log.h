/*
 * What Postgres says: a file in the data directory, kept short, quoted when Postgres does not
 * start.
 *
 * The struct is plain; its descriptor is open from postgres_log_open to postgres_log_close. Main's
 * thread only.
 */
#ifndef ENTREPOT_DB_POSTGRES_LOG_H
#define ENTREPOT_DB_POSTGRES_LOG_H

#include "server/base/problem.h"

struct postgres_log {
    const char *path;
    int fd;        /* appends; -1 when closed */
    int64_t start; /* where the words of the present start begin */
};

/**
 * Open the log; one that is too long is moved aside.
 *
 * Fails   PROBLEM_START.
 */
struct problem *postgres_log_open(struct arena *arena, const char *path,
                                  struct postgres_log *out_log) MUST_USE;
void postgres_log_close(struct postgres_log *log);

/** What comes from now on belongs to a new start. */
void postgres_log_mark(struct postgres_log *log);

/** Copy a log that has grown too long to PATH.1 and empty it. */
void postgres_log_tend(struct postgres_log *log);

/** PROBLEM_START: what happened, the reason where it is a common one, the end of the log as cause.
 */
struct problem *postgres_log_problem(struct arena *arena, const struct postgres_log *log,
                                     const char *what, ...) PRINTF_LIKE(3, 4);

#endif
