/*
 * Numbers as text: read in any spelling of OData, kept exactly, in one form.
 */
#ifndef ENTREPOT_QUERY_NUMBER_H
#define ENTREPOT_QUERY_NUMBER_H

#include "value.h"

/* Digits before and behind the point a number may have once it is written out. */
#define NUMBER_DIGITS_MAX 1000

/** The length of the number that begins text (sign, digits, fraction, exponent); 0: none does. */
size_t number_scan(const char *text, bool *out_whole);

/**
 * Read a whole text as a number.
 *
 * Gives   VALUE_INTEGER where it is written without point and exponent and fits 64 bits, otherwise
 *         VALUE_DECIMAL: plain digits, no zeros at the ends, no exponent; VALUE_DOUBLE for INF,
 *         -INF and NaN.
 * Fails   by false, with the reason.
 */
bool number_read(struct arena *arena, const char *text, size_t size, struct value *out_value,
                 const char **out_reason);

/** The integer not above a decimal, and whether it is the same; false where 64 bits do not hold it.
 */
bool number_floor(const char *decimal, int64_t *out_floor, bool *out_same);

/** The nearest double of an integer, a decimal or a double; false where it is too large. */
bool number_to_double(const struct value *number, double *out_real);

#endif
