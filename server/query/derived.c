#include "derived.h"

#include "fault.h"
#include "method.h"
#include "typing.h"

/* More than any client needs; OData's longest name. */
#define DERIVED_MAX 64
#define NAME_BYTES_MAX 128

/* The columns a step makes, as they are found. */
struct deriving {
    struct parser *parser;
    struct step *step;
    struct column *columns;
    size_t column_count;
    struct step_value *values;
    size_t value_count;
};

static struct arena *arena_of(const struct deriving *deriving)
{
    return deriving->parser->parsing->arena;
}

static struct deriving begin(struct parser *parser, struct step *step, size_t kept)
{
    struct arena *arena = parser->parsing->arena;
    return (struct deriving){
        .parser = parser,
        .step = step,
        .columns = arena_array_of(arena, struct column, kept + DERIVED_MAX),
        .values = arena_array_of(arena, struct step_value, DERIVED_MAX),
    };
}

static void finish(struct deriving *deriving)
{
    struct columns *columns = arena_new_of(arena_of(deriving), struct columns);
    *columns = (struct columns){ deriving->columns, deriving->column_count };
    deriving->step->columns = columns;
    deriving->step->values = deriving->values;
    deriving->step->value_count = deriving->value_count;
}

/* Values of the groups identify a row: they are its key, unless one of them may be null. */
static void take_groups(struct deriving *deriving)
{
    const struct step *step = deriving->step;
    bool identify = true;
    for (size_t i = 0; i < step->group_count; i++)
        identify &= step->groups[i]->required || step->groups[i]->key_position;
    for (size_t i = 0; i < step->group_count; i++) {
        struct column column = *step->groups[i];
        column.required |= column.key_position > 0;
        column.key_position = identify ? (int)i + 1 : 0;
        column.unique = false;
        deriving->columns[deriving->column_count++] = column;
    }
}

static struct problem *expect(struct parser *parser, enum token_kind kind, const char *what)
{
    if (parser->token.kind != kind)
        return parser_refuse(parser, what);
    parser_next(parser);
    return NULL;
}

/* as NAME, of no other column. */
static struct problem *read_name(struct deriving *deriving, const char **out_name)
{
    struct parser *parser = deriving->parser;
    const struct token *token = &parser->token;
    if (!token_is(token, "as"))
        return parser_refuse(parser, "as and a name");
    parser_next(parser);
    if (token->kind != TOKEN_WORD || token->called || token->text[0] == '$' || token->text[0] == '@'
        || memchr(token->text, '.', token->size))
        return parser_refuse(parser, "a name of letters, digits and _");
    if (token->size > NAME_BYTES_MAX)
        return fault_new(arena_of(deriving), parser->option, token->position,
                         "a name has at most %d bytes", NAME_BYTES_MAX);
    const char *name = arena_copy(arena_of(deriving), token->text, token->size);
    const struct columns taken = { deriving->columns, deriving->column_count };
    if (columns_find(&taken, name, true))
        return fault_new(arena_of(deriving), parser->option, token->position,
                         "there is a column named %s already",
                         fault_excerpt(arena_of(deriving), name, token->size));
    parser_next(parser);
    *out_name = name;
    return NULL;
}

/* A name alone, that is no column, may stand for an aggregate that others define. */
static struct problem *refuse_custom(const struct deriving *deriving, const struct term *term)
{
    const struct parser *parser = deriving->parser;
    if (term->kind != TERM_COLUMN || token_is(&parser->token, "with"))
        return NULL;
    const char *name = arena_copy(arena_of(deriving), term->source, term->source_size);
    if (columns_find(deriving->step->input, name, true))
        return NULL;
    return fault_unsupported(arena_of(deriving), parser->option, term->position,
                             "%s is no column, and custom aggregates are not implemented here",
                             fault_excerpt(arena_of(deriving), name, term->source_size));
}

/* with METHOD */
static struct problem *read_method(struct deriving *deriving, const struct term *term,
                                   const struct method **out_method)
{
    struct parser *parser = deriving->parser;
    const struct token *token = &parser->token;
    if (!token_is(token, "with"))
        return parser_refuse(parser, "with and a method such as sum");
    parser_next(parser);
    if (token->kind == TOKEN_WORD && memchr(token->text, '.', token->size))
        return parser_unsupported(parser, "custom methods of aggregation");
    if (!method_is_known(token))
        return parser_refuse(parser, "sum, min, max, average or countdistinct");
    const struct method *method = method_find(token, term->type);
    if (!method)
        return fault_unsupported(arena_of(deriving), parser->option, token->position,
                                 "%s of values of type %s is not implemented here",
                                 fault_excerpt(arena_of(deriving), token->text, token->size),
                                 value_type_name(term->type));
    parser_next(parser);
    if (token_is(token, "from"))
        return parser_unsupported(parser, "aggregates from groups of groups");
    *out_method = method;
    return NULL;
}

static struct problem *read_aggregate(struct deriving *deriving)
{
    struct parser *parser = deriving->parser;
    struct term *term = NULL;
    const struct method *method = &method_count;
    const char *name;
    if (token_is(&parser->token, "$count")) {
        parser_next(parser);
    } else {
        TRY(parser_expression(parser, &term));
        TRY(refuse_custom(deriving, term));
        TRY(typing_value(arena_of(deriving), deriving->step->input, term));
        TRY(read_method(deriving, term, &method));
    }
    TRY(read_name(deriving, &name));
    deriving->values[deriving->value_count++] = (struct step_value){ term, method };
    deriving->columns[deriving->column_count++] = method_column(method, term, name);
    return NULL;
}

static struct problem *read_computed(struct deriving *deriving)
{
    struct parser *parser = deriving->parser;
    struct term *term = NULL;
    const char *name;
    size_t position = parser->token.position;
    TRY(parser_expression(parser, &term));
    TRY(typing_value(arena_of(deriving), deriving->step->input, term));
    enum column_type type = value_column_type(term->type);
    if (type == COLUMN_NO_TYPE)
        return fault_unsupported(arena_of(deriving), parser->option, position,
                                 "computed columns of type %s are not implemented here",
                                 value_type_name(term->type));
    TRY(read_name(deriving, &name));
    struct column column = {
        .name = name, .type = type, .required = !term->nullable, .shortest = -1, .longest = -1
    };
    deriving->values[deriving->value_count++] = (struct step_value){ term, NULL };
    deriving->columns[deriving->column_count++] = column;
    return NULL;
}

/* One after the other, parted by commas. */
static struct problem *read_all(struct deriving *deriving,
                                struct problem *(*read)(struct deriving *deriving))
{
    struct parser *parser = deriving->parser;
    for (;;) {
        if (deriving->value_count == DERIVED_MAX)
            return fault_new(arena_of(deriving), parser->option, parser->token.position,
                             "a step makes at most %d columns", DERIVED_MAX);
        TRY(read(deriving));
        if (parser->token.kind == TOKEN_CLOSE)
            break;
        TRY(expect(parser, TOKEN_COMMA, ", or )"));
    }
    finish(deriving);
    return NULL;
}

struct problem *derived_read_aggregates(struct parser *parser, struct step *step)
{
    struct deriving deriving = begin(parser, step, step->group_count);
    take_groups(&deriving);
    return read_all(&deriving, read_aggregate);
}

void derived_take_groups(struct parser *parser, struct step *step)
{
    struct deriving deriving = begin(parser, step, step->group_count);
    take_groups(&deriving);
    finish(&deriving);
}

struct problem *derived_read_computed(struct parser *parser, struct step *step)
{
    struct deriving deriving = begin(parser, step, step->input->count);
    memcpy(deriving.columns, step->input->list, step->input->count * sizeof *deriving.columns);
    deriving.column_count = step->input->count;
    return read_all(&deriving, read_computed);
}
