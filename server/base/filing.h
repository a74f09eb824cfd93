/*
 * Bytes on their way into a file: all of them are written, counted and digested.
 *
 * The struct is the caller's, the descriptor too: it is neither synced nor closed here. One thread.
 */
#ifndef ENTREPOT_BASE_FILING_H
#define ENTREPOT_BASE_FILING_H

#include "digest.h"

struct filing {
    int fd;
    int64_t bytes;
    struct digest *digest;
};

/** Begin where the descriptor stands. */
struct filing filing_begin(int fd);

/** Write all of data. Fails PROBLEM_INTERNAL: the file does not take it. */
struct problem *filing_add(struct filing *filing, struct arena *arena, const void *data,
                           size_t size) MUST_USE;

/** The digest of all that was written; no more can be. */
void filing_end(struct filing *filing, unsigned char out_sha256[DIGEST_BYTES]);

/** For CLEANUP: release the digest, also of what was given up. */
void filing_clear(struct filing *filing);

#endif
