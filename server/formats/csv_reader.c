#include "csv_reader.h"

#include "scan.h"
#include "server/base/text.h"

#include <assert.h>

#define NONE SIZE_MAX
#define ROW_VALUES 4 /* a row may be as long as this many of the longest values */

/* Where the reader stands in the field that is not complete yet. */
enum state {
    STATE_PLAIN,  /* it has no quotes */
    STATE_QUOTED, /* behind its opening quote */
    STATE_CLOSED  /* behind a quote that may close it */
};

struct field {
    size_t start; /* of its text, in the data */
    size_t size;
    bool quoted;
    bool doubled; /* it has quotes written twice */
};

struct csv_reader {
    struct arena *arena;
    const struct columns *columns;
    struct sink *sink;
    size_t max_field;
    size_t max_row;

    bool headed;          /* the header was read */
    size_t header_count;  /* its fields */
    const char **header;  /* the column's name of each */
    size_t *field_of;     /* of each column of the contract: its field, or NONE */
    struct field *fields; /* of the present row */
    size_t capacity;      /* of fields; more are only counted */

    int64_t line;     /* of the place looked at */
    int64_t row_line; /* where the present row begins */
    int64_t field_line;
    size_t looked; /* offsets in the data: bytes before this one were looked at */
    size_t row_start;
    size_t field_start;
    size_t quote;   /* the quote that may have closed the field */
    size_t lone_cr; /* a carriage return that no line feed followed yet, or NONE */
    size_t count;   /* of fields of the present row */
    enum state state;
    bool doubled;
    const char *fault; /* the first of the row's syntax; NULL */
    size_t fault_field;
};

struct csv_reader *csv_reader_new(struct arena *arena, const struct intake_options *options,
                                  struct sink *sink)
{
    struct csv_reader *reader = arena_new_of(arena, struct csv_reader);
    reader->arena = arena;
    reader->columns = options->columns;
    reader->sink = sink;
    reader->max_field = (size_t)options->max_field;
    reader->max_row = reader->max_field * ROW_VALUES;
    reader->capacity = options->columns->count + 1;
    reader->fields = arena_array_of(arena, struct field, reader->capacity);
    reader->header = arena_array_of(arena, const char *, reader->capacity);
    reader->field_of = arena_array_of(arena, size_t, options->columns->count);
    reader->line = reader->row_line = reader->field_line = 1;
    reader->lone_cr = NONE;
    return reader;
}

/* The name of the column a field belongs to, for faults; NULL when it has none. */
static const char *field_name(const struct csv_reader *reader, size_t field)
{
    return reader->headed && field < reader->header_count ? reader->header[field] : NULL;
}

static struct problem *too_long(struct csv_reader *reader, const char *data)
{
    bool quoted = data[reader->field_start] == '"';
    return sink_unreadable(reader->sink, reader->field_line, field_name(reader, reader->count),
                           "a value has more than %zu bytes, or its row more than %zu%s",
                           reader->max_field, reader->max_row,
                           quoted ? "; it begins with a quote: is that never closed?" : "");
}

static void row_fault(struct csv_reader *reader, const char *fault)
{
    if (reader->fault)
        return;
    reader->fault = fault;
    reader->fault_field = reader->count;
}

/* A field ends before `end`. */
static struct problem *end_field(struct csv_reader *reader, const char *data, size_t end)
{
    if (reader->lone_cr != NONE)
        row_fault(reader, "a carriage return stands in a value without quotes");
    reader->lone_cr = NONE;
    struct field field = { reader->field_start, end - reader->field_start, false, reader->doubled };
    bool long_raw = field.size > reader->max_field + 2;
    if (reader->state == STATE_CLOSED) {
        if (reader->quote + 1 != end)
            row_fault(reader, "text stands behind the quote that closes a value");
        field.start++;
        field.size = reader->quote - field.start;
        field.quoted = true;
    }
    if (long_raw || field.size > reader->max_field || end - reader->row_start > reader->max_row)
        return too_long(reader, data);
    if (reader->count < reader->capacity)
        reader->fields[reader->count] = field;
    reader->count++;
    reader->field_start = end + 1;
    reader->field_line = reader->line;
    reader->state = STATE_PLAIN;
    reader->doubled = false;
    return NULL;
}

/* Make one quote of each pair, in place; gives the new size. */
static size_t undouble(char *text, size_t size)
{
    char *to = text;
    const char *end = text + size;
    for (const char *at = text; at < end;) {
        const char *quote = memchr(at, '"', (size_t)(end - at));
        size_t part = (size_t)((quote ? quote + 1 : end) - at);
        memmove(to, at, part);
        to += part;
        at += part + (quote != NULL); /* over its twin */
    }
    return (size_t)(to - text);
}

static struct value_text field_text(struct field *field, char *data)
{
    if (!field->size && !field->quoted)
        return (struct value_text){ VALUE_NULL, NULL, 0 };
    char *text = data + field->start;
    if (field->doubled) {
        field->size = undouble(text, field->size);
        field->doubled = false;
    }
    return (struct value_text){ VALUE_FIELD, text, field->size };
}

static size_t column_index(const struct csv_reader *reader, const char *name)
{
    const struct column *column = columns_find(reader->columns, name, false);
    return column ? (size_t)(column - reader->columns->list) : NONE;
}

static struct problem *take_name(struct csv_reader *reader, char *data, size_t i)
{
    struct faults *faults = &reader->sink->faults;
    struct value_text text = field_text(&reader->fields[i], data);
    if (text.form == VALUE_NULL || !text.size) {
        faults_add(faults, NULL, 1, NULL, "field %zu of the header has no name", i + 1);
        return NULL;
    }
    if (memchr(text.at, '\0', text.size) || !text_is_utf8(text.at, text.size))
        return sink_unreadable(reader->sink, 1, NULL, "the header is not UTF-8, or has a NUL byte");
    const char *name = arena_copy(reader->arena, text.at, text.size);
    size_t column = column_index(reader, name);
    if (column == NONE)
        faults_add(faults, NULL, 1, NULL, "the contract has no column %s%s",
                   value_shown(reader->arena, text),
                   memchr(text.at, ';', text.size) ? ": a comma must part the names" : "");
    else if (reader->field_of[column] != NONE)
        faults_add(faults, NULL, 1, name, "the column stands twice in the header");
    else
        reader->field_of[column] = i;
    reader->header[i] = name;
    return NULL;
}

static struct problem *take_header(struct csv_reader *reader, char *data)
{
    struct faults *faults = &reader->sink->faults;
    if (reader->fault)
        faults_add(faults, NULL, 1, NULL, "in the header, %s", reader->fault);
    for (size_t c = 0; c < reader->columns->count; c++)
        reader->field_of[c] = NONE;
    size_t kept = reader->count < reader->capacity ? reader->count : reader->capacity;
    for (size_t i = 0; i < kept; i++)
        TRY(take_name(reader, data, i));
    if (reader->count > kept)
        faults_add(faults, NULL, 1, NULL, "the header has %zu names, the contract %zu columns",
                   reader->count, reader->columns->count);
    for (size_t c = 0; c < reader->columns->count; c++)
        if (reader->columns->list[c].required && reader->field_of[c] == NONE)
            faults_add(faults, NULL, 1, reader->columns->list[c].name,
                       "the column is required, but not in the header");
    reader->headed = true;
    reader->header_count = reader->count;
    return faults_problem(faults, &PROBLEM_CONTRACT, "the header does not fit the contract");
}

/* Is it a line without anything? With one column it is a NULL, where that may be. */
static bool is_blank(const struct csv_reader *reader)
{
    if (reader->count != 1 || reader->fields[0].size || reader->fields[0].quoted)
        return false;
    if (reader->header_count > 1)
        return true;
    return columns_find(reader->columns, reader->header[0], false)->required;
}

static struct problem *take_row(struct csv_reader *reader, char *data)
{
    struct sink *sink = reader->sink;
    if (is_blank(reader))
        return NULL;
    sink_row_begin(sink, reader->row_line);
    if (reader->fault) {
        sink_row_fault(sink, field_name(reader, reader->fault_field), "%s", reader->fault);
        return sink_row_end(sink);
    }
    if (reader->count != reader->header_count) {
        sink_row_fault(sink, NULL, "it has %zu values, the header %zu columns", reader->count,
                       reader->header_count);
        return sink_row_end(sink);
    }
    for (size_t c = 0; c < reader->columns->count; c++) {
        size_t field = reader->field_of[c];
        struct value_text value = { VALUE_NULL, NULL, 0 };
        if (field != NONE)
            value = field_text(&reader->fields[field], data);
        TRY(sink_value(sink, c, value));
    }
    return sink_row_end(sink);
}

/* The row's last field was ended; the next row begins at `next`. */
static struct problem *end_row(struct csv_reader *reader, char *data, size_t next)
{
    TRY(reader->headed ? take_row(reader, data) : take_header(reader, data));
    reader->count = 0;
    reader->fault = NULL;
    reader->row_start = next;
    reader->field_start = next;
    reader->row_line = reader->line;
    reader->field_line = reader->line;
    return NULL;
}

static void take_quote(struct csv_reader *reader, size_t at)
{
    if (reader->state == STATE_QUOTED) {
        reader->state = STATE_CLOSED;
        reader->quote = at;
    } else if (reader->state == STATE_CLOSED && reader->quote + 1 == at) {
        reader->state = STATE_QUOTED;
        reader->doubled = true;
    } else if (reader->state == STATE_PLAIN && reader->field_start == at) {
        reader->state = STATE_QUOTED;
    } else {
        row_fault(reader, "a quote stands in a value that does not begin with one");
    }
}

static struct problem *take_line_feed(struct csv_reader *reader, char *data, size_t at)
{
    reader->line++;
    if (reader->state == STATE_QUOTED)
        return NULL;
    size_t end = at;
    if (reader->lone_cr != NONE && reader->lone_cr + 1 == at) {
        end = reader->lone_cr;
        reader->lone_cr = NONE;
    }
    TRY(end_field(reader, data, end));
    return end_row(reader, data, at + 1);
}

static void take_carriage_return(struct csv_reader *reader, size_t at)
{
    if (reader->state == STATE_QUOTED)
        return;
    if (reader->lone_cr != NONE)
        row_fault(reader, "a carriage return stands in a value without quotes");
    reader->lone_cr = at;
}

/* Look at one of the bytes that mean something. */
static inline struct problem *take_mark(struct csv_reader *reader, char *data, size_t at)
{
    switch (data[at]) {
    case ',':
        return reader->state == STATE_QUOTED ? NULL : end_field(reader, data, at);
    case '"':
        take_quote(reader, at);
        return NULL;
    case '\n':
        return take_line_feed(reader, data, at);
    default:
        take_carriage_return(reader, at);
        return NULL;
    }
}

/* Count all offsets from a new first byte of the data. */
static void rebase(struct csv_reader *reader, size_t used)
{
    reader->looked -= used;
    reader->row_start -= used;
    reader->field_start -= used;
    reader->quote -= used; /* has no meaning where it was before; then it is not looked at */
    if (reader->lone_cr != NONE)
        reader->lone_cr -= used;
    for (size_t i = 0; i < reader->count && i < reader->capacity; i++)
        reader->fields[i].start -= used;
}

struct problem *csv_reader_read(struct csv_reader *reader, char *data, size_t size,
                                size_t *out_used)
{
    for (size_t at = reader->looked; at < size; at += SCAN_BLOCK) {
        char filled[SCAN_BLOCK];
        const char *block = scan_block(data + at, size - at, filled);
        for (uint32_t marks = scan_any(block, ',', '"', '\n', '\r'); marks; marks &= marks - 1)
            TRY(take_mark(reader, data, at + (size_t)__builtin_ctz(marks)));
    }
    reader->looked = size;
    /* only what end_field will refuse whatever follows: up to three bytes may be quotes and a CR */
    if (size - reader->field_start > reader->max_field + 3
        || size - reader->row_start > reader->max_row + 1)
        return too_long(reader, data);
    *out_used = reader->row_start;
    rebase(reader, reader->row_start);
    return NULL;
}

struct problem *csv_reader_end(struct csv_reader *reader, char *data, size_t size)
{
    if (reader->state == STATE_QUOTED)
        return sink_unreadable(reader->sink, reader->field_line, field_name(reader, reader->count),
                               "the quote that begins a value is never closed");
    if (size > reader->row_start) {
        size_t end = size;
        if (reader->lone_cr != NONE && reader->lone_cr + 1 == size) {
            end = reader->lone_cr;
            reader->lone_cr = NONE;
        }
        TRY(end_field(reader, data, end));
        TRY(end_row(reader, data, size));
    }
    if (!reader->headed) {
        faults_add(&reader->sink->faults, NULL, 1, NULL,
                   "the body is empty: its first line must name the columns");
        return sink_problem(reader->sink);
    }
    return NULL;
}
