/* The folder of snapshot_file.h: its names, and how something is put there and taken away. Any
 * thread.
 */
#ifndef ENTREPOT_ROWS_SNAPSHOT_FOLDER_H
#define ENTREPOT_ROWS_SNAPSHOT_FOLDER_H

#include "server/base/digest.h"
#include "server/model/catalogue.h"
#include "snapshot_form.h"

#define SNAPSHOT_FOLDER_NAME 128 /* bytes of the longest name, and more */

/** ID-HASH.csv.gz: of what decides the bytes, so that another database's snapshot with this id is
 * another. */
const char *snapshot_folder_name(struct arena *arena, const struct catalogue_snapshot *snapshot,
                                 struct snapshot_form form);

/** What a link names; false: there is no such link. */
bool snapshot_folder_target(int folder, const char *name, char out_target[SNAPSHOT_FOLDER_NAME]);

/** The digest in a name like SHA256.csv.gz, and how it ends; NULL: it is no such name. */
const char *snapshot_folder_digest(const char *name, unsigned char out_sha256[DIGEST_BYTES]);

/** A new file, empty, to write and read; -1 and errno when it cannot be made. */
int snapshot_folder_new(int folder, char out_name[SNAPSHOT_FOLDER_NAME]);

/** Keep what was written to a new file, under its digest, as that of a snapshot's name. False and
 *  errno when it cannot be done. */
bool snapshot_folder_keep(int folder, int fd, const char *temporary,
                          const unsigned char sha256[DIGEST_BYTES], const char *name);

/** The names that are there, in arena; the folder's own are left out. */
struct snapshot_names {
    const char **list;
    size_t count;
};
struct problem *snapshot_folder_list(int folder, struct arena *arena,
                                     struct snapshot_names *out_names) MUST_USE;

/** See snapshot_files_collect. */
struct problem *snapshot_folder_collect(int folder, struct arena *arena,
                                        const struct catalogue *catalogue,
                                        int64_t *out_removed) MUST_USE;

/** Why nothing can be written there, by errno. */
struct problem *snapshot_folder_problem(struct arena *arena);

#endif
