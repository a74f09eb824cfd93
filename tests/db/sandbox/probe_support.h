/*
 * A probe for tests of what is read from it: the statement as a view, taken back. It refuses
 * nothing, so that every shape of SQL can be tried.
 */
#ifndef ENTREPOT_TESTS_DB_SANDBOX_PROBE_SUPPORT_H
#define ENTREPOT_TESTS_DB_SANDBOX_PROBE_SUPPORT_H

#include "server/sandbox/probe.h"

/** Gives query, uses and server_version. */
struct problem *probe_any(struct db *db, struct arena *arena, const char *select,
                          struct probe *out_probe) MUST_USE;

#endif
