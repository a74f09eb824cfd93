#include "sink.h"

#include "server/base/text.h"
#include "wire.h"

#include <assert.h>

void sink_init(struct sink *sink, struct arena *arena, const struct intake_options *options)
{
    assert(options->columns->count + 2 <= INT16_MAX); /* the count of a row's values */
    *sink = (struct sink){ .arena = arena, .columns = options->columns, .prefix = options->prefix };
    int64_t limit = options->max_faults < INT32_MAX ? options->max_faults : INT32_MAX;
    faults_init(&sink->faults, arena, limit > 0 ? (int)limit : 1);
    sink->rules = arena_array_of(arena, struct value_rules, options->columns->count);
    for (size_t i = 0; i < options->columns->count; i++)
        value_rules_init(arena, &options->columns->list[i], (int)options->max_depth,
                         &sink->rules[i]);
}

void sink_begin(struct sink *sink)
{
    /* the signature, no flags, no header extension */
    static const char header[] = "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0";
    buffer_add(sink->out, header, 19);
}

void sink_end(struct sink *sink)
{
    buffer_add(sink->out, "\377\377", 2);
}

static void add_int64(struct buffer *out, int64_t value)
{
    char *to = buffer_room(out, 12);
    wire_put32(to, 8);
    wire_put64(to + 4, (uint64_t)value);
    out->size += 12;
}

void sink_row_begin(struct sink *sink, int64_t line)
{
    sink->rows++;
    sink->line = line;
    sink->start = sink->out->size;
    sink->row_faulty = false;
    size_t count = sink->columns->count + (sink->prefix ? 2 : 0);
    wire_put16(buffer_room(sink->out, 2), (uint16_t)count);
    sink->out->size += 2;
    if (!sink->prefix)
        return;
    add_int64(sink->out, sink->prefix->delivery);
    add_int64(sink->out, sink->rows);
}

static struct problem *value_fault(struct sink *sink, const struct column *column,
                                   struct value_text value, const char *wrong)
{
    if (value.form == VALUE_NULL) {
        sink_row_fault(sink, column->name, "a value %s", wrong);
        return NULL;
    }
    sink->out->size = sink->start;
    if (value.size && memchr(value.at, '\0', value.size))
        return sink_unreadable(sink, sink->line, column->name, "a value has a NUL byte");
    if (!text_is_utf8(value.at, value.size))
        return sink_unreadable(sink, sink->line, column->name, "a value is not UTF-8");
    sink_row_fault(sink, column->name, "%s %s", value_shown(sink->arena, value), wrong);
    return NULL;
}

struct problem *sink_value(struct sink *sink, size_t column, struct value_text value)
{
    const char *wrong = value_write(&sink->rules[column], value, sink->arena, sink->out);
    if (!wrong)
        return NULL;
    return value_fault(sink, &sink->columns->list[column], value, wrong);
}

void sink_row_fault(struct sink *sink, const char *path, const char *reason, ...)
{
    sink->row_faulty = true;
    va_list arguments;
    va_start(arguments, reason);
    const char *text = arena_vprint(sink->arena, reason, arguments);
    va_end(arguments);
    faults_add(&sink->faults, NULL, sink->line, path, "row %lld: %s", (long long)sink->rows, text);
}

struct problem *sink_row_end(struct sink *sink)
{
    if (!sink->row_faulty) {
        sink->accepted++;
        return NULL;
    }
    sink->out->size = sink->start;
    return sink->faults.count >= sink->faults.limit ? sink_problem(sink) : NULL;
}

struct problem *sink_problem(struct sink *sink)
{
    const struct problem_fault *first = sink->faults.first;
    if (!first)
        return NULL;
    const char *ended =
        sink->faults.count >= sink->faults.limit ? "; reading stopped at so many" : "";
    return faults_problem(&sink->faults, &PROBLEM_CONTRACT,
                          "faults found: %d, in %lld rows read; the first in line %lld%s",
                          sink->faults.count, (long long)sink->rows, (long long)first->line, ended);
}

struct problem *sink_unreadable(struct sink *sink, int64_t line, const char *path,
                                const char *reason, ...)
{
    va_list arguments;
    va_start(arguments, reason);
    const char *text = arena_vprint(sink->arena, reason, arguments);
    va_end(arguments);
    faults_add(&sink->faults, NULL, line, path, "%s", text);
    if (path)
        return faults_problem(&sink->faults, &PROBLEM_BAD_REQUEST,
                              "the body cannot be read: line %lld, column %s: %s", (long long)line,
                              path, text);
    return faults_problem(&sink->faults, &PROBLEM_BAD_REQUEST,
                          "the body cannot be read: line %lld: %s", (long long)line, text);
}
