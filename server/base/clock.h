/*
 * Time: instants are microseconds since 1970 in UTC (int64_t, names end in _at), spans are
 * monotonic milliseconds. Dates are days since 1970-01-01, proleptic Gregorian. Any thread may
 * call.
 */
#ifndef ENTREPOT_BASE_CLOCK_H
#define ENTREPOT_BASE_CLOCK_H

#include "arena.h"

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/** Now, microseconds since 1970 in UTC; jumps when the clock is set. */
int64_t clock_now(void);

/** Milliseconds and microseconds that never jump; only differences mean something. */
int64_t clock_monotonic_ms(void);
int64_t clock_monotonic_us(void);

/** The monotonic time so many milliseconds from now (0 and more), as a wait for a condition of that
 *  clock takes it. */
struct timespec clock_monotonic_in(int64_t ms);

/** 2026-11-20T17:31:04.123456Z; trailing zeros of the fraction and an empty fraction are left out.
 */
char *clock_text(struct arena *arena, int64_t at);

/** Fri, 20 Nov 2026 17:31:04 GMT, as HTTP header fields want it. */
char *clock_http_text(struct arena *arena, int64_t at);

/** Days since 1970-01-01 of a calendar date, and back. The month is 1..12. */
int32_t clock_days(int year, int month, int day);
void clock_date(int32_t days, int *out_year, int *out_month, int *out_day);

/** Is it a date of the calendar (year 1..9999)? */
bool clock_is_date(int year, int month, int day);

#endif
