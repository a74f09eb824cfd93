/*
 * The functions and arithmetic operators of the language, as rows of a table: what they take, what
 * they give, and the SQL they become. A new function is a new row.
 */
#ifndef ENTREPOT_QUERY_FUNCTIONS_H
#define ENTREPOT_QUERY_FUNCTIONS_H

#include "lexer.h"
#include "tree.h"

#define FUNCTION_PARAMS_MAX 3

/* One way to call a function; a function may have several. Casts are functions named by their type:
 * cast(x,Edm.Int64) is Edm.Int64 of x. */
struct signature {
    const char *name; /* in lower case; operators are functions of their operands */
    enum value_type params[FUNCTION_PARAMS_MAX]; /* VALUE_NO_TYPE ends them */
    enum value_type result;
    /* %1, %2, %3 stand for the operands, each at most once, so that nested calls do not grow the
     * SQL without bound. NULL: OData knows it, we do not. */
    const char *sql;
    bool may_fail; /* gives null where it has no value, also of operands that are not null */
};

/** The name of the function a word is, in our spelling; NULL: OData has none of this name. */
const char *functions_name(const struct token *token);

/** Does the language have it, or does only OData know it? */
bool functions_has(const char *name);

/** The first way to call it that takes these operands; numbers may widen: integer to decimal to
 *  double. NULL: none does. */
const struct signature *functions_match(const char *name, const struct term *operands,
                                        size_t count);

/** What it takes, for messages: `substring(text, integer) or substring(text, integer, integer)`. */
const char *functions_usage(struct arena *arena, const char *name);

#endif
