/*
 * Commands that are clients of a running server's control port: `entrepot run` and `entrepot plan`.
 *
 * They know nothing that another client of the port could not know. What they have to say goes to
 * standard output, progress and faults to standard error. One thread.
 */
#ifndef ENTREPOT_CLIENT_CLIENT_H
#define ENTREPOT_CLIENT_CLIENT_H

#include "server/base/problem.h"

/* How they end; scripts go by it. */
enum client_end {
    CLIENT_DONE =
        0, /* published or reused; staged, where that was asked; only queued without --follow */
    CLIENT_FAILED = 1,    /* the run failed, or was superseded */
    CLIENT_USAGE = 2,     /* the command line makes no sense */
    CLIENT_CANCELLED = 3, /* the run was cancelled */
    CLIENT_REFUSED = 4,   /* the server is away, or said no */
};

/** Takes the words behind the command; gives an enum client_end. */
int client_run(struct arena *arena, int count, char *const *words);
int client_plan(struct arena *arena, int count, char *const *words);

#endif
