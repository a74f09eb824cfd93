/*
 * Decimals in Postgres's binary format (groups of four digits) as text, and back; nothing is
 * rounded.
 *
 * No state; any thread.
 */
#ifndef ENTREPOT_FORMATS_DECIMAL_H
#define ENTREPOT_FORMATS_DECIMAL_H

#include "server/base/buffer.h"

#include <stdbool.h>

/**
 * Append the exact text: 12.50; NaN, INF, -INF.
 *
 * Fails   by false: the bytes are no numeric.
 */
bool decimal_write(struct buffer *out, const char *data, size_t size);

/**
 * Append the binary form of a decimal's text, with or without an exponent.
 *
 * Takes   precision, scale: of the column; precision 0 takes all that Postgres can hold.
 * Gives   NULL, or what is wrong with the text; nothing was appended then.
 */
const char *decimal_read(struct buffer *out, int precision, int scale, const char *text,
                         size_t size);

/**
 * The value times 10^scale as an integer, when that is exact.
 *
 * Takes   precision: digits it may have; words: 1, 2 or 4 of 64 bits, for 18, 38 or 76 digits.
 * Gives   two's complement, the lowest word first.
 * Fails   by saying so: DECIMAL_BEYOND is a numeric that no such integer can stand for.
 */
enum decimal_fault { DECIMAL_SOUND, DECIMAL_FOREIGN, DECIMAL_BEYOND };
enum decimal_fault decimal_scaled(const char *data, size_t size, int precision, int scale,
                                  uint64_t *out_words, int words);

/** Below 0, 0 or above 0, as two binary forms made by decimal_read compare as numbers. */
int decimal_compare(const char *left, size_t left_size, const char *right, size_t right_size);

#endif
