/*
 * query_parse: the options of a request, each by its row of the table, then what follows from them
 * all (the total order, one row or not).
 */
#include "apply.h"
#include "fault.h"
#include "order.h"
#include "parser.h"
#include "server/base/text.h"
#include "typing.h"

#include <assert.h>
#include <strings.h>

const struct query_limits query_default_limits = {
    .depth = 100, .nodes = 10000, .literals = 5000, .skip = 1000000
};

/* More options than any client needs; aliases are looked up among them. */
#define OPTIONS_MAX 200

/* One option being read. */
struct reading {
    struct parsing *parsing;
    const struct columns *columns;
    const struct query_limits *limits;
    struct query *query;
    const char *option; /* its name in our spelling */
    const char *text;   /* its value */
};

static struct arena *arena_of(const struct reading *reading)
{
    return reading->parsing->arena;
}

static struct problem *read_filter(struct reading *reading)
{
    if (*reading->text == ' ' || *reading->text == '\t')
        return fault_new(arena_of(reading), reading->option, 0,
                         "the filter begins with a space: begin right behind =");
    struct parser parser;
    struct term *term = NULL;
    parser_begin(&parser, reading->parsing, reading->option, reading->text);
    TRY(parser_expression(&parser, &term));
    if (parser.token.kind != TOKEN_END)
        return parser_refuse(&parser, "an operator or the end of the filter");
    TRY(typing_filter(arena_of(reading), reading->columns, term));
    reading->query->filter = term;
    return NULL;
}

static struct problem *read_orderby(struct reading *reading)
{
    struct parser parser;
    struct orders orders;
    parser_begin(&parser, reading->parsing, reading->option, reading->text);
    TRY(order_read(&parser, reading->columns, TOKEN_END, &orders));
    reading->query->asked = order_join(arena_of(reading), &orders, &reading->query->asked);
    return NULL;
}

/* What may stand in select in OData, but names nothing a row has. */
static struct problem *refuse_selected(const struct parser *parser)
{
    static const char what[] = "selecting parts of a column, types and operations";
    struct parser behind = *parser;
    parser_next(&behind);
    if (parser->token.text[0] == '@' || memchr(parser->token.text, '.', parser->token.size)
        || behind.token.kind == TOKEN_SLASH || behind.token.kind == TOKEN_OPEN)
        return fault_unsupported(parser->parsing->arena, parser->option, parser->token.position,
                                 "%s are not implemented here", what);
    return NULL;
}

static struct problem *read_selected(struct reading *reading, const struct parser *parser,
                                     bool *chosen, struct column *list, size_t *count)
{
    const struct columns *columns = reading->columns;
    const struct token *token = &parser->token;
    size_t first = 0;
    size_t end = columns->count;
    if (token->kind == TOKEN_WORD) {
        const struct column *column;
        TRY(refuse_selected(parser));
        TRY(typing_column(arena_of(reading), columns, reading->option, token->position, token->text,
                          token->size, &column));
        first = (size_t)(column - columns->list);
        end = first + 1;
    } else if (token->kind != TOKEN_STAR) {
        return parser_refuse(parser, "a column or *");
    }
    for (size_t i = first; i < end; i++)
        if (!chosen[i]) {
            chosen[i] = true;
            list[(*count)++] = columns->list[i];
        }
    return NULL;
}

static struct problem *read_select(struct reading *reading)
{
    size_t count = 0;
    struct column *list = arena_array_of(arena_of(reading), struct column, reading->columns->count);
    bool *chosen = arena_array_of(arena_of(reading), bool, reading->columns->count);
    struct parser parser;
    parser_begin(&parser, reading->parsing, reading->option, reading->text);
    for (;;) {
        TRY(read_selected(reading, &parser, chosen, list, &count));
        parser_next(&parser);
        if (parser.token.kind == TOKEN_END)
            break;
        if (parser.token.kind != TOKEN_COMMA)
            return parser_refuse(&parser, ", or the end");
        parser_next(&parser);
    }
    reading->query->selected = (struct columns){ list, count };
    return NULL;
}

static struct problem *read_number(struct reading *reading, int64_t *out_number)
{
    if (!*reading->text || strspn(reading->text, "0123456789") != strlen(reading->text)
        || !text_to_int64(reading->text, out_number))
        return fault_new(arena_of(reading), reading->option, 0,
                         "%s must be a whole number from 0, not %s", reading->option,
                         fault_excerpt(arena_of(reading), reading->text, strlen(reading->text)));
    return NULL;
}

static struct problem *read_top(struct reading *reading)
{
    return read_number(reading, &reading->query->top);
}

static struct problem *read_skip(struct reading *reading)
{
    TRY(read_number(reading, &reading->query->skip));
    if (reading->query->skip > reading->limits->skip)
        return fault_new(arena_of(reading), reading->option, 0,
                         "skip is at most %lld here: follow next links, or filter by the key",
                         (long long)reading->limits->skip);
    return NULL;
}

static struct problem *read_count(struct reading *reading)
{
    reading->query->count = text_equal_caseless(reading->text, "true");
    if (!reading->query->count && !text_equal_caseless(reading->text, "false"))
        return fault_new(arena_of(reading), reading->option, 0, "count must be true or false");
    return NULL;
}

static struct problem *read_skiptoken(struct reading *reading)
{
    if (!*reading->text)
        return fault_new(arena_of(reading), reading->option, 0,
                         "the token is empty: leave "
                         "skiptoken out to start anew");
    reading->query->token = arena_text(arena_of(reading), reading->text);
    return NULL;
}

/* What the other options name is what the steps make. */
static struct problem *read_apply(struct reading *reading)
{
    struct parser parser;
    parser_begin(&parser, reading->parsing, reading->option, reading->text);
    TRY(apply_read(&parser, reading->query));
    reading->columns = reading->query->source;
    reading->query->selected = *reading->columns;
    return NULL;
}

/* The options of OData; those without a function are not implemented. */
static const struct option_row {
    const char *name;
    struct problem *(*read)(struct reading *reading);
} rows[] = {
    { "apply", read_apply }, /* before all others, wherever it stands */
    { "select", read_select },
    { "filter", read_filter },
    { "orderby", read_orderby },
    { "top", read_top },
    { "skip", read_skip },
    { "count", read_count },
    { "skiptoken", read_skiptoken },
    { "compute", NULL },
    { "expand", NULL },
    { "search", NULL },
    { "index", NULL },
    { "deltatoken", NULL },
    { "schemaversion", NULL },
    { "levels", NULL },
    { "id", NULL },
    { "format", NULL },
};

/* The place of a name in a list, behind those of rows; 0: it is not listed. */
static size_t place_of(const char *const *names, const char *name)
{
    for (size_t i = 0; names && names[i]; i++)
        if (text_equal_caseless(names[i], name))
            return COUNT(rows) + i;
    return 0;
}

static const struct option_row *row_find(const char *name)
{
    for (size_t i = 0; i < COUNT(rows); i++)
        if (text_equal_caseless(rows[i].name, name))
            return &rows[i];
    return NULL;
}

static struct problem *see_once(struct reading *reading, const char *name, size_t place,
                                uint32_t *seen)
{
    assert(place < 32);
    uint32_t bit = UINT32_C(1) << place;
    if (*seen & bit)
        return fault_new(arena_of(reading), name, 0, "%s stands more than once", name);
    *seen |= bit;
    return NULL;
}

/* What could be meant. */
static const char *option_names(struct arena *arena, const char *const *others)
{
    CLEANUP(buffer_clear) struct buffer names = { 0 };
    for (size_t i = 0; i < COUNT(rows); i++)
        if (rows[i].read)
            buffer_print(&names, "%s%s", names.size ? ", " : "", rows[i].name);
    for (; others && *others; others++)
        buffer_print(&names, ", %s", *others);
    return arena_copy(arena, names.data, names.size);
}

static struct problem *read_option(struct reading *reading, const struct query_option *option,
                                   const char *const *others, bool first, uint32_t *seen)
{
    struct arena *arena = arena_of(reading);
    const char *name = option->name + (option->name[0] == '$');
    size_t other = place_of(others, name);
    if (other) /* of OData's own options, others judge what they read */
        return first || row_find(name)
                   ? NULL
                   : see_once(reading, others[other - COUNT(rows)], other, seen);
    if (!text_is_utf8(option->value, strlen(option->value)))
        return fault_new(arena, name, 0, "the value is not UTF-8");
    if (option->name[0] == '@') /* read where a filter names it */
        return NULL;
    const struct option_row *row = row_find(name);
    if (!row)
        return fault_new(arena, fault_excerpt(arena, option->name, strlen(option->name)), 0,
                         "there is no option of this name; there are: %s",
                         option_names(arena, others));
    if (!row->read)
        return fault_unsupported(arena, row->name, 0, "the option %s is not implemented here",
                                 row->name);
    if ((row->read == read_apply) != first)
        return NULL;
    TRY(see_once(reading, row->name, (size_t)(row - rows), seen));
    reading->option = row->name;
    reading->text = option->value;
    return row->read(reading);
}

struct problem *query_parse(struct arena *arena, const struct columns *columns,
                            const struct query_option *options, size_t option_count,
                            const char *const *others, const struct query_limits *limits,
                            struct query **out_query)
{
    struct parsing parsing = {
        .arena = arena, .limits = limits, .options = options, .option_count = option_count
    };
    struct query *query = arena_new_of(arena, struct query);
    struct reading reading = {
        .parsing = &parsing, .columns = columns, .limits = limits, .query = query
    };
    uint32_t seen = 0;
    query->source = columns;
    query->selected = *columns;
    query->top = -1;
    if (option_count > OPTIONS_MAX)
        return fault_new(arena, "query", 0, "a query has at most %d options", OPTIONS_MAX);
    for (size_t i = 0; i < option_count; i++)
        TRY(read_option(&reading, &options[i], others, true, &seen));
    for (size_t i = 0; i < option_count; i++)
        TRY(read_option(&reading, &options[i], others, false, &seen));
    order_complete(arena, query);
    *out_query = query;
    return NULL;
}
