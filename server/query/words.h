/*
 * The words of OData's expressions: operators with their precedence, functions, literal names.
 *
 * The tables are the language: a row says whether we have it. What stands here and is not ours is
 * refused as not implemented; what does not stand here is not understood.
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

/** Is it a function of OData? */
bool words_is_function(const struct token *token);

#endif
