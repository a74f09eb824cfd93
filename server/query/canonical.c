#include "canonical.h"

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
};

static void add_literal(const struct form *form, const struct term *term)
{
    buffer_add_text(form->out, value_type_name(term->type));
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

static void write_rows(const struct form *form, const struct query *query)
{
    struct buffer *out = form->out;
    buffer_add_text(out, "select=");
    for (size_t i = 0; i < query->selected.count; i++) {
        buffer_add_text(out, i ? "," : "");
        add_quoted(out, '"', query->selected.list[i].name);
    }
    if (query->filter) {
        buffer_add_text(out, "&filter=");
        add_term(form, query->filter);
    }
    for (size_t i = 0; i < query->asked.count; i++) {
        buffer_add_text(out, i ? "," : "&orderby=");
        add_term(form, query->asked.list[i].term);
        buffer_add_text(out, query->asked.list[i].descending ? " desc" : "");
    }
}

void canonical_write(struct buffer *out, struct arena *arena, const struct query *query)
{
    write_rows(&(struct form){ out, arena, true }, query);
}

const char *query_canonical(struct arena *arena, const struct query *query)
{
    CLEANUP(buffer_clear) struct buffer out = { 0 };
    write_rows(&(struct form){ &out, arena, false }, query);
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
