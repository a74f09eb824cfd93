/*
 * Where the readers put their rows: checked value by value, written as COPY BINARY, faults
 * collected.
 *
 * A row with a fault is not written, the rows around it are. One thread; everything but the output
 * buffer, which is the caller's of the moment, lives in the arena of the intake.
 */
#ifndef ENTREPOT_FORMATS_SINK_H
#define ENTREPOT_FORMATS_SINK_H

#include "intake.h"
#include "value.h"

struct sink {
    struct arena *arena;
    const struct columns *columns;
    struct value_rules *rules; /* of each column */
    const struct row_prefix *prefix;
    struct faults faults;
    struct buffer *out; /* set by the intake before each reading */
    int64_t rows;       /* begun, the present one included */
    int64_t accepted;
    int64_t line;    /* where the present row begins */
    size_t start;    /* where it begins in out */
    bool row_faulty; /* it has a fault */
};

void sink_init(struct sink *sink, struct arena *arena, const struct intake_options *options);

/** Header and trailer of COPY BINARY. */
void sink_begin(struct sink *sink);
void sink_end(struct sink *sink);

/** A row begins at a line; its values follow in the order of the columns, each of them once. */
void sink_row_begin(struct sink *sink, int64_t line);

/**
 * The value of a column. A fault of the value is kept.
 *
 * Fails   PROBLEM_BAD_REQUEST: it is not UTF-8 or has a NUL byte.
 */
struct problem *sink_value(struct sink *sink, size_t column, struct value_text value) MUST_USE;

/** A fault of the present row beside its values; path may be NULL. */
void sink_row_fault(struct sink *sink, const char *path, const char *reason, ...) PRINTF_LIKE(3, 4);

/** Fails  PROBLEM_CONTRACT: the limit of faults is reached. */
struct problem *sink_row_end(struct sink *sink) MUST_USE;

/** The problem of all faults so far; NULL when there are none. */
struct problem *sink_problem(struct sink *sink) MUST_USE;

/** The problem of bytes that cannot be read on from a line; path may be NULL. Never NULL. */
struct problem *sink_unreadable(struct sink *sink, int64_t line, const char *path,
                                const char *reason, ...) PRINTF_LIKE(4, 5) MUST_USE;

#endif
