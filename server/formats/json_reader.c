#include "json_reader.h"

#include "json_row.h"

#include <assert.h>
#include <stdio.h>

#define POINTER_TOKENS 32
#define ALWAYS_TRIED 4096 /* bytes; an incomplete token of less is read again with each piece */

/* Where the reader of a document stands. */
enum phase {
    PHASE_SEEK, /* on the way to the array */
    PHASE_ROWS, /* in the array */
    PHASE_REST  /* behind it */
};

struct json_reader {
    struct arena *arena;
    struct sink *sink;
    struct json_row *row;
    const char *pointer;
    size_t max_field;
    size_t max_row;
    bool lines; /* NDJSON */

    int64_t line;
    size_t looked; /* of NDJSON: bytes that have no line end */
    size_t wait;   /* of JSON: bytes that must be there before the next try is worth its cost */

    enum phase phase;
    struct json_nesting nesting;
    char *names[POINTER_TOKENS]; /* of the pointer, in order */
    int name_count;
    int path;      /* containers open that lie on the pointer's way */
    bool on_path;  /* the next value is the next step of the way */
    int64_t index; /* of the next value, in the array at the end of the way so far */
};

/* One step of a pointer: ~1 is a slash, ~0 a tilde. False where it is none. */
static bool read_step(struct json_reader *reader, const char *at, size_t size)
{
    char *name = arena_copy(reader->arena, at, size);
    char *to = name;
    for (size_t i = 0; i < size; i++) {
        char c = at[i];
        if (c == '~') {
            if (++i == size || (at[i] != '0' && at[i] != '1'))
                return false;
            c = at[i] == '0' ? '~' : '/';
        }
        *to++ = c;
    }
    *to = '\0';
    if (reader->name_count == POINTER_TOKENS)
        return false;
    reader->names[reader->name_count++] = name;
    return true;
}

static bool read_pointer(struct json_reader *reader, const char *pointer)
{
    while (*pointer) {
        if (*pointer++ != '/')
            return false;
        size_t size = strcspn(pointer, "/");
        if (!read_step(reader, pointer, size))
            return false;
        pointer += size;
    }
    return true;
}

struct problem *json_reader_new(struct arena *arena, const struct intake_options *options,
                                struct sink *sink, struct json_reader **out_reader)
{
    struct json_reader *reader = arena_new_of(arena, struct json_reader);
    reader->arena = arena;
    reader->sink = sink;
    reader->row = json_row_new(arena, options, sink);
    reader->pointer = options->pointer ? options->pointer : "";
    reader->max_field = (size_t)options->max_field;
    reader->max_row = json_row_limit(options);
    reader->lines = options->format == INTAKE_NDJSON;
    reader->line = 1;
    json_nesting_init(&reader->nesting, arena_array_of(arena, bool, (size_t)options->max_depth),
                      (int)options->max_depth);
    reader->on_path = true;
    if (!read_pointer(reader, reader->pointer))
        return problem_new(arena, &PROBLEM_BAD_REQUEST,
                           "the pointer is no JSON pointer: /name/0 with at most %d steps, ~1 for "
                           "a slash, ~0 for a tilde",
                           POINTER_TOKENS);
    *out_reader = reader;
    return NULL;
}

static struct problem *unreadable(struct json_reader *reader, const struct json_lexer *lexer,
                                  const char *reason)
{
    if (reader->phase == PHASE_ROWS)
        return sink_unreadable(reader->sink, lexer->line, NULL, "in row %lld, %s",
                               (long long)reader->sink->rows + 1, reason);
    return sink_unreadable(reader->sink, lexer->line, NULL, "%s", reason);
}

/* ---- NDJSON ---- */

static bool is_blank(const char *at, const char *end)
{
    while (at < end && (*at == ' ' || *at == '\t' || *at == '\r'))
        at++;
    return at == end;
}

static struct problem *read_line(struct json_reader *reader, const char *at, const char *end)
{
    if (is_blank(at, end))
        return NULL;
    struct json_lexer lexer = { at, end, reader->line, reader->max_field, NULL };
    enum json_kind kind;
    TRY(json_row_read(reader->row, &lexer, 0, &kind));
    if (kind == JSON_INCOMPLETE)
        return unreadable(reader, &lexer, "the line ends before its object does");
    if (kind == JSON_WRONG)
        return unreadable(reader, &lexer, lexer.wrong);
    if (!is_blank(lexer.at, end))
        return sink_unreadable(reader->sink, reader->line, NULL,
                               "something stands behind the object of row %lld; each object has a "
                               "line of its own",
                               (long long)reader->sink->rows);
    return NULL;
}

static struct problem *read_lines(struct json_reader *reader, const char *data, size_t size,
                                  bool final, size_t *out_used)
{
    const char *end = data + size;
    const char *at = data;
    const char *look = data + reader->looked;
    reader->phase = PHASE_ROWS;
    for (;;) {
        const char *feed = memchr(look, '\n', (size_t)(end - look));
        const char *line_end = feed ? feed : end;
        if ((size_t)(line_end - at) > reader->max_row)
            return sink_unreadable(reader->sink, reader->line, NULL,
                                   "row %lld is longer than %zu bytes",
                                   (long long)reader->sink->rows + 1, reader->max_row);
        if (!feed && !final)
            break;
        TRY(read_line(reader, at, line_end));
        if (!feed)
            break;
        reader->line++;
        at = look = feed + 1;
    }
    *out_used = (size_t)(at - data);
    reader->looked = size - *out_used;
    return NULL;
}

/* ---- JSON ---- */

/* Is the name, as it was written, that of the next step? */
static bool is_step(const struct json_reader *reader, struct json_token name)
{
    const char *step = reader->names[reader->path - 1];
    char plain[512];
    if (name.escaped) {
        if (name.size > sizeof plain)
            return false;
        memcpy(plain, name.at, name.size);
        name.size = json_unescape(plain, name.size);
        name.at = plain;
    }
    return strlen(step) == name.size && memcmp(step, name.at, name.size) == 0;
}

/* Is the index the one that the next step names? Leading zeros are not allowed. */
static bool is_step_index(const struct json_reader *reader)
{
    char index[32];
    int size = snprintf(index, sizeof index, "%lld", (long long)reader->index);
    assert(size > 0 && (size_t)size < sizeof index);
    return strcmp(reader->names[reader->path - 1], index) == 0;
}

static const char *not_found(const struct json_reader *reader)
{
    return arena_print(reader->arena, "the body has nothing at the pointer %s", reader->pointer);
}

/* A value begins that lies on the way: the array itself, or a container to go into. */
static const char *enter_path(struct json_reader *reader, enum json_kind kind)
{
    reader->on_path = false;
    if (reader->path == reader->name_count) {
        if (kind != JSON_ARRAY)
            return *reader->pointer
                       ? "an array of objects is expected where the pointer leads"
                       : "an array of objects is expected, as the whole body or where ?pointer= "
                         "leads";
        reader->phase = PHASE_ROWS;
        return NULL;
    }
    if (kind != JSON_OBJECT && kind != JSON_ARRAY)
        return not_found(reader);
    reader->path++;
    reader->index = 0;
    return NULL;
}

/* What a token means for the way to the array; before the nesting has taken it. */
static const char *follow(struct json_reader *reader, struct json_token token)
{
    struct json_nesting *nesting = &reader->nesting;
    bool ends = token.kind == JSON_OBJECT_END || token.kind == JSON_ARRAY_END;
    bool begins =
        token.kind == JSON_OBJECT || token.kind == JSON_ARRAY || token.kind >= JSON_STRING;
    bool value = begins
                 && (nesting->expects == JSON_EXPECTS_VALUE
                     || nesting->expects == JSON_EXPECTS_VALUE_OR_END);
    bool here = nesting->depth == reader->path && reader->path > 0;
    if (here && ends) {
        if (reader->phase == PHASE_SEEK)
            return not_found(reader);
        reader->path--;
        return NULL;
    }
    if (here && token.kind == JSON_STRING && !value && is_step(reader, token)) {
        if (reader->phase == PHASE_REST)
            return "a name that the pointer follows stands twice in its object";
        reader->on_path = true;
        return NULL;
    }
    if (here && value && reader->phase == PHASE_SEEK && !nesting->objects[nesting->depth - 1]) {
        reader->on_path = is_step_index(reader);
        reader->index++;
    }
    return value && reader->on_path ? enter_path(reader, token.kind) : NULL;
}

/* Read one token outside of the rows. */
static enum json_kind read_token(struct json_reader *reader, struct json_lexer *lexer)
{
    struct json_token token = json_next(lexer);
    if (token.kind == JSON_WRONG || token.kind == JSON_INCOMPLETE)
        return token.kind;
    if (reader->nesting.expects == JSON_EXPECTS_NOTHING)
        lexer->wrong = "something stands behind the end of the value";
    else
        lexer->wrong = follow(reader, token);
    if (!lexer->wrong)
        lexer->wrong = json_nesting_take(&reader->nesting, token.kind);
    return lexer->wrong ? JSON_WRONG : token.kind;
}

/* Take a token that begins no row. Gives NULL, or what is wrong with it. */
static const char *take_between(struct json_reader *reader, enum json_kind kind)
{
    const char *wrong = json_nesting_take(&reader->nesting, kind);
    if (wrong)
        return wrong;
    if (kind == JSON_ARRAY_END)
        reader->phase = PHASE_REST;
    return kind == JSON_COMMA || kind == JSON_ARRAY_END ? NULL : json_row_shape;
}

/* Read a row, or what stands between rows. */
static struct problem *read_in_rows(struct json_reader *reader, struct json_lexer *lexer,
                                    enum json_kind *out_kind)
{
    struct json_nesting *nesting = &reader->nesting;
    struct json_token token = json_next(lexer);
    *out_kind = token.kind;
    if (token.kind == JSON_INCOMPLETE || token.kind == JSON_WRONG)
        return NULL;
    if (token.kind != JSON_OBJECT || nesting->expects == JSON_EXPECTS_COMMA_OR_END) {
        lexer->wrong = take_between(reader, token.kind);
        if (lexer->wrong)
            *out_kind = JSON_WRONG;
        return NULL;
    }
    struct json_lexer row = *lexer;
    row.at = token.at;
    bool limited = (size_t)(row.end - row.at) > reader->max_row;
    if (limited)
        row.end = row.at + reader->max_row;
    lexer->at = row.at;
    TRY(json_row_read(reader->row, &row, nesting->depth, out_kind));
    if (*out_kind == JSON_INCOMPLETE && limited) {
        row.wrong =
            arena_print(reader->arena, "the object is longer than %zu bytes", reader->max_row);
        *out_kind = JSON_WRONG;
    }
    if (*out_kind == JSON_INCOMPLETE)
        return NULL;
    lexer->at = row.at;
    lexer->line = row.line;
    lexer->wrong = row.wrong;
    if (*out_kind == JSON_OBJECT_END)
        nesting->expects = JSON_EXPECTS_COMMA_OR_END;
    return NULL;
}

/* Read until more bytes are needed. */
static struct problem *read_on(struct json_reader *reader, struct json_lexer *lexer)
{
    for (;;) {
        enum json_kind kind;
        if (reader->phase == PHASE_ROWS)
            TRY(read_in_rows(reader, lexer, &kind));
        else
            kind = read_token(reader, lexer);
        if (kind == JSON_WRONG)
            return unreadable(reader, lexer, lexer->wrong);
        if (kind == JSON_INCOMPLETE)
            return NULL;
    }
}

static struct problem *read_document(struct json_reader *reader, const char *data, size_t size,
                                     bool final, size_t *out_used)
{
    struct json_lexer lexer = { data, data + size, reader->line, reader->max_field, NULL };
    *out_used = 0;
    if (size < reader->wait && !final)
        return NULL;
    TRY(read_on(reader, &lexer));
    *out_used = (size_t)(lexer.at - data);
    reader->line = lexer.line;
    /* pieces may be small, and a token or row large: to try again only when a quarter more is there
     * keeps the work in proportion to the bytes */
    size_t left = size - *out_used;
    reader->wait = left > ALWAYS_TRIED ? left + left / 4 : 0;
    if (!final || reader->nesting.expects == JSON_EXPECTS_NOTHING)
        return NULL;
    if (!left && reader->nesting.expects == JSON_EXPECTS_VALUE && !reader->nesting.depth)
        return unreadable(reader, &lexer, "the body is empty: an array of objects is expected");
    return unreadable(reader, &lexer, "the body ends before its JSON does");
}

struct problem *json_reader_read(struct json_reader *reader, char *data, size_t size, bool final,
                                 size_t *out_used)
{
    if (reader->lines)
        return read_lines(reader, data, size, final, out_used);
    return read_document(reader, data, size, final, out_used);
}
