/*
 * Files of snapshots: all rows and columns of one in a format, as they are or in a content coding,
 * each made once, when it is first asked for, and kept.
 *
 *     DIR/files/SHA256.csv.gz    the bytes, under their own digest; equal ones are kept once
 *     DIR/files/ID-HASH.csv.gz   of a snapshot: a symbolic link to its bytes
 *     DIR/files/tmp-…            being written
 *
 * A name of ours appears only when what it names is whole and on the disk, so that what is found is
 * right, also after a crash. Each server has files of its own, or shares the folder with others;
 * what was lost, or had to make room, is made again. A file holds what some may not see: who asks
 * has looked at the access rules. Any thread may call; the folder is fixed from open to close.
 */
#ifndef ENTREPOT_ROWS_SNAPSHOT_FILE_H
#define ENTREPOT_ROWS_SNAPSHOT_FILE_H

#include "server/base/digest.h"
#include "server/model/catalogue.h"
#include "snapshot_form.h"

struct snapshot_files;

/**
 * Takes   data_dir: it is there; most_bytes: that the files may have together; when they have more,
 *         those go that were asked for longest ago. 0 is any.
 * Fails   PROBLEM_START: the folder can be neither made nor used.
 */
struct problem *snapshot_files_open(struct arena *arena, const char *data_dir, int64_t most_bytes,
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
                        const struct catalogue_snapshot *snapshot, struct snapshot_form form,
                        struct snapshot_file *out_file);

/** What is known of the file of a snapshot, if it was made: no fd. It is not asked for by this. */
bool snapshot_file_look(const struct snapshot_files *files, struct arena *arena,
                        const struct catalogue_snapshot *snapshot, struct snapshot_form form,
                        struct snapshot_file *out_file);

/** Is a thread of this process making it now? */
bool snapshot_file_is_being_made(struct snapshot_files *files, struct arena *arena,
                                 const struct catalogue_snapshot *snapshot,
                                 struct snapshot_form form);

/**
 * Open the file of a snapshot; it is made if it is not there, at constant memory, and a coded one
 * from the one that is not. Waits for a thread that is making the same.
 *
 * Takes   db: not in a transaction.
 * Fails   PROBLEM_SNAPSHOT_RETIRED: its tables were dropped meanwhile; PROBLEM_NOT_ACCEPTABLE:
 *         the
 *         format cannot hold a value; PROBLEM_STORE; PROBLEM_INTERNAL: it cannot be written.
 */
struct problem *snapshot_file_make(struct snapshot_files *files, struct db *db, struct arena *arena,
                                   const struct catalogue_snapshot *snapshot,
                                   struct snapshot_form form,
                                   struct snapshot_file *out_file) MUST_USE;

/**
 * Remove the files of snapshots that are gone, what a crash has left, and what takes too much
 * space.
 *
 * Gives   *out_removed: names of snapshots that were taken away, and files that made room.
 * Fails   PROBLEM_INTERNAL: the folder cannot be read.
 */
struct problem *snapshot_files_collect(struct snapshot_files *files, struct arena *arena,
                                       const struct catalogue *catalogue,
                                       int64_t *out_removed) MUST_USE;

#endif
