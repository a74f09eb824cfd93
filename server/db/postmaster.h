/*
 * What is known from outside about the Postgres of a data folder: its postmaster.pid, and the
 * processes that work in the folder.
 *
 * Postgres is watched by its pid file, not by connecting, which would fill its log with refusals
 * while it recovers. A process belongs to the folder when its program is `postgres` and its working
 * directory is the folder. Nothing is owned here; main's thread only.
 */
#ifndef ENTREPOT_DB_POSTMASTER_H
#define ENTREPOT_DB_POSTMASTER_H

#include "server/base/problem.h"

#include <sys/types.h>

enum postmaster_state {
    POSTMASTER_UNKNOWN,
    POSTMASTER_STARTING,
    POSTMASTER_READY,
    POSTMASTER_STOPPING
};

struct postmaster {
    pid_t pid;
    enum postmaster_state state;
    const char *socket_dir; /* "" when not written yet */
};

/** Read DATA/postmaster.pid; false when there is none or it cannot be understood. */
bool postmaster_read(struct arena *arena, const char *data_path, struct postmaster *out);

/** Is the process alive (a zombie is not), and one of the folder? */
bool postmaster_is_alive(const char *data_path, pid_t pid);

/** Signal every process of the folder but `except`; gives how many there are. */
size_t postmaster_signal(const char *data_path, pid_t except, int signal);

/**
 * Make the folder ready for a new Postgres: see that no other serves it (waiting for one that is
 * stopping), end what a killed one left running, and remove its pid file.
 *
 * Gives   whether Postgres was not stopped in order, so that it has to recover, and the folder of
 *         the socket it had ("" when unknown).
 * Fails   PROBLEM_START: a Postgres that is not ours serves the folder, or cannot be ended.
 */
struct problem *postmaster_settle(struct arena *arena, const char *data_path,
                                  bool *out_must_recover, const char **out_socket_dir) MUST_USE;

/** The program's name of a process of ours that has ended and was not waited for; "" when unknown.
 */
const char *postmaster_program(struct arena *arena, pid_t pid);

#endif
