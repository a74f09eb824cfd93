/*
 * The lexer: an option's value cut into words, literals and marks, one at a time.
 *
 * It never copies: tokens point into the text, which must be valid UTF-8 ended by NUL. It knows
 * nothing of grammar; what a word means is the parser's business. Time is linear in the text.
 */
#ifndef ENTREPOT_QUERY_LEXER_H
#define ENTREPOT_QUERY_LEXER_H

#include "value.h"

enum token_kind {
    TOKEN_END,
    TOKEN_WORD,     /* a name, an operator, true; may hold dots: Edm.String, $it, @p */
    TOKEN_LITERAL,  /* a number, date, time, timestamp or uuid: `type` says which */
    TOKEN_TEXT,     /* 'text', with its quotes */
    TOKEN_PREFIXED, /* duration'…', binary'…': a word and a text without space between */
    TOKEN_OPEN,
    TOKEN_CLOSE,
    TOKEN_COMMA,
    TOKEN_COLON,
    TOKEN_SLASH,
    TOKEN_MINUS,
    TOKEN_STAR,
    TOKEN_JSON,   /* [ or {: a collection or an object begins */
    TOKEN_UNKNOWN /* a character nothing begins with, or a text that is never closed */
};

struct token {
    enum token_kind kind;
    enum value_type type; /* of a literal */
    const char *text;
    size_t size;
    size_t prefix;   /* bytes in front of the quote of TOKEN_PREFIXED */
    size_t position; /* in bytes from 0 */
    bool spaced;     /* space stands before it */
    bool called;     /* a word with ( right behind it */
};

struct lexer {
    const char *text;
    size_t at;
};

/** The next token; TOKEN_END for ever at the end. */
struct token lexer_next(struct lexer *lexer);

/** Is it this word, in any case? */
bool token_is(const struct token *token, const char *word);

#endif
