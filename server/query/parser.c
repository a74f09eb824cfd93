#include "parser.h"

#include "fault.h"
#include "literal.h"
#include "server/base/text.h"
#include "words.h"

#include <strings.h>

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
    return fault_new(arena_of(parser), parser->option, token->position,
                     "here should stand %s, not %s", expected, excerpt(parser, token));
}

static struct problem *unsupported(const struct parser *parser, const char *what)
{
    return fault_unsupported(arena_of(parser), parser->option, parser->token.position,
                             "%s are not implemented here", what);
}

static struct problem *node_make(struct parser *parser, enum term_kind kind, const struct token *at,
                                 struct term **out_node)
{
    struct parsing *parsing = parser->parsing;
    if (++parsing->nodes > parsing->limits->nodes)
        return fault_new(parsing->arena, parser->option, at->position,
                         "the query has more than %lld parts", (long long)parsing->limits->nodes);
    struct term *node = arena_new_of(parsing->arena, struct term);
    node->kind = kind;
    node->depth = 1;
    node->option = parser->option;
    node->position = at->position;
    node->source = at->text;
    node->source_size = at->size;
    *out_node = node;
    return NULL;
}

static struct problem *too_deep(const struct parser *parser, size_t position)
{
    return fault_new(arena_of(parser), parser->option, position,
                     "the expression is nested more than %lld levels deep",
                     (long long)parser->parsing->limits->depth);
}

static struct problem *check_depth(const struct parser *parser, const struct term *node)
{
    return node->depth > parser->parsing->limits->depth ? too_deep(parser, node->position) : NULL;
}

/* and, or in a row become one node, so that long chains of them are not deep. */
static struct problem *node_join(struct parser *parser, const struct operator_word *word,
                                 const struct token *at, struct term *left, struct term *right,
                                 struct term **out_node)
{
    bool chain = word->kind == TERM_AND || word->kind == TERM_OR;
    struct term *node = left;
    if (!chain || left->kind != word->kind) {
        TRY(node_make(parser, word->kind, at, &node));
        node->comparison = word->comparison;
        term_add(node, left);
    }
    if (chain && right->kind == word->kind) {
        for (struct term *operand = right->first, *next; operand; operand = next) {
            next = operand->next;
            term_add(node, operand);
        }
    } else {
        term_add(node, right);
    }
    *out_node = node;
    return check_depth(parser, node);
}

static struct problem *parse_level(struct parser *parser, int lowest, struct term **out_node);

static struct problem *parse_constant(struct parser *parser, struct value value,
                                      struct term **out_node)
{
    struct term *node = NULL;
    TRY(node_make(parser, TERM_LITERAL, &parser->token, &node));
    node->value = value;
    parser_next(parser);
    *out_node = node;
    return NULL;
}

static struct problem *parse_written(struct parser *parser, enum value_type type, const char *text,
                                     size_t size, struct term **out_node)
{
    struct value value;
    const char *reason;
    if (!literal_read(arena_of(parser), type, text, size, &value, &reason))
        return fault_new(arena_of(parser), parser->option, parser->token.position,
                         "%s is no %s: %s", excerpt(parser, &parser->token), value_type_name(type),
                         reason);
    return parse_constant(parser, value, out_node);
}

static struct problem *parse_prefixed(struct parser *parser, struct term **out_node)
{
    const struct token *token = &parser->token;
    const char *text = token->text + token->prefix + 1;
    size_t size = token->size - token->prefix - 2;
    static const struct {
        const char *prefix;
        enum value_type type;
    } prefixes[] = { { "binary", VALUE_BYTES }, { "duration", VALUE_DURATION } };
    for (size_t i = 0; i < COUNT(prefixes); i++)
        if (strlen(prefixes[i].prefix) == token->prefix
            && strncasecmp(token->text, prefixes[i].prefix, token->prefix) == 0)
            return parse_written(parser, prefixes[i].type, text, size, out_node);
    return unsupported(parser, "geographic values and enumerations");
}

static struct problem *parse_text(struct parser *parser, struct term **out_node)
{
    const struct token *token = &parser->token;
    size_t size;
    struct value value = { .type = VALUE_TEXT };
    value.text = literal_unquote(arena_of(parser), token->text + 1, token->size - 2, &size);
    return parse_constant(parser, value, out_node);
}

/* Gives NULL where no literal stands. */
static struct problem *parse_literal(struct parser *parser, struct term **out_node)
{
    const struct token *token = &parser->token;
    *out_node = NULL;
    if (token->kind == TOKEN_LITERAL)
        return parse_written(parser, token->type, token->text, token->size, out_node);
    if (token->kind == TOKEN_TEXT)
        return parse_text(parser, out_node);
    if (token->kind == TOKEN_PREFIXED)
        return parse_prefixed(parser, out_node);
    if (token->kind != TOKEN_WORD || token->called)
        return NULL;
    if (token_is(token, "null"))
        return parse_constant(parser, (struct value){ .type = VALUE_NULL }, out_node);
    if (token_is(token, "true") || token_is(token, "false"))
        return parse_written(parser, VALUE_BOOL, token->text, token->size, out_node);
    if (token->size == 3
        && (memcmp(token->text, "INF", 3) == 0 || memcmp(token->text, "NaN", 3) == 0))
        return parse_written(parser, VALUE_DOUBLE, token->text, token->size, out_node);
    return NULL;
}

/* @p stands for the value of the option @p, a literal; without such an option it is null. */
static struct problem *parse_alias(struct parser *parser, struct term **out_node)
{
    const struct token *token = &parser->token;
    if (memchr(token->text, '.', token->size))
        return unsupported(parser, "annotations");
    const struct parsing *parsing = parser->parsing;
    const struct query_option *option = NULL;
    for (size_t i = 0; i < parsing->option_count && !option; i++)
        if (strlen(parsing->options[i].name) == token->size
            && memcmp(parsing->options[i].name, token->text, token->size) == 0)
            option = &parsing->options[i];
    if (!option)
        return parse_constant(parser, (struct value){ .type = VALUE_NULL }, out_node);
    struct parser inner;
    struct term *node = NULL;
    parser_begin(&inner, parser->parsing, option->name, option->value);
    TRY(parse_literal(&inner, &node));
    if (!node)
        return fault_unsupported(parsing->arena, option->name, 0,
                                 "aliases of anything but a literal are not implemented here");
    if (inner.token.kind != TOKEN_END)
        return parser_refuse(&inner, "the end of the value");
    parser_next(parser);
    *out_node = node;
    return NULL;
}

static struct problem *parse_call(struct parser *parser)
{
    const struct token *token = &parser->token;
    if (words_is_function(token) || memchr(token->text, '.', token->size))
        return fault_unsupported(arena_of(parser), parser->option, token->position,
                                 "the function %s is not implemented here", excerpt(parser, token));
    return fault_new(arena_of(parser), parser->option, token->position,
                     "there is no function named %s", excerpt(parser, token));
}

/* What a path leads to decides what to call it. */
static struct problem *refuse_path(struct parser *parser)
{
    parser_next(parser);
    if (token_is(&parser->token, "any") || token_is(&parser->token, "all"))
        return unsupported(parser, "any and all over collections");
    if (parser->token.kind == TOKEN_WORD)
        return unsupported(parser, "paths to properties of properties");
    return parser_refuse(parser, "a name");
}

static struct problem *parse_name(struct parser *parser, struct term **out_node)
{
    const struct token *token = &parser->token;
    if (token->text[0] == '@')
        return parse_alias(parser, out_node);
    if (token_is(token, "$it") || token_is(token, "$this") || token_is(token, "$root"))
        return fault_unsupported(arena_of(parser), parser->option, token->position,
                                 "%s is not implemented here", excerpt(parser, token));
    if (token->text[0] == '$')
        return parser_refuse(parser, "a column or a literal");
    if (token->called)
        return parse_call(parser);
    if (memchr(token->text, '.', token->size))
        return unsupported(parser, "qualified names");
    struct term *node = NULL;
    TRY(node_make(parser, TERM_COLUMN, token, &node));
    parser_next(parser);
    if (parser->token.kind == TOKEN_SLASH)
        return refuse_path(parser);
    *out_node = node;
    return NULL;
}

/* Go one level down; the caller comes up again by parser->nesting--. */
static struct problem *go_down(struct parser *parser)
{
    if (++parser->nesting > parser->parsing->limits->depth)
        return too_deep(parser, parser->token.position);
    parser_next(parser);
    return NULL;
}

static struct problem *parse_group(struct parser *parser, struct term **out_node)
{
    TRY(go_down(parser));
    TRY(parse_level(parser, PRECEDENCE_LOWEST, out_node));
    parser->nesting--;
    if (parser->token.kind == TOKEN_COMMA)
        return fault_new(arena_of(parser), parser->option, parser->token.position,
                         "a list may stand only behind in");
    if (parser->token.kind != TOKEN_CLOSE)
        return parser_refuse(parser, "an operator or )");
    parser_next(parser);
    return NULL;
}

static struct problem *parse_not(struct parser *parser, struct term **out_node)
{
    struct term *node = NULL, *operand = NULL;
    TRY(node_make(parser, TERM_NOT, &parser->token, &node));
    TRY(go_down(parser));
    TRY(parse_level(parser, PRECEDENCE_UNARY, &operand));
    parser->nesting--;
    term_add(node, operand);
    *out_node = node;
    return check_depth(parser, node);
}

static struct problem *parse_operand(struct parser *parser, struct term **out_node)
{
    TRY(parse_literal(parser, out_node));
    if (*out_node)
        return NULL;
    switch (parser->token.kind) {
    case TOKEN_OPEN:
        return parse_group(parser, out_node);
    case TOKEN_WORD:
        return token_is(&parser->token, "not") ? parse_not(parser, out_node)
                                               : parse_name(parser, out_node);
    case TOKEN_MINUS:
        return unsupported(parser, "arithmetic operators");
    case TOKEN_JSON:
        return unsupported(parser, "collections and objects");
    default:
        return parser_refuse(parser, "a column, a literal or (");
    }
}

static struct problem *parse_item(struct parser *parser, struct term **out_node)
{
    if (parser->token.kind == TOKEN_WORD && parser->token.text[0] == '@')
        return parse_alias(parser, out_node);
    TRY(parse_literal(parser, out_node));
    return *out_node ? NULL : parser_refuse(parser, "a literal of the list");
}

/* The list behind in: literals only. */
static struct problem *parse_list(struct parser *parser, const struct token *at, struct term *left,
                                  struct term **out_node)
{
    struct term *node = NULL;
    TRY(node_make(parser, TERM_IN, at, &node));
    term_add(node, left);
    if (parser->token.kind == TOKEN_JSON || parser->token.kind == TOKEN_WORD)
        return unsupported(parser, "collections behind in");
    if (parser->token.kind != TOKEN_OPEN)
        return parser_refuse(parser, "a list such as (1,2)");
    parser_next(parser);
    while (parser->token.kind != TOKEN_CLOSE) {
        if (node->count > 1) {
            if (parser->token.kind != TOKEN_COMMA)
                return parser_refuse(parser, ", or )");
            parser_next(parser);
        }
        size_t position = parser->token.position;
        struct term *item = NULL;
        TRY(parse_item(parser, &item));
        term_add(node, item);
        if ((int64_t)node->count - 1 > parser->parsing->limits->literals)
            return fault_new(arena_of(parser), parser->option, position,
                             "the list has more than %lld literals",
                             (long long)parser->parsing->limits->literals);
    }
    parser_next(parser);
    *out_node = node;
    return check_depth(parser, node);
}

static struct problem *parse_right(struct parser *parser, const struct operator_word *word,
                                   const struct token *at, struct term *left,
                                   struct term **out_node)
{
    if (word->kind == TERM_NONE)
        return fault_unsupported(arena_of(parser), parser->option, at->position,
                                 "the operator %s is not implemented here", word->name);
    parser_next(parser);
    if (!parser->token.spaced && parser->token.kind != TOKEN_END)
        return parser_refuse(parser, "a space behind the operator");
    if (word->kind == TERM_IN)
        return parse_list(parser, at, left, out_node);
    struct term *right = NULL;
    TRY(parse_level(parser, word->precedence + 1, &right));
    return node_join(parser, word, at, left, right, out_node);
}

/* Operators that bind as tightly as `lowest` or tighter, from left to right. */
static struct problem *parse_level(struct parser *parser, int lowest, struct term **out_node)
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
    *out_node = left;
    return NULL;
}

struct problem *parser_expression(struct parser *parser, struct term **out_node)
{
    return parse_level(parser, PRECEDENCE_LOWEST, out_node);
}
