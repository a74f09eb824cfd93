#include "tree.h"

#include <string.h>

void term_add(struct term *term, struct term *operand)
{
    operand->next = NULL;
    if (term->last)
        term->last->next = operand;
    else
        term->first = operand;
    term->last = operand;
    term->count++;
    if (term->depth <= operand->depth)
        term->depth = operand->depth + 1;
}

const struct columns *step_scope(const struct step *step)
{
    for (; step; step = step->before)
        if (step->kind == STEP_GROUP || step->kind == STEP_COMPUTE)
            return step->columns;
    return NULL;
}

bool term_equal(const struct term *left, const struct term *right)
{
    if (left->kind != right->kind || left->comparison != right->comparison
        || left->column != right->column || left->count != right->count
        || left->holds_null != right->holds_null || left->signature != right->signature)
        return false;
    if (left->kind == TERM_LITERAL && !value_equal(&left->value, &right->value))
        return false;
    const struct term *b = right->first;
    for (const struct term *a = left->first; a; a = a->next, b = b->next)
        if (!term_equal(a, b))
            return false;
    return true;
}
