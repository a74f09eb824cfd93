/*
 * Dates, times of day and timestamps as text, and back.
 *
 * Values are Postgres's: days since 2000-01-01, microseconds of a day, microseconds since
 * 2000-01-01 in UTC. Writers put text at `to` (which has MOMENT_TEXT bytes) and give the place
 * behind it, without a NUL, or NULL for a value no date or timestamp can have. Readers take exactly
 * size bytes and give NULL, or what is wrong with them. No state but the caller's memory of the
 * last date.
 */
#ifndef ENTREPOT_FORMATS_MOMENT_H
#define ENTREPOT_FORMATS_MOMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MOMENT_TEXT 64

/* The date written last: neighbouring rows often have the same. All zero to begin with. */
struct moment_date {
    int32_t days;
    bool known;
    bool before_christ;
    uint8_t size;
    char text[20];
};

/** 2026-11-20; years before 1 as Postgres has them: 0044-03-15 BC; infinity, -infinity. */
char *moment_write_date(struct moment_date *last, char *to, int32_t days);

/** 17:31:04.123456; trailing zeros of the fraction and an empty fraction are left out. */
char *moment_write_time(char *to, int64_t us);

/** 2026-11-20T17:31:04.123456Z; infinity, -infinity. */
char *moment_write_timestamp(struct moment_date *last, char *to, int64_t at);

/** YYYY-MM-DD, years 1 to 9999. */
const char *moment_read_date(const char *text, size_t size, int32_t *out_days);

/** HH:MM:SS, with a fraction of at most six digits that are not zero; 24:00:00 ends the day. */
const char *moment_read_time(const char *text, size_t size, int64_t *out_us);

/** As RFC 3339 has it: a date, T or a space, a time, and Z or an offset (+02:00, +0200, +02). */
const char *moment_read_timestamp(const char *text, size_t size, int64_t *out_at);

#endif
