/* apply_read: the text of apply to steps. */
#include "apply.h"

#include "derived.h"
#include "fault.h"
#include "order.h"
#include "server/base/text.h"
#include "typing.h"

#include <assert.h>

/* More steps than any client needs; each is a level of the SQL. */
#define STEPS_MAX 32

struct pipeline {
    struct parser *parser;
    struct query *query;
    struct step *last; /* of query->steps; NULL: none */
    size_t count;
};

static struct arena *arena_of(const struct pipeline *pipeline)
{
    return pipeline->parser->parsing->arena;
}

/* A new step of the pipeline, which keeps the columns. */
static struct step *add_step(struct pipeline *pipeline, enum step_kind kind)
{
    struct step *step = arena_new_of(arena_of(pipeline), struct step);
    step->kind = kind;
    step->before = pipeline->last;
    step->input = step->columns = pipeline->query->source;
    step->top = -1;
    pipeline->query->steps = pipeline->last = step;
    pipeline->count++;
    return step;
}

static struct problem *expect(struct parser *parser, enum token_kind kind, const char *what)
{
    if (parser->token.kind != kind)
        return parser_refuse(parser, what);
    parser_next(parser);
    return NULL;
}

static struct problem *read_filter(struct pipeline *pipeline)
{
    struct term *term = NULL;
    TRY(parser_expression(pipeline->parser, &term));
    TRY(typing_filter(arena_of(pipeline), pipeline->query->source, term));
    add_step(pipeline, STEP_FILTER)->filter = term;
    return NULL;
}

/* The order holds until the rows are made into others; a later one goes before it. */
static struct problem *read_orderby(struct pipeline *pipeline)
{
    struct query *query = pipeline->query;
    struct orders orders;
    TRY(order_read(pipeline->parser, query->source, TOKEN_CLOSE, &orders));
    query->asked = order_join(arena_of(pipeline), &orders, &query->asked);
    return NULL;
}

static struct problem *read_number(struct pipeline *pipeline, int64_t *out_number)
{
    struct parser *parser = pipeline->parser;
    const struct token *token = &parser->token;
    const char *digits = arena_copy(arena_of(pipeline), token->text, token->size);
    if (token->kind != TOKEN_LITERAL || strspn(digits, "0123456789") != token->size
        || !text_to_int64(digits, out_number))
        return parser_refuse(parser, "a whole number from 0");
    parser_next(parser);
    return NULL;
}

/* A step that cuts, in the order that holds. */
static struct step *add_cut(struct pipeline *pipeline)
{
    struct step *step = add_step(pipeline, STEP_CUT);
    (void)order_total(arena_of(pipeline), step->columns, &pipeline->query->asked, &step->order);
    return step;
}

static struct problem *read_top(struct pipeline *pipeline)
{
    int64_t top = 0;
    TRY(read_number(pipeline, &top));
    struct step *last = pipeline->last;
    bool follows = last && last->kind == STEP_CUT && last->top < 0; /* skip(10)/top(5) is one cut */
    (follows ? last : add_cut(pipeline))->top = top;
    return NULL;
}

static struct problem *read_skip(struct pipeline *pipeline)
{
    int64_t skip;
    const struct parser *parser = pipeline->parser;
    size_t position = parser->token.position;
    TRY(read_number(pipeline, &skip));
    if (skip > parser->parsing->limits->skip)
        return fault_new(arena_of(pipeline), parser->option, position, "skip is at most %lld here",
                         (long long)parser->parsing->limits->skip);
    add_cut(pipeline)->skip = skip;
    return NULL;
}

/* What is computed anew of several rows has no order. */
static void follow(struct pipeline *pipeline, const struct step *step)
{
    pipeline->query->source = step->columns;
    if (step->kind == STEP_GROUP)
        pipeline->query->asked = (struct orders){ NULL, 0 };
}

static struct problem *read_aggregate(struct pipeline *pipeline)
{
    struct step *step = add_step(pipeline, STEP_GROUP);
    TRY(derived_read_aggregates(pipeline->parser, step));
    follow(pipeline, step);
    return NULL;
}

static struct problem *read_group(struct pipeline *pipeline, const struct column **groups,
                                  size_t *count)
{
    struct parser *parser = pipeline->parser;
    const struct token *token = &parser->token;
    if (token->kind != TOKEN_WORD)
        return parser_refuse(parser, "a column");
    if (token->called)
        return parser_unsupported(parser, "rollup and the like");
    if (token->text[0] == '$' || token->text[0] == '@' || memchr(token->text, '.', token->size)
        || token->text[token->size] == '/')
        return parser_unsupported(parser, "groups by paths, types and annotations");
    const struct column *column;
    TRY(typing_column(arena_of(pipeline), pipeline->query->source, parser->option, token->position,
                      token->text, token->size, &column));
    size_t i = 0;
    while (i < *count && groups[i] != column)
        i++;
    if (i == *count)
        groups[(*count)++] = column;
    parser_next(parser);
    return NULL;
}

static struct problem *read_groups(struct pipeline *pipeline, struct step *step)
{
    struct parser *parser = pipeline->parser;
    const struct column **groups =
        arena_array_of(arena_of(pipeline), const struct column *, step->input->count);
    size_t count = 0;
    TRY(expect(parser, TOKEN_OPEN, "( and the columns to group by"));
    for (;;) {
        TRY(read_group(pipeline, groups, &count));
        if (parser->token.kind == TOKEN_CLOSE)
            break;
        TRY(expect(parser, TOKEN_COMMA, ", or )"));
    }
    parser_next(parser);
    step->groups = groups;
    step->group_count = count;
    return NULL;
}

static struct problem *read_groupby(struct pipeline *pipeline)
{
    struct parser *parser = pipeline->parser;
    struct step *step = add_step(pipeline, STEP_GROUP);
    TRY(read_groups(pipeline, step));
    if (parser->token.kind == TOKEN_COMMA) {
        parser_next(parser);
        if (!token_is(&parser->token, "aggregate"))
            return parser_unsupported(parser, "steps other than aggregate in groupby");
        parser_next(parser);
        TRY(expect(parser, TOKEN_OPEN, "("));
        TRY(derived_read_aggregates(parser, step));
        TRY(expect(parser, TOKEN_CLOSE, ", or )"));
        if (parser->token.kind == TOKEN_SLASH)
            return parser_unsupported(parser, "several steps in groupby");
    } else {
        derived_take_groups(parser, step);
    }
    follow(pipeline, step);
    return NULL;
}

static struct problem *read_compute(struct pipeline *pipeline)
{
    struct step *step = add_step(pipeline, STEP_COMPUTE);
    TRY(derived_read_computed(pipeline->parser, step));
    follow(pipeline, step);
    return NULL;
}

/* The steps of OData; those without a function are not implemented. */
static const struct step_row {
    const char *name;
    struct problem *(*read)(struct pipeline *pipeline);
} rows[] = {
    { "filter", read_filter },
    { "groupby", read_groupby },
    { "aggregate", read_aggregate },
    { "orderby", read_orderby },
    { "top", read_top },
    { "skip", read_skip },
    { "compute", read_compute },
    { "concat", NULL },
    { "topcount", NULL },
    { "topsum", NULL },
    { "toppercent", NULL },
    { "bottomcount", NULL },
    { "bottomsum", NULL },
    { "bottompercent", NULL },
    { "search", NULL },
    { "expand", NULL },
    { "nest", NULL },
    { "addnested", NULL },
    { "join", NULL },
    { "outerjoin", NULL },
    { "ancestors", NULL },
    { "descendants", NULL },
    { "traverse", NULL },
};

static struct problem *find_row(const struct parser *parser, const struct step_row **out_row)
{
    const struct token *token = &parser->token;
    struct arena *arena = parser->parsing->arena;
    const char *name = fault_excerpt(arena, token->text, token->size);
    if (token->kind != TOKEN_WORD)
        return parser_refuse(parser, "a step such as filter(…) or groupby((…))");
    for (size_t i = 0; i < COUNT(rows); i++)
        if (token_is(token, rows[i].name)) {
            *out_row = &rows[i];
            return rows[i].read ? NULL
                                : fault_unsupported(arena, parser->option, token->position,
                                                    "the step %s is not implemented here", name);
        }
    if (memchr(token->text, '.', token->size))
        return fault_unsupported(arena, parser->option, token->position,
                                 "the step %s is not implemented here", name);
    return fault_new(arena, parser->option, token->position, "there is no step named %s", name);
}

static struct problem *read_step(struct pipeline *pipeline)
{
    struct parser *parser = pipeline->parser;
    const struct step_row *row = NULL;
    if (token_is(&parser->token, "identity")) {
        parser_next(parser);
        return NULL;
    }
    TRY(find_row(parser, &row));
    assert(row);
    if (pipeline->count == STEPS_MAX)
        return fault_new(arena_of(pipeline), parser->option, parser->token.position,
                         "apply has at most %d steps", STEPS_MAX);
    parser_next(parser);
    TRY(expect(parser, TOKEN_OPEN, "("));
    TRY(row->read(pipeline));
    return expect(parser, TOKEN_CLOSE, ")");
}

struct problem *apply_read(struct parser *parser, struct query *query)
{
    struct pipeline pipeline = { .parser = parser, .query = query };
    for (;;) {
        TRY(read_step(&pipeline));
        if (parser->token.kind == TOKEN_END)
            return NULL;
        TRY(expect(parser, TOKEN_SLASH, "/ and another step, or the end"));
    }
}
