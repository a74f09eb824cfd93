/*
 * The log line of a request, written at its end: one JSON object.
 *
 * Each loop gathers the lines of one turn and writes them together: a line never mixes with those
 * of other threads, as a write stays below what the system keeps whole. Owned by its loop thread.
 */
#ifndef ENTREPOT_HTTP_ACCESSLOG_H
#define ENTREPOT_HTTP_ACCESSLOG_H

#include "server/base/buffer.h"
#include "server/base/problem.h"

struct access_log {
    struct buffer lines;
    int64_t second; /* since 1970, that `stamp` was made for */
    char stamp[24]; /* 2026-11-20T17:31:04 */
};

struct access_entry {
    const char *trace_id;
    const char *method;
    const char *route;   /* its pattern; NULL where none was found */
    const char *subject; /* NULL: nobody */
    const char *ended;   /* why it ended early; NULL when it did not */
    int status;
    uint64_t bytes;
    int64_t duration_us;
    int64_t db_us; /* -1: not known */
    const struct problem *problem;
};

void access_log_add(struct access_log *log, const struct access_entry *entry);
void access_log_flush(struct access_log *log);
void access_log_clear(struct access_log *log);

#endif
