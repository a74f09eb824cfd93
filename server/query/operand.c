#include "operand.h"

#include "fault.h"
#include "functions.h"
#include "literal.h"

#include <strings.h>

static struct arena *arena_of(const struct parser *parser)
{
    return parser->parsing->arena;
}

static const char *excerpt(const struct parser *parser, const struct token *token)
{
    return fault_excerpt(arena_of(parser), token->text, token->size);
}

static struct problem *parse_constant(struct parser *parser, struct value value,
                                      struct term **out_term)
{
    struct term *term = parser_term(parser, TERM_LITERAL, &parser->token);
    term->value = value;
    parser_next(parser);
    *out_term = term;
    return NULL;
}

static struct problem *parse_written(struct parser *parser, enum value_type type, const char *text,
                                     size_t size, struct term **out_term)
{
    struct value value;
    const char *reason;
    if (!literal_read(arena_of(parser), type, text, size, &value, &reason))
        return fault_new(arena_of(parser), parser->option, parser->token.position,
                         "%s is no %s: %s", excerpt(parser, &parser->token), value_type_name(type),
                         reason);
    return parse_constant(parser, value, out_term);
}

static struct problem *parse_prefixed(struct parser *parser, struct term **out_term)
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
            return parse_written(parser, prefixes[i].type, text, size, out_term);
    return parser_unsupported(parser, "geographic values and enumerations");
}

static struct problem *parse_text(struct parser *parser, struct term **out_term)
{
    const struct token *token = &parser->token;
    size_t size;
    struct value value = { .type = VALUE_TEXT };
    value.text = literal_unquote(arena_of(parser), token->text + 1, token->size - 2, &size);
    return parse_constant(parser, value, out_term);
}

/* Gives NULL where no literal stands. */
static struct problem *parse_literal(struct parser *parser, struct term **out_term)
{
    const struct token *token = &parser->token;
    *out_term = NULL;
    if (token->kind == TOKEN_LITERAL)
        return parse_written(parser, token->type, token->text, token->size, out_term);
    if (token->kind == TOKEN_TEXT)
        return parse_text(parser, out_term);
    if (token->kind == TOKEN_PREFIXED)
        return parse_prefixed(parser, out_term);
    if (token->kind != TOKEN_WORD || token->called)
        return NULL;
    if (token_is(token, "null"))
        return parse_constant(parser, (struct value){ .type = VALUE_NULL }, out_term);
    if (token_is(token, "true") || token_is(token, "false"))
        return parse_written(parser, VALUE_BOOL, token->text, token->size, out_term);
    if (token->size == 3
        && (memcmp(token->text, "INF", 3) == 0 || memcmp(token->text, "NaN", 3) == 0))
        return parse_written(parser, VALUE_DOUBLE, token->text, token->size, out_term);
    return NULL;
}

/* @p stands for the value of the option @p, a literal; without such an option it is null. */
static struct problem *parse_alias(struct parser *parser, struct term **out_term)
{
    const struct token *token = &parser->token;
    if (memchr(token->text, '.', token->size) || token->text[token->size] == '/')
        return parser_unsupported(parser, "annotations");
    const struct parsing *parsing = parser->parsing;
    const struct query_option *option = NULL;
    for (size_t i = 0; i < parsing->option_count && !option; i++)
        if (strlen(parsing->options[i].name) == token->size
            && memcmp(parsing->options[i].name, token->text, token->size) == 0)
            option = &parsing->options[i];
    if (!option)
        return parse_constant(parser, (struct value){ .type = VALUE_NULL }, out_term);
    struct parser inner;
    struct term *term = NULL;
    parser_begin(&inner, parser->parsing, option->name, option->value);
    TRY(parse_literal(&inner, &term));
    if (!term)
        return fault_unsupported(parsing->arena, option->name, 0,
                                 "aliases of anything but a literal are not implemented here");
    if (inner.token.kind != TOKEN_END)
        return parser_refuse(&inner, "the end of the value");
    parser_next(parser);
    *out_term = term;
    return NULL;
}

/* Go on behind a mark, or say what should stand there. */
static struct problem *expect(struct parser *parser, enum token_kind kind, const char *what)
{
    if (parser->token.kind != kind)
        return parser_refuse(parser, what);
    parser_next(parser);
    return NULL;
}

/* a, b, c): the operands of a function. */
static struct problem *parse_arguments(struct parser *parser, struct term *call)
{
    while (parser->token.kind != TOKEN_CLOSE) {
        struct term *operand = NULL;
        if (call->count)
            TRY(expect(parser, TOKEN_COMMA, ", or )"));
        TRY(parser_expression(parser, &operand));
        term_add(call, operand);
    }
    return NULL;
}

/* condition:value, condition:value) */
static struct problem *parse_case(struct parser *parser, struct term *call)
{
    call->kind = TERM_CASE;
    do {
        struct term *operand = NULL;
        if (call->count)
            TRY(expect(parser, TOKEN_COMMA, ", or )"));
        TRY(parser_expression(parser, &operand));
        term_add(call, operand);
        TRY(expect(parser, TOKEN_COLON, ": and what the condition gives"));
        TRY(parser_expression(parser, &operand));
        term_add(call, operand);
    } while (parser->token.kind != TOKEN_CLOSE);
    return NULL;
}

/* value, Edm.Type) */
static struct problem *parse_cast(struct parser *parser, struct term *call)
{
    struct term *operand = NULL;
    bool typed = parser->token.kind == TOKEN_WORD && strncmp(parser->token.text, "Edm.", 4) == 0;
    if (typed)
        return parser_unsupported(parser, "casts of the row itself");
    TRY(parser_expression(parser, &operand));
    term_add(call, operand);
    if (parser->token.kind == TOKEN_CLOSE) /* cast(Type), of whatever the row is */
        return parser_unsupported(parser, "casts of the row itself");
    TRY(expect(parser, TOKEN_COMMA, ", and a type such as Edm.String"));
    if (parser->token.kind != TOKEN_WORD)
        return parser_refuse(parser, "a type such as Edm.String");
    call->name = functions_name(&parser->token);
    if (!call->name || strncmp(call->name, "Edm.", 4) != 0)
        return parser_unsupported(parser, "casts to this type");
    parser_next(parser);
    return NULL;
}

static struct problem *parse_call(struct parser *parser, struct term **out_term)
{
    const struct token *token = &parser->token;
    const char *name = functions_name(token);
    bool qualified = memchr(token->text, '.', token->size);
    if (!name && !qualified)
        return fault_new(arena_of(parser), parser->option, token->position,
                         "there is no function named %s; there are those of OData 4.01, such as "
                         "contains, startswith, length, year and round",
                         excerpt(parser, token));
    if (!name || strncmp(name, "Edm.", 4) == 0 || !functions_has(name))
        return fault_unsupported(arena_of(parser), parser->option, token->position,
                                 "the function %s is not implemented here", excerpt(parser, token));
    struct term *call = parser_term(parser, TERM_CALL, token);
    call->name = name;
    TRY(parser_down(parser)); /* to the parenthesis, which stands right behind the name */
    parser_next(parser);
    if (strcmp(name, "case") == 0)
        TRY(parse_case(parser, call));
    else if (strcmp(name, "cast") == 0)
        TRY(parse_cast(parser, call));
    else
        TRY(parse_arguments(parser, call));
    parser->nesting--;
    TRY(expect(parser, TOKEN_CLOSE, ")"));
    *out_term = call;
    return parser_check_depth(parser, call);
}

/* What a path leads to decides what to call it. */
static struct problem *refuse_path(struct parser *parser)
{
    parser_next(parser);
    if (token_is(&parser->token, "any") || token_is(&parser->token, "all"))
        return parser_unsupported(parser, "any and all over collections");
    if (parser->token.kind == TOKEN_WORD)
        return parser_unsupported(parser, "paths to properties of properties");
    return parser_refuse(parser, "a name");
}

static struct problem *parse_name(struct parser *parser, struct term **out_term)
{
    const struct token *token = &parser->token;
    if (token->text[0] == '@')
        return parse_alias(parser, out_term);
    if (token_is(token, "$it") || token_is(token, "$this") || token_is(token, "$these")
        || token_is(token, "$root"))
        return fault_unsupported(arena_of(parser), parser->option, token->position,
                                 "%s is not implemented here", excerpt(parser, token));
    if (token->text[0] == '$')
        return parser_refuse(parser, "a column or a literal");
    if (token->called)
        return parse_call(parser, out_term);
    if (memchr(token->text, '.', token->size))
        return parser_unsupported(parser, "qualified names");
    struct term *term = parser_term(parser, TERM_COLUMN, token);
    parser_next(parser);
    if (parser->token.kind == TOKEN_SLASH)
        return refuse_path(parser);
    *out_term = term;
    return NULL;
}

struct problem *operand_read(struct parser *parser, struct term **out_term)
{
    TRY(parse_literal(parser, out_term));
    if (*out_term)
        return NULL;
    if (parser->token.kind == TOKEN_WORD)
        return parse_name(parser, out_term);
    if (parser->token.kind == TOKEN_JSON)
        return parser_unsupported(parser, "collections and objects");
    return parser_refuse(parser, "a column, a literal or (");
}

struct problem *operand_read_item(struct parser *parser, struct term **out_term)
{
    if (parser->token.kind == TOKEN_WORD && parser->token.text[0] == '@')
        return parse_alias(parser, out_term);
    TRY(parse_literal(parser, out_term));
    return *out_term ? NULL : parser_refuse(parser, "a literal of the list");
}
