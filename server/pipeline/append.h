/*
 * Appending: a snapshot of the segments before and a new one; for publish.c and verify.c only.
 *
 * Segments are shared with the snapshots before, never changed. When there would be too many, or
 * the contract has grown since they were made, they are written anew as one.
 */
#ifndef ENTREPOT_PIPELINE_APPEND_H
#define ENTREPOT_PIPELINE_APPEND_H

#include "run_parts.h"

/* A snapshot of more segments is slow to plan: 64 was measured to cost nothing yet. */
#define APPEND_MOST_SEGMENTS 64

struct appended {
    const int64_t *segments;
    size_t segment_count;
    int64_t rows;
    int64_t bytes;
    const char *sha256; /* of the digests of the snapshot before and of the new segment */
};

/** What the next snapshot is made of. Compacts in a transaction of its own where it is due. */
struct problem *append_segments(struct run *run, const struct output_pin *output,
                                const struct made *made, struct appended *out_appended) MUST_USE;

/**
 * Are the keys of a new segment new?
 * Fails   PROBLEM_CONTRACT: rows with the same key, or unique value, are in the dataset already.
 */
struct problem *append_check(struct run *run, const struct output_pin *output,
                             const struct made *made) MUST_USE;

#endif
