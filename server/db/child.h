/*
 * Child processes: start a program as some user, in a session of its own, and wait for it.
 *
 * The child gets a clean environment (no PG* or ENTREPOT_* names, LC_ALL=C), no descriptors but
 * 0, 1 and 2, default signals, and dies with us: PR_SET_PDEATHSIG is set after the user was
 * changed, because changing it clears the signal. That signal is tied to the *thread* that forked,
 * so long-lived children are started by main's thread only.
 */
#ifndef ENTREPOT_DB_CHILD_H
#define ENTREPOT_DB_CHILD_H

#include "account.h"

struct child_plan {
    const char *const *arguments; /* ended by NULL; the first is the program's absolute path */
    const struct account *account;
    int output;           /* its standard output and error */
    int death_signal;     /* sent to it when the thread that started it ends */
    int64_t memory_bytes; /* most memory of its own, for each of its processes; 0: as much as we */
};

/**
 * Start it.
 *
 * Fails   PROBLEM_START: the program cannot be run, or not as that user.
 */
struct problem *child_start(struct arena *arena, const struct child_plan *plan,
                            pid_t *out_pid) MUST_USE;

/** Has it ended within timeout_ms? Reaps it then; out_status is waitpid's. */
bool child_wait(pid_t pid, int64_t timeout_ms, int *out_status);

/** How it ended: "ended with 1", "was killed by signal 9". */
const char *child_status_text(struct arena *arena, int status);

/** Signal it, and wait; false when it is still there after timeout_ms. */
bool child_end(pid_t pid, int signal, int64_t timeout_ms);

/** What a short program prints, as ourselves, at most 4 KB; NULL when it cannot be run, fails, or
 *  takes longer than ten seconds. */
const char *child_output(struct arena *arena, const char *const *arguments);

/** Wait a little between two looks at something. */
void child_pause(int milliseconds);

#endif
