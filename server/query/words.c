#include "words.h"

#include "server/base/cleanup.h"

static const struct operator_word operators[] = {
    { "eq", 3, TERM_COMPARE, COMPARE_EQ },
    { "and", 2, TERM_AND, 0 },
    { "or", 1, TERM_OR, 0 },
    { "ne", 3, TERM_COMPARE, COMPARE_NE },
    { "gt", 4, TERM_COMPARE, COMPARE_GT },
    { "ge", 4, TERM_COMPARE, COMPARE_GE },
    { "lt", 4, TERM_COMPARE, COMPARE_LT },
    { "le", 4, TERM_COMPARE, COMPARE_LE },
    { "in", 8, TERM_IN, 0 },
    { "has", 8, TERM_NONE, 0 },
    { "add", 5, TERM_CALL, 0 },
    { "sub", 5, TERM_CALL, 0 },
    { "mul", 6, TERM_CALL, 0 },
    { "div", 6, TERM_CALL, 0 },
    { "divby", 6, TERM_CALL, 0 },
    { "mod", 6, TERM_CALL, 0 },
};

const struct operator_word *words_operator(const struct token *token)
{
    if (token->kind == TOKEN_WORD)
        for (size_t i = 0; i < COUNT(operators); i++)
            if (token_is(token, operators[i].name))
                return &operators[i];
    return NULL;
}
