/* What the rest of the server asks of a parsed query. */
#include "query.h"

#include "server/base/config.h"
#include "tree.h"

const struct columns *query_columns(const struct query *query)
{
    return &query->selected;
}

/* Does the filter fix the column to one value? Only what every row must fulfil counts. */
static bool fixes(const struct term *filter, const struct column *column)
{
    if (filter->kind == TERM_COMPARE)
        return filter->comparison == COMPARE_EQ && filter->first->kind == TERM_COLUMN
               && filter->first->column == column && filter->last->kind == TERM_LITERAL
               && filter->last->type != VALUE_NULL;
    if (filter->kind != TERM_AND)
        return false;
    for (const struct term *operand = filter->first; operand; operand = operand->next)
        if (fixes(operand, column))
            return true;
    return false;
}

/* Do the steps make one row of all? */
static bool is_total(const struct step *step)
{
    for (; step; step = step->before)
        if (step->kind == STEP_GROUP)
            return !step->group_count;
    return false;
}

bool query_is_one_row(const struct query *query)
{
    size_t fixed = 0;
    if (is_total(query->steps))
        return true;
    if (!query->filter)
        return false;
    for (size_t i = 0; i < query->source->count; i++) {
        const struct column *column = &query->source->list[i];
        if (!column->key_position)
            continue;
        if (!fixes(query->filter, column))
            return false;
        fixed++;
    }
    return fixed > 0;
}

int64_t query_top(const struct query *query)
{
    return query->top;
}

int64_t query_skip(const struct query *query)
{
    return query->skip;
}

bool query_has_filter(const struct query *query)
{
    return query->filter != NULL;
}

bool query_has_order(const struct query *query)
{
    return query->asked.count > 0;
}

bool query_has_apply(const struct query *query)
{
    return query->steps != NULL;
}

bool query_is_whole(const struct query *query)
{
    return !query->steps && !query->rule && !query->filter && !query->asked.count && query->top < 0
           && query->skip <= 0;
}

void query_set_name(struct arena *arena, struct query *query, const char *name)
{
    query->name = arena_text(arena, name);
}

struct query_limits query_limits_of(const struct config *config)
{
    return (struct query_limits){
        .depth = config_number(config, CONFIG_MAX_QUERY_DEPTH),
        .nodes = config_number(config, CONFIG_MAX_QUERY_PARTS),
        .literals = config_number(config, CONFIG_MAX_QUERY_LIST),
        .skip = config_number(config, CONFIG_MAX_SKIP),
    };
}

bool query_wants_count(const struct query *query)
{
    return query->count;
}

const struct columns *query_order_columns(const struct query *query)
{
    return &query->places;
}

const char *query_token(const struct query *query)
{
    return query->token;
}
