#include "log.h"

#include "buffer.h"
#include "clock.h"
#include "text.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <unistd.h>

/* The one mutable value outside struct server: written before threads start, read by all. */
static _Atomic int log_lowest = LOG_INFO;

void log_set_level(enum log_level level)
{
    atomic_store(&log_lowest, (int)level);
}

bool log_is_on(enum log_level level)
{
    return (int)level >= atomic_load(&log_lowest);
}

void log_write(const char *lines, size_t size)
{
    if (!size)
        return;
    ssize_t written = write(STDERR_FILENO, lines, size);
    (void)written; /* a log nobody can read any more must not stop the server */
}

static void add_text(struct buffer *line, const char *text)
{
    size_t size = strlen(text);
    if (text_is_utf8(text, size))
        buffer_add_json_string(line, text, size);
    else
        buffer_add_text(line, "\"(not UTF-8)\"");
}

void log_line(enum log_level level, const char *event, const struct log_member *members,
              size_t count)
{
    static const char *const levels[] = { "debug", "info", "warning", "error" };
    if (!log_is_on(level))
        return;
    CLEANUP(arena_free_at) struct arena *arena = arena_new(256);
    CLEANUP(buffer_clear) struct buffer line = { 0 };
    buffer_print(&line,
                 "{\"time\":\"%s\",\"level\":\"%s\",\"event\":", clock_text(arena, clock_now()),
                 levels[level]);
    add_text(&line, event);
    for (size_t i = 0; i < count; i++) {
        buffer_print(&line, ",\"%s\":", members[i].name);
        if (members[i].text)
            add_text(&line, members[i].text);
        else
            buffer_print(&line, "%lld", (long long)members[i].number);
    }
    buffer_add_text(&line, "}\n");
    log_write(line.data, line.size);
}

void log_message(enum log_level level, const char *event, const char *format, ...)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(512);
    va_list arguments;
    va_start(arguments, format);
    const char *message = arena_vprint(arena, format, arguments); /* once: LOG_TEXT looks twice */
    va_end(arguments);
    const struct log_member members[] = { LOG_TEXT("message", message) };
    log_line(level, event, members, COUNT(members));
}

void log_problem(const char *event, const struct problem *problem)
{
    const struct log_member members[] = { LOG_TEXT("problem", problem->kind->slug),
                                          LOG_TEXT("detail", problem->detail),
                                          LOG_TEXT("cause", problem->cause) };
    log_line(problem->kind->status >= 500 ? LOG_ERROR : LOG_WARNING, event, members,
             COUNT(members));
}
