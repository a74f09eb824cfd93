#include "tree.h"

#include <string.h>

void node_add(struct node *node, struct node *operand)
{
    operand->next = NULL;
    if (node->last)
        node->last->next = operand;
    else
        node->first = operand;
    node->last = operand;
    node->count++;
    if (node->depth <= operand->depth)
        node->depth = operand->depth + 1;
}

bool node_equal(const struct node *left, const struct node *right)
{
    if (left->kind != right->kind || left->comparison != right->comparison
        || left->column != right->column || left->count != right->count
        || left->holds_null != right->holds_null)
        return false;
    if (left->kind == NODE_LITERAL && !value_equal(&left->value, &right->value))
        return false;
    const struct node *b = right->first;
    for (const struct node *a = left->first; a; a = a->next, b = b->next)
        if (!node_equal(a, b))
            return false;
    return true;
}
