#include "canonical.h"

#include "method.h"

#include <assert.h>

static void add_quoted(struct buffer *out, char quote, const char *text)
{
    buffer_add_char(out, quote);
    for (; *text; text++) {
        if (*text == quote)
            buffer_add_char(out, quote);
        buffer_add_char(out, *text);
    }
    buffer_add_char(out, quote);
}

/* How a form is written: to where, and whether the time of the request stands in it. */
struct form {
    struct buffer *out;
    struct arena *arena;
    bool timeless;
    bool *moving; /* set where the time of the request stands in it; NULL: nobody asks */
};

static void add_literal(const struct form *form, const struct term *term)
{
    buffer_add_text(form->out, value_type_name(term->type));
    if (term->moving && form->moving)
        *form->moving = true;
    if (term->moving && form->timeless)
        buffer_add_text(form->out, "()");
    else if (term->type != VALUE_NULL)
        add_quoted(form->out, '\'', value_text(form->arena, &term->value));
}

static void add_term(const struct form *form, const struct term *term);

static void add_operands(const struct form *form, const struct term *first, const char *between)
{
    for (const struct term *operand = first; operand; operand = operand->next) {
        if (operand != first)
            buffer_add_text(form->out, between);
        add_term(form, operand);
    }
}

/* (a word b word c): every operation in parentheses, so precedence plays no part. */
static void add_operation(const struct form *form, const struct term *term, const char *between)
{
    buffer_add_char(form->out, '(');
    add_operands(form, term->first, between);
    buffer_add_char(form->out, ')');
}

static void add_list(const struct form *form, const struct term *term)
{
    buffer_add_char(form->out, '(');
    add_term(form, term->first);
    buffer_add_text(form->out, term->holds_null ? " in (null;" : " in (");
    add_operands(form, term->first->next, ",");
    buffer_add_text(form->out, "))");
}

static void add_call(const struct form *form, const struct term *term)
{
    buffer_add_text(form->out, term->name);
    add_operation(form, term, ",");
}

static void add_term(const struct form *form, const struct term *term)
{
    static const char *const words[] = {
        [COMPARE_EQ] = " eq ", [COMPARE_NE] = " ne ", [COMPARE_GT] = " gt ",
        [COMPARE_GE] = " ge ", [COMPARE_LT] = " lt ", [COMPARE_LE] = " le ",
    };
    switch (term->kind) {
    case TERM_LITERAL:
        add_literal(form, term);
        return;
    case TERM_COLUMN:
        add_quoted(form->out, '"', term->column->name);
        return;
    case TERM_NOT:
        buffer_add_text(form->out, "not ");
        add_term(form, term->first);
        return;
    case TERM_AND:
        add_operation(form, term, " and ");
        return;
    case TERM_OR:
        add_operation(form, term, " or ");
        return;
    case TERM_COMPARE:
        add_operation(form, term, words[term->comparison]);
        return;
    case TERM_IN:
        add_list(form, term);
        return;
    case TERM_CALL:
    case TERM_CASE:
        add_call(form, term);
        return;
    case TERM_NONE:
        break;
    }
    assert(false && "a typed term has a kind");
}

static void add_orders(const struct form *form, const struct orders *orders)
{
    for (size_t i = 0; i < orders->count; i++) {
        buffer_add_text(form->out, i ? "," : "");
        add_term(form, orders->list[i].term);
        buffer_add_text(form->out, orders->list[i].descending ? " desc" : "");
    }
}

static void add_values(const struct form *form, const struct step *step)
{
    const struct column *made = &step->columns->list[step->columns->count - step->value_count];
    for (size_t i = 0; i < step->value_count; i++) {
        const struct step_value *value = &step->values[i];
        buffer_add_text(form->out, i ? "," : "");
        if (value->term)
            add_term(form, value->term);
        if (value->method)
            buffer_print(form->out, " with %s", value->method->name);
        buffer_add_text(form->out, " as ");
        add_quoted(form->out, '"', made[i].name);
    }
}

static void add_groups(const struct form *form, const struct step *step)
{
    for (size_t i = 0; i < step->group_count; i++) {
        buffer_add_text(form->out, i ? "," : "");
        add_quoted(form->out, '"', step->groups[i]->name);
    }
}

static void add_cut(const struct form *form, const struct step *step)
{
    add_orders(form, &step->order);
    buffer_print(form->out, ";%lld;%lld", (long long)step->skip, (long long)step->top);
}

/* The first comes first. */
static void add_steps(const struct form *form, const struct step *step)
{
    static const char *const names[] = { [STEP_FILTER] = "filter(",
                                         [STEP_CUT] = "cut(",
                                         [STEP_GROUP] = "group(",
                                         [STEP_COMPUTE] = "compute(" };
    if (step->before) {
        add_steps(form, step->before);
        buffer_add_char(form->out, '/');
    }
    buffer_add_text(form->out, names[step->kind]);
    switch (step->kind) {
    case STEP_FILTER:
        add_term(form, step->filter);
        break;
    case STEP_CUT:
        add_cut(form, step);
        break;
    case STEP_GROUP:
        add_groups(form, step);
        buffer_add_char(form->out, ';');
        add_values(form, step);
        break;
    case STEP_COMPUTE:
        add_values(form, step);
        break;
    }
    buffer_add_char(form->out, ')');
}

/* What decides which rows there are. */
static void write_found(const struct form *form, const struct query *query)
{
    struct buffer *out = form->out;
    if (query->name) {
        buffer_add_text(out, "&name=");
        add_quoted(out, '\'', query->name);
    }
    if (query->rule) {
        buffer_add_text(out, "&rule=");
        add_term(form, query->rule);
    }
    if (query->steps) {
        buffer_add_text(out, "&apply=");
        add_steps(form, query->steps);
    }
    if (query->filter) {
        buffer_add_text(out, "&filter=");
        add_term(form, query->filter);
    }
}

static void write_rows(const struct form *form, const struct query *query)
{
    struct buffer *out = form->out;
    buffer_add_text(out, "select=");
    for (size_t i = 0; i < query->selected.count; i++) {
        buffer_add_text(out, i ? "," : "");
        add_quoted(out, '"', query->selected.list[i].name);
    }
    write_found(form, query);
    if (query->asked.count)
        buffer_add_text(out, "&orderby=");
    add_orders(form, &query->asked);
}

bool canonical_write_found(struct buffer *out, struct arena *arena, const struct query *query)
{
    bool moving = false;
    write_found(&(struct form){ out, arena, false, &moving }, query);
    return !moving;
}

bool query_moves(struct arena *arena, const struct query *query)
{
    CLEANUP(buffer_clear) struct buffer out = { 0 };
    bool moving = false;
    write_rows(&(struct form){ &out, arena, true, &moving }, query);
    return moving;
}

void canonical_write(struct buffer *out, struct arena *arena, const struct query *query)
{
    write_rows(&(struct form){ out, arena, true, NULL }, query);
}

const char *query_canonical(struct arena *arena, const struct query *query)
{
    CLEANUP(buffer_clear) struct buffer out = { 0 };
    write_rows(&(struct form){ &out, arena, false, NULL }, query);
    if (query->count)
        buffer_add_text(&out, "&count=true");
    if (query->skip)
        buffer_print(&out, "&skip=%lld", (long long)query->skip);
    if (query->top >= 0)
        buffer_print(&out, "&top=%lld", (long long)query->top);
    if (query->token) {
        buffer_add_text(&out, "&skiptoken=");
        add_quoted(&out, '\'', query->token);
    }
    return arena_copy(arena, out.data, out.size);
}
