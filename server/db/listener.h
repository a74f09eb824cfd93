/*
 * Waiting for NOTIFY: one connection that listens on a channel, for a thread that may wait.
 *
 * It connects on first use and again after it was lost. Whoever was not connected may have missed
 * something, so each new connection counts as a notification. One thread; another ends its wait by
 * making wake_fd readable.
 */
#ifndef ENTREPOT_DB_LISTENER_H
#define ENTREPOT_DB_LISTENER_H

#include "server/base/problem.h"

struct listener;

/** Takes conninfo: a URL or keywords of libpq; channel: any name. Does not connect yet. */
struct listener *listener_open(const char *conninfo, const char *channel);
void listener_close(struct listener *listener);

/**
 * Wait until something was notified since the last call.
 *
 * Takes   timeout_ms: at most so long, -1 without end; wake_fd: readable ends the wait, -1 none.
 * Gives   *out_notified: whether to look; false when the time is over or the wait was ended.
 * Fails   PROBLEM_STORE: cannot connect, at once; the caller waits before it comes again.
 */
struct problem *listener_wait(struct listener *listener, struct arena *arena, int64_t timeout_ms,
                              int wake_fd, bool *out_notified) MUST_USE;

CLEANUP_DEFINE(struct listener *, listener_close)

#endif
