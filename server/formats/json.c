#include "json.h"

#include "number.h"
#include "scan.h"
#include "server/base/text.h"

#include <assert.h>

/* Digits that a number of jsonb, a numeric, can have before and behind its point. */
#define MOST_WHOLE 131072
#define MOST_FRACTION 16383

static struct json_token wrong(struct json_lexer *lexer, const char *reason)
{
    lexer->wrong = reason;
    return (struct json_token){ .kind = JSON_WRONG };
}

static struct json_token incomplete(void)
{
    return (struct json_token){ .kind = JSON_INCOMPLETE };
}

static void skip_space(struct json_lexer *lexer)
{
    for (; lexer->at < lexer->end; lexer->at++) {
        if (*lexer->at == '\n')
            lexer->line++;
        else if (*lexer->at != ' ' && *lexer->at != '\t' && *lexer->at != '\r')
            break;
    }
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The four digits at a place, or -1. */
static int32_t hex_unit(const char *at)
{
    int32_t unit = 0;
    for (int i = 0; i < 4; i++) {
        int value = hex_value(at[i]);
        if (value < 0)
            return -1;
        unit = unit * 16 + value;
    }
    return unit;
}

static bool is_high_surrogate(int32_t unit)
{
    return unit >= 0xD800 && unit <= 0xDBFF;
}

static bool is_low_surrogate(int32_t unit)
{
    return unit >= 0xDC00 && unit <= 0xDFFF;
}

/* Check the escape at `at`, a backslash. Gives its size, 0 when its end is not there yet, -1 when
 * it is wrong. */
static int escape_size(struct json_lexer *lexer, const char *at)
{
    size_t left = (size_t)(lexer->end - at);
    if (left < 2)
        return 0;
    if (at[1] != 'u') {
        lexer->wrong = "a backslash stands before a character that cannot be escaped";
        return at[1] && strchr("\"\\/bfnrt", at[1]) ? 2 : -1;
    }
    if (left < 6)
        return 0;
    int32_t unit = hex_unit(at + 2);
    lexer->wrong = "\\u is not followed by four hexadecimal digits";
    if (unit < 0)
        return -1;
    lexer->wrong = "\\u0000 cannot be stored";
    if (!unit)
        return -1;
    lexer->wrong = "half of a surrogate pair stands alone";
    if (is_low_surrogate(unit))
        return -1;
    if (!is_high_surrogate(unit))
        return 6;
    if ((left > 6 && at[6] != '\\') || (left > 7 && at[7] != 'u'))
        return -1;
    if (left < 12)
        return 0;
    return is_low_surrogate(hex_unit(at + 8)) ? 12 : -1;
}

static const char too_long[] = "a value is longer than allowed";

/* Marks are looked at in their order, and none beyond the longest string: however the bytes are cut
 * into pieces, the first fault is the same. */
static struct json_token read_string(struct json_lexer *lexer)
{
    const char *start = lexer->at + 1;
    const char *at = start;
    bool escaped = false;
    bool plain = true;
    while (at < lexer->end) {
        char filled[SCAN_BLOCK];
        size_t left = (size_t)(lexer->end - at);
        const char *block = scan_block(at, left, filled);
        uint32_t marks = scan_json(block);
        plain = plain && !scan_high(block);
        if (!marks) {
            at += left < SCAN_BLOCK ? left : SCAN_BLOCK;
            continue;
        }
        at += __builtin_ctz(marks);
        if ((size_t)(at - start) > lexer->max_string)
            return wrong(lexer, too_long);
        if (*at == '"')
            break;
        if (*at != '\\')
            return wrong(lexer, "a string has a control character, or is not closed on its line");
        int size = escape_size(lexer, at);
        if (size < 0)
            return (struct json_token){ .kind = JSON_WRONG };
        if (!size)
            return incomplete();
        escaped = true;
        at += size;
    }
    size_t size = (size_t)(at - start);
    if (size > lexer->max_string)
        return wrong(lexer, too_long);
    if (at >= lexer->end)
        return incomplete();
    if (!plain && !text_is_utf8(start, size))
        return wrong(lexer, "a string is not UTF-8");
    lexer->at = at + 1;
    return (struct json_token){ JSON_STRING, start, size, escaped };
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Are the characters a number of JSON? Most have digits alone, and need no second look. */
static bool is_number(const char *start, size_t size, size_t digits)
{
    struct number_parts parts = { .whole = start + (*start == '-'), .whole_size = digits };
    if (parts.whole + digits != start + size && !number_split(start, size, &parts))
        return false;
    return parts.whole_size == 1 || (parts.whole_size && *parts.whole != '0');
}

static struct json_token read_number(struct json_lexer *lexer)
{
    const char *start = lexer->at;
    const char *at = start + (*start == '-');
    while (at < lexer->end && is_digit(*at))
        at++;
    size_t digits = (size_t)(at - start) - (*start == '-');
    while (at < lexer->end
           && (is_digit(*at) || *at == '-' || *at == '+' || *at == '.' || *at == 'e' || *at == 'E'))
        at++;
    size_t size = (size_t)(at - start);
    if (size > lexer->max_string)
        return wrong(lexer, too_long);
    if (at == lexer->end)
        return incomplete();
    if (!is_number(start, size, digits))
        return wrong(lexer, "a number is not written as JSON has it");
    lexer->at = at;
    return (struct json_token){ JSON_NUMBER, start, size, false };
}

static struct json_token read_word(struct json_lexer *lexer, const char *word, enum json_kind kind)
{
    size_t left = (size_t)(lexer->end - lexer->at);
    size_t size = strlen(word);
    if (memcmp(lexer->at, word, left < size ? left : size) != 0)
        return wrong(lexer, "a word is none of true, false and null");
    if (left < size)
        return incomplete();
    struct json_token token = { kind, lexer->at, size, false };
    lexer->at += size;
    return token;
}

static struct json_token read_mark(struct json_lexer *lexer, enum json_kind kind)
{
    return (struct json_token){ kind, lexer->at++, 1, false };
}

struct json_token json_next(struct json_lexer *lexer)
{
    skip_space(lexer);
    if (lexer->at >= lexer->end)
        return incomplete();
    switch (*lexer->at) {
    case '"':
        return read_string(lexer);
    case '{':
        return read_mark(lexer, JSON_OBJECT);
    case '}':
        return read_mark(lexer, JSON_OBJECT_END);
    case '[':
        return read_mark(lexer, JSON_ARRAY);
    case ']':
        return read_mark(lexer, JSON_ARRAY_END);
    case ':':
        return read_mark(lexer, JSON_COLON);
    case ',':
        return read_mark(lexer, JSON_COMMA);
    case 't':
        return read_word(lexer, "true", JSON_TRUE);
    case 'f':
        return read_word(lexer, "false", JSON_FALSE);
    case 'n':
        return read_word(lexer, "null", JSON_NULL);
    default:
        if (*lexer->at == '-' || is_digit(*lexer->at))
            return read_number(lexer);
        return wrong(lexer, "a character stands where no value of JSON begins");
    }
}

/* UTF-8 of a character that came as an escape: never longer than the escape. */
static char *put_character(char *to, int32_t character)
{
    uint32_t c = (uint32_t)character;
    if (c < 0x80) {
        *to++ = (char)c;
        return to;
    }
    if (c < 0x800) {
        *to++ = (char)(unsigned char)(0xC0 | c >> 6);
    } else if (c < 0x10000) {
        *to++ = (char)(unsigned char)(0xE0 | c >> 12);
        *to++ = (char)(unsigned char)(0x80 | (c >> 6 & 63));
    } else {
        *to++ = (char)(unsigned char)(0xF0 | c >> 18);
        *to++ = (char)(unsigned char)(0x80 | (c >> 12 & 63));
        *to++ = (char)(unsigned char)(0x80 | (c >> 6 & 63));
    }
    *to++ = (char)(unsigned char)(0x80 | (c & 63));
    return to;
}

size_t json_unescape(char *text, size_t size)
{
    static const char letters[] = "\"\\/bfnrt";
    static const char meanings[] = "\"\\/\b\f\n\r\t";
    const char *end = text + size;
    const char *at = memchr(text, '\\', size);
    char *to = text + (at ? at - text : (ptrdiff_t)size);
    while (at && at < end) {
        const char *next = memchr(at, '\\', (size_t)(end - at));
        size_t clean = (size_t)((next ? next : end) - at);
        memmove(to, at, clean);
        to += clean;
        if (!next)
            break;
        if (next[1] != 'u') {
            *to++ = meanings[strchr(letters, next[1]) - letters];
            at = next + 2;
            continue;
        }
        int32_t unit = hex_unit(next + 2);
        at = next + 6;
        if (is_high_surrogate(unit)) {
            unit = 0x10000 + (unit - 0xD800) * 0x400 + (hex_unit(next + 8) - 0xDC00);
            at = next + 12;
        }
        to = put_character(to, unit);
    }
    return (size_t)(to - text);
}

void json_nesting_init(struct json_nesting *nesting, bool *objects, int max_depth)
{
    *nesting = (struct json_nesting){ JSON_EXPECTS_VALUE, 0, max_depth, objects };
}

static const char *nesting_open(struct json_nesting *nesting, bool object)
{
    if (nesting->depth >= nesting->max_depth)
        return "objects and arrays are nested too deep";
    nesting->objects[nesting->depth++] = object;
    nesting->expects = object ? JSON_EXPECTS_NAME_OR_END : JSON_EXPECTS_VALUE_OR_END;
    return NULL;
}

static void nesting_after_value(struct json_nesting *nesting)
{
    nesting->expects = nesting->depth ? JSON_EXPECTS_COMMA_OR_END : JSON_EXPECTS_NOTHING;
}

static const char *nesting_close(struct json_nesting *nesting, bool object)
{
    enum json_expects empty = object ? JSON_EXPECTS_NAME_OR_END : JSON_EXPECTS_VALUE_OR_END;
    if ((nesting->expects != empty && nesting->expects != JSON_EXPECTS_COMMA_OR_END)
        || nesting->objects[nesting->depth - 1] != object)
        return object ? "a } stands where no object can end" : "a ] stands where no array can end";
    nesting->depth--;
    nesting_after_value(nesting);
    return NULL;
}

static const char *nesting_value(struct json_nesting *nesting, enum json_kind kind)
{
    if (kind == JSON_STRING
        && (nesting->expects == JSON_EXPECTS_NAME
            || nesting->expects == JSON_EXPECTS_NAME_OR_END)) {
        nesting->expects = JSON_EXPECTS_COLON;
        return NULL;
    }
    if (nesting->expects != JSON_EXPECTS_VALUE && nesting->expects != JSON_EXPECTS_VALUE_OR_END)
        return nesting->expects == JSON_EXPECTS_NOTHING ? "something stands behind the value"
               : nesting->expects == JSON_EXPECTS_COLON ? "a colon is missing behind a name"
               : nesting->expects == JSON_EXPECTS_COMMA_OR_END
                   ? "a comma is missing between two values"
                   : "a name in quotes is missing in an object";
    if (kind == JSON_OBJECT || kind == JSON_ARRAY)
        return nesting_open(nesting, kind == JSON_OBJECT);
    nesting_after_value(nesting);
    return NULL;
}

const char *json_nesting_take(struct json_nesting *nesting, enum json_kind kind)
{
    switch (kind) {
    case JSON_OBJECT_END:
    case JSON_ARRAY_END:
        return nesting_close(nesting, kind == JSON_OBJECT_END);
    case JSON_COLON:
        if (nesting->expects != JSON_EXPECTS_COLON)
            return "a colon stands where none can";
        nesting->expects = JSON_EXPECTS_VALUE;
        return NULL;
    case JSON_COMMA:
        if (nesting->expects != JSON_EXPECTS_COMMA_OR_END)
            return "a comma stands where none can";
        nesting->expects =
            nesting->objects[nesting->depth - 1] ? JSON_EXPECTS_NAME : JSON_EXPECTS_VALUE;
        return NULL;
    default:
        return nesting_value(nesting, kind);
    }
}

enum json_kind json_skip(struct json_lexer *lexer, struct json_nesting *nesting,
                         enum json_kind first)
{
    int outside = nesting->depth;
    struct json_token token = { .kind = first };
    for (;;) {
        lexer->wrong = json_nesting_take(nesting, token.kind);
        if (lexer->wrong)
            return JSON_WRONG;
        if (nesting->depth == outside)
            return token.kind;
        token = json_next(lexer);
        if (token.kind == JSON_WRONG || token.kind == JSON_INCOMPLETE)
            return token.kind;
    }
}

/* Numbers of jsonb are numerics: those that have too many digits make Postgres refuse the row. */
static bool fits_numeric(struct json_token token)
{
    struct number_parts parts;
    return number_split(token.at, token.size, &parts)
           && (int64_t)parts.whole_size + parts.exponent <= MOST_WHOLE
           && (int64_t)parts.fraction_size - parts.exponent <= MOST_FRACTION;
}

const char *json_check(const char *text, size_t size, int max_depth)
{
    bool objects[JSON_MAX_DEPTH];
    struct json_nesting nesting;
    struct json_lexer lexer = { text, text + size, 1, size, NULL };
    json_nesting_init(&nesting, objects, max_depth < JSON_MAX_DEPTH ? max_depth : JSON_MAX_DEPTH);
    do {
        struct json_token token = json_next(&lexer);
        if (token.kind == JSON_INCOMPLETE)
            return "it ends too early";
        if (token.kind == JSON_WRONG)
            return lexer.wrong;
        if (!nesting.depth && token.kind != JSON_OBJECT && token.kind != JSON_ARRAY)
            return "it is neither an object nor an array";
        const char *misplaced = json_nesting_take(&nesting, token.kind);
        if (misplaced)
            return misplaced;
        if (token.kind == JSON_NUMBER && !fits_numeric(token))
            return "a number has more digits than can be stored";
    } while (nesting.depth);
    skip_space(&lexer);
    return lexer.at == lexer.end ? NULL : "something stands behind its value";
}
