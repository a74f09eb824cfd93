#include "accesslog.h"

#include "digits.h"

#include "server/base/clock.h"
#include "server/base/log.h"
#include "server/base/text.h"

#include <limits.h>
#include <string.h>

static void add_name(struct buffer *lines, const char *name)
{
    buffer_add(lines, ",\"", 2);
    buffer_add_text(lines, name);
    buffer_add(lines, "\":", 2);
}

static void add_text(struct buffer *lines, const char *name, const char *text)
{
    if (!text)
        return;
    add_name(lines, name);
    size_t size = strlen(text);
    if (text_is_utf8(text, size))
        buffer_add_json_string(lines, text, size);
    else
        buffer_add_text(lines, "\"(not UTF-8)\"");
}

static void add_number(struct buffer *lines, const char *name, uint64_t number)
{
    add_name(lines, name);
    char *out = buffer_room(lines, 24);
    lines->size += (size_t)(digits_add(out, number) - out);
}

static void add_ms(struct buffer *lines, const char *name, int64_t us)
{
    add_name(lines, name);
    char *out = buffer_room(lines, 24);
    lines->size += (size_t)(digits_add_ms(out, us) - out);
}

static void add_time(struct access_log *log)
{
    int64_t now_us = clock_now();
    int64_t second = now_us / 1000000;
    if (second != log->second) {
        CLEANUP(arena_free_at) struct arena *arena = arena_new(64);
        const char *text = clock_text(arena, second * 1000000);
        size_t size = strlen(text) - 1; /* without the Z */
        memcpy(log->stamp, text, size < sizeof log->stamp ? size : sizeof log->stamp - 1);
        log->second = second;
    }
    int ms = (int)(now_us / 1000 % 1000);
    const char places[] = { '.', (char)('0' + ms / 100), (char)('0' + ms / 10 % 10),
                            (char)('0' + ms % 10) };
    buffer_add_text(&log->lines, "{\"time\":\"");
    buffer_add_text(&log->lines, log->stamp);
    buffer_add(&log->lines, places, sizeof places);
    buffer_add(&log->lines, "Z\"", 2);
}

void access_log_add(struct access_log *log, const struct access_entry *entry)
{
    if (!log_is_on(LOG_INFO))
        return;
    size_t start = log->lines.size;
    struct buffer *lines = &log->lines;
    add_time(log);
    buffer_add_text(lines, ",\"level\":\"info\",\"event\":\"request\"");
    add_text(lines, "trace", entry->trace_id);
    add_text(lines, "method", entry->method);
    add_text(lines, "route", entry->route);
    add_number(lines, "status", (uint64_t)entry->status);
    add_number(lines, "bytes", entry->bytes);
    add_ms(lines, "ms", entry->duration_us);
    if (entry->db_us >= 0)
        add_ms(lines, "db_ms", entry->db_us);
    add_text(lines, "subject", entry->subject);
    add_text(lines, "ended", entry->ended);
    if (entry->problem) {
        add_text(lines, "problem", entry->problem->kind->slug);
        add_text(lines, "cause", entry->problem->cause);
    }
    buffer_add_text(lines, "}\n");
    if (lines->size <= PIPE_BUF)
        return;
    /* what was gathered before stays whole; this line goes on the next write */
    size_t line = lines->size - start;
    log_write(lines->data, start);
    memmove(lines->data, lines->data + start, line);
    lines->size = line;
}

void access_log_flush(struct access_log *log)
{
    log_write(log->lines.data, log->lines.size);
    buffer_reset(&log->lines);
}

void access_log_clear(struct access_log *log)
{
    buffer_clear(&log->lines);
}
