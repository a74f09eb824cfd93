/* query_key: the row of a key, as paths of OData name it, put around a query. */
#include "fault.h"
#include "operand.h"
#include "typing.h"

static const char option[] = "key";

struct key {
    struct parser parser;
    const struct columns *source;
    struct columns columns;
    bool *given;
    size_t count;
};

/* name= in front of a value. */
static bool is_named(const struct token *token)
{
    return token->kind == TOKEN_WORD && token->text[0] != '@' && token->text[token->size] == '=';
}

/* Which column of the key is meant; the parser goes on to the value. */
static struct problem *choose_column(struct key *key, size_t *out_index)
{
    struct parser *parser = &key->parser;
    struct arena *arena = parser->parsing->arena;
    const struct token name = parser->token;
    const struct column *column;
    if (!is_named(&name)) {
        *out_index = 0;
        return key->columns.count == 1 ? NULL
                                       : parser_refuse(parser, "name=value for each column of the "
                                                               "key, parted by commas");
    }
    TRY(typing_column(arena, key->source, option, name.position, name.text, name.size, &column));
    if (!column->key_position)
        return fault_new(arena, option, name.position, "the column %s is not in the key",
                         column->name);
    *out_index = (size_t)column->key_position - 1;
    if (key->given[*out_index])
        return fault_new(arena, option, name.position, "the column %s stands more than once",
                         column->name);
    parser_next(parser);
    parser_next(parser);
    return NULL;
}

/* column eq value */
static struct problem *read_part(struct key *key, struct term **out_term)
{
    struct parser *parser = &key->parser;
    const struct token at = parser->token;
    size_t index = 0;
    struct term *value = NULL;
    TRY(choose_column(key, &index));
    TRY(operand_read_item(parser, &value));
    const char *name = key->columns.list[index].name;
    struct term *column = parser_term(parser, TERM_COLUMN, &at);
    column->source = name;
    column->source_size = strlen(name);
    struct term *term = parser_term(parser, TERM_COMPARE, &at);
    term->comparison = COMPARE_EQ;
    term_add(term, column);
    term_add(term, value);
    key->given[index] = true;
    key->count++;
    *out_term = term;
    return typing_filter(parser->parsing->arena, key->source, term);
}

static struct problem *read_key(struct key *key, struct term **out_term)
{
    struct parser *parser = &key->parser;
    struct arena *arena = parser->parsing->arena;
    *out_term = NULL;
    for (;;) {
        struct term *term = NULL;
        TRY(read_part(key, &term));
        *out_term = *out_term ? term_pair(arena, TERM_AND, *out_term, term) : term;
        if (parser->token.kind == TOKEN_END)
            break;
        if (parser->token.kind != TOKEN_COMMA)
            return parser_refuse(parser, ", or the end of the key");
        parser_next(parser);
    }
    return key->count == key->columns.count
               ? NULL
               : fault_new(arena, option, 0, "the key has %zu columns, not %zu", key->columns.count,
                           key->count);
}

struct problem *query_key(struct arena *arena, const char *text, const struct query_option *options,
                          size_t option_count, const struct query_limits *limits,
                          struct query *query)
{
    struct parsing parsing = {
        .arena = arena, .limits = limits, .options = options, .option_count = option_count
    };
    struct key key = { .source = query->source, .columns = columns_key(arena, query->source) };
    struct term *term;
    if (!key.columns.count)
        return fault_new(arena, option, 0, "the dataset has no key");
    key.given = arena_array_of(arena, bool, key.columns.count);
    parser_begin(&key.parser, &parsing, option, text);
    TRY(read_key(&key, &term));
    query->filter = query->filter ? term_pair(arena, TERM_AND, term, query->filter) : term;
    return NULL;
}
