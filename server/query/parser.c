#include "parser.h"

#include "fault.h"
#include "operand.h"
#include "words.h"

void parser_begin(struct parser *parser, struct parsing *parsing, const char *option,
                  const char *text)
{
    *parser = (struct parser){ .parsing = parsing, .option = option, .lexer = { .text = text } };
    parser_next(parser);
}

void parser_next(struct parser *parser)
{
    parser->token = lexer_next(&parser->lexer);
}

static struct arena *arena_of(const struct parser *parser)
{
    return parser->parsing->arena;
}

static const char *excerpt(const struct parser *parser, const struct token *token)
{
    return fault_excerpt(arena_of(parser), token->text, token->size);
}

struct problem *parser_refuse(const struct parser *parser, const char *expected)
{
    const struct token *token = &parser->token;
    if (token->kind == TOKEN_END)
        return fault_new(arena_of(parser), parser->option, token->position,
                         "the value ends where %s should stand", expected);
    if (token->kind == TOKEN_UNKNOWN && token->size > 1)
        return fault_new(arena_of(parser), parser->option, token->position,
                         "the text that begins here is never closed by '");
    const char *hint = *token->text == '+' ? ": a space is written %20 in a URL" : "";
    return fault_new(arena_of(parser), parser->option, token->position,
                     "here should stand %s, not %s%s", expected, excerpt(parser, token), hint);
}

struct problem *parser_unsupported(const struct parser *parser, const char *what)
{
    return fault_unsupported(arena_of(parser), parser->option, parser->token.position,
                             "%s are not implemented here", what);
}

struct term *parser_term(struct parser *parser, enum term_kind kind, const struct token *at)
{
    struct term *term = arena_new_of(arena_of(parser), struct term);
    parser->parsing->nodes++;
    term->kind = kind;
    term->depth = 1;
    term->option = parser->option;
    term->position = at->position;
    term->source = at->text;
    term->source_size = at->size;
    return term;
}

struct problem *parser_check_count(const struct parser *parser)
{
    const struct query_limits *limits = parser->parsing->limits;
    if (parser->parsing->nodes <= limits->nodes)
        return NULL;
    return fault_new(arena_of(parser), parser->option, parser->token.position,
                     "the query has more than %lld parts: ask in several requests",
                     (long long)limits->nodes);
}

static struct problem *too_deep(const struct parser *parser, size_t position)
{
    return fault_new(arena_of(parser), parser->option, position,
                     "the expression is nested more than %lld levels deep: write it flatter",
                     (long long)parser->parsing->limits->depth);
}

struct problem *parser_check_depth(const struct parser *parser, const struct term *term)
{
    return term->depth > parser->parsing->limits->depth ? too_deep(parser, term->position) : NULL;
}

struct problem *parser_down(struct parser *parser)
{
    if (++parser->nesting > parser->parsing->limits->depth)
        return too_deep(parser, parser->token.position);
    parser_next(parser);
    return NULL;
}

/* and, or in a row become one term, so that long chains of them are not deep. */
static struct problem *term_join(struct parser *parser, const struct operator_word *word,
                                 const struct token *at, struct term *left, struct term *right,
                                 struct term **out_term)
{
    bool chain = word->kind == TERM_AND || word->kind == TERM_OR;
    struct term *term = left;
    if (!chain || left->kind != word->kind) {
        term = parser_term(parser, word->kind, at);
        term->comparison = word->comparison;
        term->name = word->name;
        term_add(term, left);
    }
    if (chain && right->kind == word->kind) {
        for (struct term *operand = right->first, *next; operand; operand = next) {
            next = operand->next;
            term_add(term, operand);
        }
    } else {
        term_add(term, right);
    }
    *out_term = term;
    return parser_check_depth(parser, term);
}

static struct problem *parse_level(struct parser *parser, int lowest, struct term **out_term);

static struct problem *parse_group(struct parser *parser, struct term **out_term)
{
    TRY(parser_down(parser));
    TRY(parse_level(parser, PRECEDENCE_LOWEST, out_term));
    parser->nesting--;
    if (parser->token.kind == TOKEN_COMMA)
        return fault_new(arena_of(parser), parser->option, parser->token.position,
                         "a list may stand only behind in");
    if (parser->token.kind != TOKEN_CLOSE)
        return parser_refuse(parser, "an operator or )");
    parser_next(parser);
    return NULL;
}

static struct problem *parse_not(struct parser *parser, struct term **out_term)
{
    struct term *term = parser_term(parser, TERM_NOT, &parser->token);
    struct term *operand = NULL;
    TRY(parser_down(parser));
    TRY(parse_level(parser, PRECEDENCE_UNARY, &operand));
    parser->nesting--;
    term_add(term, operand);
    *out_term = term;
    return parser_check_depth(parser, term);
}

static struct problem *parse_minus(struct parser *parser, struct term **out_term)
{
    struct term *term = parser_term(parser, TERM_CALL, &parser->token);
    struct term *operand = NULL;
    TRY(parser_down(parser));
    TRY(parse_level(parser, PRECEDENCE_UNARY, &operand));
    parser->nesting--;
    term->name = "-";
    term_add(term, operand);
    *out_term = term;
    return parser_check_depth(parser, term);
}

static struct problem *parse_operand(struct parser *parser, struct term **out_term)
{
    TRY(parser_check_count(parser));
    switch (parser->token.kind) {
    case TOKEN_OPEN:
        return parse_group(parser, out_term);
    case TOKEN_MINUS:
        return parse_minus(parser, out_term);
    default:
        return token_is(&parser->token, "not") ? parse_not(parser, out_term)
                                               : operand_read(parser, out_term);
    }
}

/* The list behind in: literals only. */
static struct problem *parse_list(struct parser *parser, const struct token *at, struct term *left,
                                  struct term **out_term)
{
    struct term *term = parser_term(parser, TERM_IN, at);
    term_add(term, left);
    if (parser->token.kind == TOKEN_JSON || parser->token.kind == TOKEN_WORD)
        return parser_unsupported(parser, "collections behind in");
    if (parser->token.kind != TOKEN_OPEN)
        return parser_refuse(parser, "a list such as (1,2)");
    parser_next(parser);
    while (parser->token.kind != TOKEN_CLOSE) {
        if (term->count > 1) {
            if (parser->token.kind != TOKEN_COMMA)
                return parser_refuse(parser, ", or )");
            parser_next(parser);
        }
        size_t position = parser->token.position;
        struct term *item = NULL;
        TRY(operand_read_item(parser, &item));
        TRY(parser_check_count(parser));
        term_add(term, item);
        if ((int64_t)term->count - 1 > parser->parsing->limits->literals)
            return fault_new(arena_of(parser), parser->option, position,
                             "the list has more than %lld values: ask in several requests",
                             (long long)parser->parsing->limits->literals);
    }
    parser_next(parser);
    *out_term = term;
    return parser_check_depth(parser, term);
}

static struct problem *parse_right(struct parser *parser, const struct operator_word *word,
                                   const struct token *at, struct term *left,
                                   struct term **out_term)
{
    if (word->kind == TERM_NONE)
        return fault_unsupported(arena_of(parser), parser->option, at->position,
                                 "the operator %s is not implemented here", word->name);
    parser_next(parser);
    if (!parser->token.spaced && parser->token.kind != TOKEN_END)
        return parser_refuse(parser, "a space behind the operator");
    if (word->kind == TERM_IN)
        return parse_list(parser, at, left, out_term);
    struct term *right = NULL;
    TRY(parse_level(parser, word->precedence + 1, &right));
    return term_join(parser, word, at, left, right, out_term);
}

/* Operators that bind as tightly as `lowest` or tighter, from left to right. */
static struct problem *parse_level(struct parser *parser, int lowest, struct term **out_term)
{
    struct term *left = NULL;
    TRY(parse_operand(parser, &left));
    for (;;) {
        struct token at = parser->token;
        const struct operator_word *word = at.spaced ? words_operator(&at) : NULL;
        if (!word || word->precedence < lowest)
            break;
        TRY(parse_right(parser, word, &at, left, &left));
    }
    *out_term = left;
    return NULL;
}

struct problem *parser_expression(struct parser *parser, struct term **out_term)
{
    TRY(parse_level(parser, PRECEDENCE_LOWEST, out_term));
    return parser_check_count(parser);
}
