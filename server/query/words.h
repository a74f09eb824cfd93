/*
 * The operators of the language with their precedence, as rows of a table. What stands there and
 * is not ours is refused as not implemented; what does not stand there is not understood.
 */
#ifndef ENTREPOT_QUERY_WORDS_H
#define ENTREPOT_QUERY_WORDS_H

#include "lexer.h"
#include "tree.h"

struct operator_word {
    const char *name;
    int precedence;      /* higher binds tighter */
    enum term_kind kind; /* TERM_NONE: not implemented */
    enum comparison comparison;
};

/* not and the minus sign bind tighter than arithmetic, looser than in. */
#define PRECEDENCE_LOWEST 1
#define PRECEDENCE_UNARY 7

/** The operator a word is, or NULL. */
const struct operator_word *words_operator(const struct token *token);

#endif
