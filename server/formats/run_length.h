/*
 * Small numbers as Parquet packs them: runs of one value, and groups of eight with a few bits each.
 *
 * No state; any thread.
 */
#ifndef ENTREPOT_FORMATS_RUN_LENGTH_H
#define ENTREPOT_FORMATS_RUN_LENGTH_H

#include "server/base/buffer.h"

/** Takes values: below 2^width each; width: 1..16. */
void run_length_write(struct buffer *out, const uint16_t *values, size_t count, unsigned width);

/** The same for one value, so many times. */
void run_length_repeat(struct buffer *out, uint16_t value, size_t count, unsigned width);

/** Bits that numbers up to a largest one need; at least 1. */
unsigned run_length_width(unsigned largest);

#endif
