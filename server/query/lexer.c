#include "lexer.h"

#include "literal.h"

#include <strings.h>

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (unsigned char)c >= 0x80;
}

static bool is_word(char c)
{
    return is_letter(c) || (c >= '0' && c <= '9');
}

/* Letters and digits in parts joined by dots, with $ or @ in front; 0: no word begins here. */
static size_t word_scan(const char *text)
{
    size_t size = *text == '$' || *text == '@';
    if (!is_letter(text[size]))
        return 0;
    do {
        while (is_word(text[size]))
            size++;
    } while (text[size] == '.' && is_letter(text[size + 1]) && ++size);
    return size;
}

/* From quote to quote, '' inside; 0: it is never closed. */
static size_t text_scan(const char *text)
{
    size_t size = 1;
    for (;;) {
        size += strcspn(text + size, "'");
        if (!text[size])
            return 0;
        if (text[size + 1] != '\'')
            return size + 1;
        size += 2;
    }
}

static enum token_kind mark_kind(char c)
{
    switch (c) {
    case '(':
        return TOKEN_OPEN;
    case ')':
        return TOKEN_CLOSE;
    case ',':
        return TOKEN_COMMA;
    case ':':
        return TOKEN_COLON;
    case '/':
        return TOKEN_SLASH;
    case '-':
        return TOKEN_MINUS;
    case '*':
        return TOKEN_STAR;
    case '[':
    case '{':
        return TOKEN_JSON;
    default:
        return TOKEN_UNKNOWN;
    }
}

/* A literal ends where no word goes on: 12abc is neither a number nor a name. */
static size_t literal_at(const char *text, enum value_type *out_type)
{
    if (strncmp(text, "-INF", 4) == 0 && !is_word(text[4])) {
        *out_type = VALUE_DOUBLE;
        return 4;
    }
    size_t size = literal_scan(text, out_type);
    return size && !is_word(text[size]) ? size : 0;
}

static struct token quoted(const char *text, size_t prefix)
{
    size_t size = text_scan(text + prefix);
    if (!size)
        return (struct token){ .kind = TOKEN_UNKNOWN, .size = strlen(text) };
    return (struct token){ .kind = prefix ? TOKEN_PREFIXED : TOKEN_TEXT,
                           .size = prefix + size,
                           .prefix = prefix };
}

static struct token token_at(const char *text)
{
    if (!*text)
        return (struct token){ .kind = TOKEN_END };
    if (*text == '\'')
        return quoted(text, 0);
    enum value_type type;
    size_t size = literal_at(text, &type);
    if (size)
        return (struct token){ .kind = TOKEN_LITERAL, .type = type, .size = size };
    size = word_scan(text);
    if (size && text[size] == '\'')
        return quoted(text, size);
    if (size)
        return (struct token){ .kind = TOKEN_WORD, .size = size, .called = text[size] == '(' };
    return (struct token){ .kind = mark_kind(*text), .size = 1 };
}

struct token lexer_next(struct lexer *lexer)
{
    size_t space = strspn(lexer->text + lexer->at, " \t");
    lexer->at += space;
    struct token token = token_at(lexer->text + lexer->at);
    token.text = lexer->text + lexer->at;
    token.position = lexer->at;
    token.spaced = space > 0;
    lexer->at += token.size;
    return token;
}

bool token_is(const struct token *token, const char *word)
{
    return token->kind == TOKEN_WORD && strncasecmp(token->text, word, token->size) == 0
           && !word[token->size];
}
