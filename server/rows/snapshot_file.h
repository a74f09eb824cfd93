/*
 * Files of snapshots: all rows and columns of one as Parquet, made once and kept.
 *
 *     DIR/files/SHA256.parquet   the bytes, under their own digest; equal ones are kept once
 *     DIR/files/ID-HASH          of a snapshot: a symbolic link to its bytes
 *     DIR/files/tmp-…            being written
 *
 * A name of ours appears only when what it names is whole and on the disk, so that what is found is
 * right, also after a crash. Each server has files of its own, or shares the folder with others;
 * what was lost is made again. A file holds what some may not see: who asks has looked at the
 * access rules. Any thread may call; the folder is fixed from open to close.
 */
#ifndef ENTREPOT_ROWS_SNAPSHOT_FILE_H
#define ENTREPOT_ROWS_SNAPSHOT_FILE_H

#include "server/base/digest.h"
#include "server/model/catalogue.h"

struct snapshot_files;

/** Takes data_dir: it is there. Fails PROBLEM_START: the folder can be neither made nor used. */
struct problem *snapshot_files_open(struct arena *arena, const char *data_dir,
                                    struct snapshot_files **out_files) MUST_USE;
void snapshot_files_close(struct snapshot_files *files);

struct snapshot_file {
    int fd; /* to read from; the caller's to close */
    int64_t bytes;
    unsigned char sha256[DIGEST_BYTES];
};

/** Open the file of a snapshot, if it was made. Reads a name of the folder, no rows: the READ lane
 * may ask. */
bool snapshot_file_find(const struct snapshot_files *files, struct arena *arena,
                        const struct catalogue_snapshot *snapshot, struct snapshot_file *out_file);

/** Is a thread of this process making it now? */
bool snapshot_file_is_being_made(struct snapshot_files *files, struct arena *arena,
                                 const struct catalogue_snapshot *snapshot);

/**
 * Open the file of a snapshot; it is made if it is not there, at constant memory. Waits for a
 * thread that is making the same.
 *
 * Takes   db: not in a transaction.
 * Fails   PROBLEM_SNAPSHOT_RETIRED: its tables were dropped meanwhile; PROBLEM_NOT_ACCEPTABLE:
 *         Parquet cannot hold a value; PROBLEM_STORE; PROBLEM_INTERNAL: it cannot be written.
 */
struct problem *snapshot_file_make(struct snapshot_files *files, struct db *db, struct arena *arena,
                                   const struct catalogue_snapshot *snapshot,
                                   struct snapshot_file *out_file) MUST_USE;

/**
 * Remove the files of snapshots that are gone, and what a crash has left.
 *
 * Gives   *out_removed: names of snapshots that were taken away.
 * Fails   PROBLEM_INTERNAL: the folder cannot be read.
 */
struct problem *snapshot_files_collect(struct snapshot_files *files, struct arena *arena,
                                       const struct catalogue *catalogue,
                                       int64_t *out_removed) MUST_USE;

#endif
