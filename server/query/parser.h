/*
 * The parser: text of filter and orderby to an untyped tree.
 *
 * Recursive descent by precedence, guarded: nesting and nodes are counted against the limits, so
 * neither deep nor long input can hurt. One parser per option's value; the limits on nodes are
 * shared by all parsers of a query.
 */
#ifndef ENTREPOT_QUERY_PARSER_H
#define ENTREPOT_QUERY_PARSER_H

#include "lexer.h"
#include "tree.h"

/* What all parsers of one query share. */
struct parsing {
    struct arena *arena;
    const struct query_limits *limits;
    const struct query_option *options; /* for parameter aliases */
    size_t option_count;
    int64_t nodes; /* made so far */
};

struct parser {
    struct parsing *parsing;
    const char *option;
    struct lexer lexer;
    struct token token; /* the one to look at */
    int64_t nesting;
};

/** Begin on the value of an option; the first token is there to look at. */
void parser_begin(struct parser *parser, struct parsing *parsing, const char *option,
                  const char *text);

/** Go on to the next token. */
void parser_next(struct parser *parser);

/**
 * Parse one expression, up to the first token that cannot belong to it.
 * Fails   PROBLEM_BAD_QUERY, PROBLEM_NOT_IMPLEMENTED.
 */
struct problem *parser_expression(struct parser *parser, struct term **out_term) MUST_USE;

/* For the parts of the parser. */

/** A new term at a token. That there are not too many is seen when the next operand is read. */
struct term *parser_term(struct parser *parser, enum term_kind kind, const struct token *at)
    __attribute__((returns_nonnull));

/** Fails where there are more terms than the limit says. */
struct problem *parser_check_count(const struct parser *parser) MUST_USE;

/** Go one level down and on; the caller comes up again by parser->nesting--. */
struct problem *parser_down(struct parser *parser) MUST_USE;

/** Fails where a term that got its operands is too deep. */
struct problem *parser_check_depth(const struct parser *parser, const struct term *term) MUST_USE;

/** Takes what: things in the plural that OData knows and we do not. */
struct problem *parser_unsupported(const struct parser *parser, const char *what) MUST_USE
    __attribute__((returns_nonnull));

/** Refuse the token at hand. Takes expected: what could stand there. */
struct problem *parser_refuse(const struct parser *parser, const char *expected)
    __attribute__((returns_nonnull));

#endif
