/* The space that the folder of snapshot_file.h takes on the disk: what was asked for longest ago
 * goes first. Any thread. */
#ifndef ENTREPOT_ROWS_SNAPSHOT_SPACE_H
#define ENTREPOT_ROWS_SNAPSHOT_SPACE_H

#include "server/base/problem.h"

#include <sys/stat.h>

/** Remember that a file is asked for now. Takes status: of fd. */
void snapshot_space_use(int fd, const struct stat *status);

/**
 * Remove files until the others have no more than these bytes; the one that was asked for last
 * stays, however large. Who has one open reads on.
 *
 * Takes   most_bytes: 0 is any.
 * Gives   *out_removed: files.
 * Fails   PROBLEM_INTERNAL: the folder cannot be read.
 */
struct problem *snapshot_space_trim(int folder, struct arena *arena, int64_t most_bytes,
                                    int64_t *out_removed) MUST_USE;

#endif
