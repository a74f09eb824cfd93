/*
 * The log: one JSON object per line on standard error.
 *
 * Requests log one line at their end; other lines mark lifecycle (started, migrated, draining,
 * stopped). Never a token, a body or a parameter value. A line is written with one write(2), so
 * lines of threads do not mix. Any thread may call.
 */
#ifndef ENTREPOT_BASE_LOG_H
#define ENTREPOT_BASE_LOG_H

#include "problem.h"

#include <stdint.h>

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERROR };

/* One member of a line: text, or number where text is NULL. Ends with a member without a name. */
struct log_member {
    const char *name;
    const char *text;
    int64_t number;
};

/** A text that is not known is logged as an empty one. */
static inline const char *log_text(const char *text)
{
    return text ? text : "";
}

#define LOG_TEXT(name, text)                                                                       \
    {                                                                                              \
        (name), log_text(text), 0                                                                  \
    }
#define LOG_NUMBER(name, number)                                                                   \
    {                                                                                              \
        (name), NULL, (int64_t)(number)                                                            \
    }

/** Lines below this level are left out; set once, before threads start. */
void log_set_level(enum log_level level);

/** Are lines of this level written? */
bool log_is_on(enum log_level level);

/** Write whole lines that were made elsewhere; at most PIPE_BUF bytes stay together for sure. */
void log_write(const char *lines, size_t size);

/** One line: time, level, event, then the members in their order. */
void log_line(enum log_level level, const char *event, const struct log_member *members,
              size_t count);

/** One line with a formatted message. */
void log_message(enum log_level level, const char *event, const char *format, ...)
    PRINTF_LIKE(3, 4);

/** One line for a problem that no client is told of. */
void log_problem(const char *event, const struct problem *problem);

#endif
