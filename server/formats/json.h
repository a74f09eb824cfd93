/*
 * The tokens of JSON (RFC 8259), and how they may nest; read from bytes that may not all be there.
 *
 * Stricter than the RFC where Postgres is: UTF-8 only, no lone surrogates, no \u0000. Nothing is
 * allocated but the stack of a nesting; a lexer points into the caller's bytes. No state, any
 * thread.
 */
#ifndef ENTREPOT_FORMATS_JSON_H
#define ENTREPOT_FORMATS_JSON_H

#include "server/base/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum json_kind {
    JSON_WRONG,      /* no JSON: the lexer says why */
    JSON_INCOMPLETE, /* the bytes end before the token does */
    JSON_OBJECT,
    JSON_OBJECT_END,
    JSON_ARRAY,
    JSON_ARRAY_END,
    JSON_COLON,
    JSON_COMMA,
    JSON_STRING,
    JSON_NUMBER,
    JSON_TRUE,
    JSON_FALSE,
    JSON_NULL
};

struct json_token {
    enum json_kind kind;
    const char *at; /* of a string: behind its quote */
    size_t size;    /* of a string: without its quotes */
    bool escaped;   /* a string that has escapes */
};

struct json_lexer {
    const char *at;
    const char *end;
    int64_t line;      /* where at is; the caller sets the first */
    size_t max_string; /* bytes of a string or number */
    const char *wrong; /* after JSON_WRONG */
};

/** The next token. After JSON_INCOMPLETE the lexer stands before it and can go on with more bytes.
 */
struct json_token json_next(struct json_lexer *lexer);

/** Write the text of an escaped string over itself; gives its size. The token came from json_next.
 */
size_t json_unescape(char *text, size_t size);

/* Which token may come next, and what is open around it. */
enum json_expects {
    JSON_EXPECTS_VALUE,
    JSON_EXPECTS_VALUE_OR_END, /* behind [ */
    JSON_EXPECTS_NAME_OR_END,  /* behind { */
    JSON_EXPECTS_NAME,
    JSON_EXPECTS_COLON,
    JSON_EXPECTS_COMMA_OR_END,
    JSON_EXPECTS_NOTHING /* the outermost value is complete */
};

struct json_nesting {
    enum json_expects expects;
    int depth;
    int max_depth;
    bool *objects; /* max_depth of them: is the one at this depth an object? */
};

void json_nesting_init(struct json_nesting *nesting, bool *objects, int max_depth);

/** Take a token; gives NULL, or why it cannot stand there. */
const char *json_nesting_take(struct json_nesting *nesting, enum json_kind kind);

/**
 * Read on until a nested value is complete, after its first token.
 *
 * Takes   nesting: the caller's; its depth says what is open already.
 * Gives   JSON_INCOMPLETE, JSON_WRONG (the lexer says why), or the kind of its last token.
 */
enum json_kind json_skip(struct json_lexer *lexer, struct json_nesting *nesting,
                         enum json_kind first);

#define JSON_MAX_DEPTH 1000

/** Is it a whole object or array that jsonb can hold? Gives NULL, or why not. */
const char *json_check(const char *text, size_t size, int max_depth);

#endif
