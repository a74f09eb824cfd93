/* A file that holds what another one does, in a content coding. One thread; the descriptors are the
 * caller's. */
#ifndef ENTREPOT_ROWS_CODED_FILE_H
#define ENTREPOT_ROWS_CODED_FILE_H

#include "server/base/digest.h"
#include "server/http/coding.h"

/**
 * Write all of one file into another, coded, at constant memory.
 *
 * Takes   from: read from its start, wherever it stands; to: written from where it stands, and
 *         not synced.
 * Gives   bytes and digest of what was written.
 * Fails   PROBLEM_INTERNAL: it cannot be read, coded or written.
 */
struct problem *coded_file_write(struct arena *arena, enum coding coding, int from, int to,
                                 int64_t *out_bytes,
                                 unsigned char out_sha256[DIGEST_BYTES]) MUST_USE;

#endif
