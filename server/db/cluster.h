/*
 * The private Postgres cluster: made in the data directory, run as a child process, reached over a
 * unix socket only, stopped with the server.
 *
 * One server holds a data directory at a time. When the server is killed, Postgres is told by the
 * system and stops in order; when Postgres is killed, cluster_tend starts it again. All functions
 * belong to main's thread: the system ties the death of a child to the thread that forked it, so
 * starting it from a thread that ends would end Postgres too. The server becomes the reaper of
 * orphaned descendants (PR_SET_CHILD_SUBREAPER). The cluster lives in the arena it was started
 * with, which must outlive it; what it holds of the system is released by cluster_stop.
 */
#ifndef ENTREPOT_DB_CLUSTER_H
#define ENTREPOT_DB_CLUSTER_H

#include "server/base/problem.h"

#include <sys/types.h>

struct cluster;

/**
 * Start Postgres in the data directory, making both when they are missing; returns when Postgres
 * takes connections. May take minutes after a crash, while Postgres recovers; a SIGINT or SIGTERM
 * that the caller has blocked ends the wait.
 *
 * Takes   data_dir: made when missing; postgres_bin: folder of the programs, NULL to find them;
 *         min_version: oldest major version that will do.
 * Fails   PROBLEM_START: no Postgres that will do, the directory is in use or cannot be used, or
 *         Postgres does not start; the detail says what to do, the cause has the end of its log.
 */
struct problem *cluster_start(struct arena *arena, const char *data_dir, const char *postgres_bin,
                              int64_t min_version, struct cluster **out_cluster) MUST_USE;

/** Keywords for libpq to connect as role to database. */
const char *cluster_conninfo(const struct cluster *cluster, struct arena *arena, const char *role,
                             const char *database);

/** The same for the cluster's administrator, who may do anything. */
const char *cluster_admin_conninfo(const struct cluster *cluster, struct arena *arena);

/** The absolute path of the data directory. */
const char *cluster_data_dir(const struct cluster *cluster);

/** Does it take connections, as far as the last cluster_tend saw? */
bool cluster_is_alive(const struct cluster *cluster);

/** The process id of Postgres, 0 when it does not run. */
pid_t cluster_pid(const struct cluster *cluster);

/**
 * Once a second: start Postgres again when it ended by itself (after a pause that grows up to half
 * a minute), keep its log short, reap orphans. Does not wait. Logs what it does.
 */
void cluster_tend(struct cluster *cluster, struct arena *arena);

/** Stop Postgres: connections are ended, all is written; killed when that takes longer than half a
 *  minute. Lets go of the data directory. NULL is fine. */
void cluster_stop(struct cluster *cluster);

#endif
