/*
 * Numbers as text without printf, for what is written with every answer: its log line and timing.
 *
 * Each writes to out, which has room for 24 bytes, and gives the end; no NUL is written.
 */
#ifndef ENTREPOT_HTTP_DIGITS_H
#define ENTREPOT_HTTP_DIGITS_H

#include <stdint.h>

char *digits_add(char *out, uint64_t number);

/** Microseconds as milliseconds with three places: 1.234. Below zero is zero. */
char *digits_add_ms(char *out, int64_t us);

#endif
