#include "json_reader.h"

#include "scalar.h"

#include "server/base/buffer.h"

#include <stdint.h>
#include <string.h>

struct reader {
    struct arena *arena;
    const struct document_text *source;
    struct faults *faults;
    const char *at;
    const char *end;
    int64_t line;
    int64_t column;      /* of the byte at counted */
    const char *counted; /* columns are counted up to here, so that no byte is counted twice */
    size_t nodes;
    struct buffer text; /* of the string being read */
};

/* Characters, not bytes, from the start of the line. */
static int64_t column_here(struct reader *reader)
{
    for (; reader->counted < reader->at; reader->counted++)
        reader->column += ((unsigned char)*reader->counted & 0xC0) != 0x80;
    return reader->column;
}

/* Gives false, so that failing and returning is one step. */
static bool fail(struct reader *reader, const char *reason)
{
    faults_add_at(reader->faults, reader->source->file, reader->line, column_here(reader), NULL,
                  "broken JSON: %s", reason);
    return false;
}

static void skip_blanks(struct reader *reader)
{
    for (; reader->at < reader->end; reader->at++) {
        if (*reader->at == '\n') {
            reader->line++;
            reader->counted = reader->at + 1;
            reader->column = 1;
        } else if (*reader->at != ' ' && *reader->at != '\t' && *reader->at != '\r') {
            return;
        }
    }
}

/* The byte to be read next; 0, which no text holds, at the end. */
static char peek(const struct reader *reader)
{
    return reader->at < reader->end ? *reader->at : '\0';
}

static bool take(struct reader *reader, char byte)
{
    if (peek(reader) != byte)
        return false;
    reader->at++;
    return true;
}

static bool take_hex(struct reader *reader, uint32_t *out_code)
{
    uint32_t code = 0;
    for (int i = 0; i < 4; i++) {
        static const char digits[] = "0123456789abcdef";
        char digit = peek(reader);
        const char *found =
            digit ? strchr(digits, digit >= 'A' && digit <= 'F' ? digit + 32 : digit) : NULL;
        if (!found)
            return fail(reader, "\\u needs four hexadecimal digits");
        code = code << 4 | (uint32_t)(found - digits);
        reader->at++;
    }
    *out_code = code;
    return true;
}

static void add_utf8(struct buffer *text, uint32_t code)
{
    if (code < 0x80) {
        buffer_add_char(text, (char)code);
        return;
    }
    if (code < 0x800) {
        buffer_add_char(text, (char)(0xC0 | code >> 6));
    } else {
        if (code < 0x10000) {
            buffer_add_char(text, (char)(0xE0 | code >> 12));
        } else {
            buffer_add_char(text, (char)(0xF0 | code >> 18));
            buffer_add_char(text, (char)(0x80 | (code >> 12 & 0x3F)));
        }
        buffer_add_char(text, (char)(0x80 | (code >> 6 & 0x3F)));
    }
    buffer_add_char(text, (char)(0x80 | (code & 0x3F)));
}

/* Behind \u: one character, which may take a second escape. */
static bool read_unicode(struct reader *reader)
{
    uint32_t code;
    uint32_t low;
    if (!take_hex(reader, &code))
        return false;
    if (code == 0)
        return fail(reader, "text must not hold a NUL");
    if (code >= 0xD800 && code <= 0xDBFF) {
        if (!take(reader, '\\') || !take(reader, 'u'))
            return fail(reader, "half of a surrogate pair stands alone");
        if (!take_hex(reader, &low))
            return false;
        if (low < 0xDC00 || low > 0xDFFF)
            return fail(reader, "half of a surrogate pair stands alone");
        code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    } else if (code >= 0xDC00 && code <= 0xDFFF) {
        return fail(reader, "half of a surrogate pair stands alone");
    }
    add_utf8(&reader->text, code);
    return true;
}

static bool read_escape(struct reader *reader)
{
    static const char letters[] = "\"\\/bfnrt";
    static const char meant[] = "\"\\/\b\f\n\r\t";
    if (take(reader, 'u'))
        return read_unicode(reader);
    const char *letter = peek(reader) ? strchr(letters, peek(reader)) : NULL;
    if (!letter)
        return fail(reader, "no such escape behind \\");
    buffer_add_char(&reader->text, meant[letter - letters]);
    reader->at++;
    return true;
}

/* A string, behind its first quote. */
static bool read_string(struct reader *reader, const char **out_text)
{
    buffer_reset(&reader->text);
    while (!take(reader, '"')) {
        const char *start = reader->at;
        while (reader->at < reader->end && *reader->at != '"' && *reader->at != '\\'
               && (unsigned char)*reader->at >= 0x20)
            reader->at++;
        buffer_add(&reader->text, start, (size_t)(reader->at - start));
        if (reader->at == reader->end)
            return fail(reader, "the text ends inside a string");
        if ((unsigned char)*reader->at < 0x20)
            return fail(reader, "a control character in a string must be written as an escape");
        if (take(reader, '\\') && !read_escape(reader))
            return false;
    }
    *out_text =
        arena_copy(reader->arena, reader->text.data ? reader->text.data : "", reader->text.size);
    return true;
}

static size_t skip_digits(struct reader *reader)
{
    const char *start = reader->at;
    while (peek(reader) >= '0' && peek(reader) <= '9')
        reader->at++;
    return (size_t)(reader->at - start);
}

static bool read_number(struct reader *reader, struct node *node)
{
    const char *start = reader->at;
    (void)take(reader, '-');
    if (!take(reader, '0') && !skip_digits(reader))
        return fail(reader, "a number needs a digit");
    if (take(reader, '.') && !skip_digits(reader))
        return fail(reader, "a number needs a digit behind its point");
    if (take(reader, 'e') || take(reader, 'E')) {
        if (!take(reader, '+'))
            (void)take(reader, '-');
        if (!skip_digits(reader))
            return fail(reader, "a number needs a digit in its exponent");
    }
    node->kind = NODE_NUMBER;
    node->text = arena_copy(reader->arena, start, (size_t)(reader->at - start));
    return scalar_number_is_kept(node->text)
           || fail(reader, "a number is too large, or has more than 100 digits");
}

static bool read_word(struct reader *reader, struct node *node)
{
    static const struct {
        const char *word;
        enum node_kind kind;
        bool truth;
    } words[] = { { "true", NODE_BOOL, true },
                  { "false", NODE_BOOL, false },
                  { "null", NODE_NULL, false } };
    for (size_t i = 0; i < COUNT(words); i++) {
        size_t size = strlen(words[i].word);
        if ((size_t)(reader->end - reader->at) < size
            || memcmp(reader->at, words[i].word, size) != 0)
            continue;
        node->kind = words[i].kind;
        node->truth = words[i].truth;
        reader->at += size;
        return true;
    }
    return fail(reader, reader->at == reader->end ? "the text ends where a value should be"
                                                  : "a value must be here");
}

static bool read_value(struct reader *reader, struct node *node, int depth);

static struct node *child_new(struct reader *reader)
{
    if (++reader->nodes > DOCUMENT_NODES) {
        (void)fail(reader, "it has more values than are read of one document");
        return NULL;
    }
    struct node *child = arena_new_of(reader->arena, struct node);
    child->line = reader->line;
    child->column = column_here(reader);
    return child;
}

/* A list or an object, behind its bracket. */
static bool read_items(struct reader *reader, struct node *node, char bracket, int depth)
{
    const struct node **end = &node->first;
    skip_blanks(reader);
    if (take(reader, bracket))
        return true;
    for (;;) {
        skip_blanks(reader);
        struct node *child = child_new(reader);
        if (!child)
            return false;
        if (node->kind == NODE_OBJECT) {
            if (!take(reader, '"'))
                return fail(reader, "a name in quotes must be here");
            if (!read_string(reader, &child->key))
                return false;
            skip_blanks(reader);
            if (!take(reader, ':'))
                return fail(reader, "a colon must be here");
            skip_blanks(reader);
        }
        node_append(node, &end, child);
        if (!read_value(reader, child, depth))
            return false;
        skip_blanks(reader);
        if (take(reader, bracket))
            return true;
        if (!take(reader, ','))
            return fail(reader,
                        bracket == ']' ? "a comma or ] must be here" : "a comma or } must be here");
    }
}

static bool read_value(struct reader *reader, struct node *node, int depth)
{
    bool is_list = peek(reader) == '[';
    if (is_list || peek(reader) == '{') {
        if (depth == DOCUMENT_DEPTH)
            return fail(reader, "lists and objects are too deep inside each other");
        reader->at++;
        node->kind = is_list ? NODE_LIST : NODE_OBJECT;
        if (!read_items(reader, node, is_list ? ']' : '}', depth + 1))
            return false;
        if (!is_list)
            node_find_repeated(reader->arena, node, reader->faults);
        return true;
    }
    node->text_line = reader->line;
    if (take(reader, '"')) {
        node->kind = NODE_TEXT;
        return read_string(reader, &node->text);
    }
    if (peek(reader) == '-' || (peek(reader) >= '0' && peek(reader) <= '9'))
        return read_number(reader, node);
    return read_word(reader, node);
}

const struct node *document_read_json(struct arena *arena, const struct document_text *source,
                                      struct faults *faults)
{
    struct reader reader = {
        .arena = arena,
        .source = source,
        .faults = faults,
        .at = source->text,
        .end = source->text + source->size,
        .line = 1,
        .column = 1,
        .counted = source->text,
    };
    int before = faults->count;
    struct node *root = arena_new_of(arena, struct node);
    root->file = source->file;
    skip_blanks(&reader);
    root->line = reader.line;
    root->column = column_here(&reader);
    bool right = read_value(&reader, root, 0);
    if (right) {
        skip_blanks(&reader);
        right = reader.at == reader.end || fail(&reader, "more follows behind the value");
    }
    buffer_clear(&reader.text);
    return right && faults->count == before ? root : NULL;
}
