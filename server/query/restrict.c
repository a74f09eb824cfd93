/* query_restrict: rules of access, which are filters in the same language, put around a query. */
#include "parser.h"
#include "typing.h"

static const char option[] = "rule";

static struct problem *read_rule(struct parsing *parsing, const struct columns *columns,
                                 const char *filter, struct term **out_term)
{
    struct parser parser;
    parser_begin(&parser, parsing, option, filter);
    TRY(parser_expression(&parser, out_term));
    if (parser.token.kind != TOKEN_END)
        return parser_refuse(&parser, "an operator or the end of the rule");
    return typing_filter(parsing->arena, columns, *out_term);
}

static struct term *join(struct arena *arena, enum term_kind kind, struct term *left,
                         struct term *right)
{
    struct term *term = arena_new_of(arena, struct term);
    term->kind = kind;
    term->type = VALUE_BOOL;
    term->nullable = left->nullable || right->nullable;
    term_add(term, left);
    term_add(term, right);
    return term;
}

struct problem *query_restrict(struct arena *arena, const struct columns *columns,
                               const char *const *filters, const struct query_limits *limits,
                               struct query *query)
{
    struct parsing parsing = { .arena = arena, .limits = limits };
    struct term *any = NULL;
    for (size_t i = 0; filters[i]; i++) {
        struct term *rule = NULL;
        TRY(read_rule(&parsing, columns, filters[i], &rule));
        if (!any)
            any = rule;
        else if (any->kind == TERM_OR)
            term_add(any, rule);
        else
            any = join(arena, TERM_OR, any, rule);
    }
    if (any && query->steps)
        query->rule = any;
    else if (any)
        query->filter = query->filter ? join(arena, TERM_AND, any, query->filter) : any;
    return NULL;
}
