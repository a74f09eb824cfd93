/*
 * Whole numbers and floating point numbers as text, and back.
 *
 * Writers put text at `to` (which has NUMBER_TEXT bytes) and give the place behind it, without a
 * NUL. Readers take exactly size bytes. The locale must be C, as it is when nobody sets one. No
 * state, any thread.
 */
#ifndef ENTREPOT_FORMATS_NUMBER_H
#define ENTREPOT_FORMATS_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NUMBER_TEXT 32

/** The two digits of each number from 0 to 99, one pair behind the other. */
extern const char number_pairs[201];

/** A word as it is. */
char *number_write_word(char *to, const char *word);

char *number_write_uint64(char *to, uint64_t value);
char *number_write_int64(char *to, int64_t value);

/** The shortest decimal that is read back as the same number; NaN, INF and -INF for the others. */
char *number_write_double(char *to, double value);

/** -?[0-9]+ within 64 bits. */
bool number_read_int64(const char *text, size_t size, int64_t *out_value);

/**
 * A decimal or its form with an exponent, as JSON writes it (more leading zeros are allowed).
 *
 * Fails   by false: no number, or one too large or too close to zero to be told from others.
 */
bool number_read_double(const char *text, size_t size, double *out_value);

/* The parts of -?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?, pointing into the text. */
struct number_parts {
    const char *whole; /* digits before the point */
    size_t whole_size;
    const char *fraction; /* digits behind it */
    size_t fraction_size; /* 0: none */
    int32_t exponent;     /* at most a million either way: beyond that it is cut */
    bool negative;
};
bool number_split(const char *text, size_t size, struct number_parts *out_parts);

#endif
