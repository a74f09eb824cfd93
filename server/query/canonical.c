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

static void add_literal(struct buffer *out, struct arena *arena, const struct value *value)
{
    buffer_add_text(out, value_type_name(value->type));
    if (value->type != VALUE_NULL)
        add_quoted(out, '\'', value_text(arena, value));
}

static void add_node(struct buffer *out, struct arena *arena, const struct term *node);

/* (a word b word c): every operation in parentheses, so precedence plays no part. */
static void add_operation(struct buffer *out, struct arena *arena, const struct term *node,
                          const char *word)
{
    buffer_add_char(out, '(');
    for (const struct term *operand = node->first; operand; operand = operand->next) {
        if (operand != node->first) {
            buffer_add_char(out, ' ');
            buffer_add_text(out, word);
            buffer_add_char(out, ' ');
        }
        add_node(out, arena, operand);
    }
    buffer_add_char(out, ')');
}

static void add_list(struct buffer *out, struct arena *arena, const struct term *node)
{
    buffer_add_char(out, '(');
    add_node(out, arena, node->first);
    buffer_add_text(out, node->holds_null ? " in (null" : " in (");
    for (const struct term *item = node->first->next; item; item = item->next) {
        buffer_add_char(out, ',');
        add_node(out, arena, item);
    }
    buffer_add_text(out, "))");
}

static void add_node(struct buffer *out, struct arena *arena, const struct term *node)
{
    static const char *const words[] = {
        [COMPARE_EQ] = "eq", [COMPARE_NE] = "ne", [COMPARE_GT] = "gt",
        [COMPARE_GE] = "ge", [COMPARE_LT] = "lt", [COMPARE_LE] = "le",
    };
    switch (node->kind) {
    case TERM_LITERAL:
        add_literal(out, arena, &node->value);
        return;
    case TERM_COLUMN:
        add_quoted(out, '"', node->column->name);
        return;
    case TERM_NOT:
        buffer_add_text(out, "not ");
        add_node(out, arena, node->first);
        return;
    case TERM_AND:
        add_operation(out, arena, node, "and");
        return;
    case TERM_OR:
        add_operation(out, arena, node, "or");
        return;
    case TERM_COMPARE:
        add_operation(out, arena, node, words[node->comparison]);
        return;
    case TERM_IN:
        add_list(out, arena, node);
        return;
    case TERM_NONE:
        break;
    }
    assert(false && "a typed node has a kind");
}

void canonical_write(struct buffer *out, struct arena *arena, const struct query *query)
{
    buffer_add_text(out, "select=");
    for (size_t i = 0; i < query->selected.count; i++) {
        buffer_add_text(out, i ? "," : "");
        add_quoted(out, '"', query->selected.list[i].name);
    }
    if (query->filter) {
        buffer_add_text(out, "&filter=");
        add_node(out, arena, query->filter);
    }
    for (size_t i = 0; i < query->asked.count; i++) {
        buffer_add_text(out, i ? "," : "&orderby=");
        add_node(out, arena, query->asked.list[i].node);
        buffer_add_text(out, query->asked.list[i].descending ? " desc" : "");
    }
}

const char *query_canonical(struct arena *arena, const struct query *query)
{
    CLEANUP(buffer_clear) struct buffer out = { 0 };
    canonical_write(&out, arena, query);
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
