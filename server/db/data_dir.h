/*
 * The data directory: made when missing, held by one server at a time, and what is in it.
 *
 *     DIR/lock           locked by the server that uses DIR; holds its process id
 *     DIR/postgres       the cluster; DIR/postgres.tmp while initdb makes it
 *     DIR/postgres.log   what Postgres says; DIR/postgres.log.1 what it said before
 *     DIR/socket         where Postgres listens, open to its user only
 *     DIR/files          files of snapshots (server/rows/snapshot_file.h)
 *
 * DIR/postgres belongs to Postgres's user, who may be another than ours: names in it are never
 * followed when we are root. Start-up and main's thread only.
 */
#ifndef ENTREPOT_DB_DATA_DIR_H
#define ENTREPOT_DB_DATA_DIR_H

#include "account.h"

/**
 * Make the directory when it is missing, and see that it can be used.
 *
 * Gives   its absolute path, without symbolic links.
 * Fails   PROBLEM_START: no directory, or not to be written.
 */
struct problem *data_dir_open(struct arena *arena, const char *path,
                              const char **out_path) MUST_USE;

/**
 * Take the lock, for as long as *out_fd is open.
 *
 * Fails   PROBLEM_START: another server holds it; the detail names its process id.
 */
struct problem *data_dir_lock(struct arena *arena, const char *path, int *out_fd) MUST_USE;

/**
 * A folder in the directory for the user alone (0700); made, or given its owner and mode again.
 *
 * Fails   PROBLEM_START.
 */
struct problem *data_dir_folder(struct arena *arena, const char *path,
                                const struct account *account) MUST_USE;

/** Remove a folder and all in it; fine when it is not there. Gives 0 or an errno. */
int data_dir_remove(const char *path);

/** The major version that made the cluster in data_path: 0 when the folder is missing or empty.
 *  Fails PROBLEM_START when something else is in it. */
struct problem *data_dir_version(struct arena *arena, const char *data_path,
                                 int64_t *out_version) MUST_USE;

/** A regular file as text, without following a link, from offset on, and only its end when more
 * than limit bytes are there; NULL when it cannot be read. */
const char *data_dir_read(struct arena *arena, const char *path, size_t limit, int64_t offset);

/** Why a file or folder of the directory cannot be used. */
struct problem *data_dir_problem(struct arena *arena, const char *path, int error);

#endif
