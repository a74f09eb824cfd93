/*
 * The methods of aggregation, as rows of a table: what they take, what they give, and the SQL they
 * become. A new method is a new row.
 */
#ifndef ENTREPOT_QUERY_METHOD_H
#define ENTREPOT_QUERY_METHOD_H

#include "lexer.h"
#include "sql_writer.h"

struct method {
    const char *name; /* in lower case */
    enum value_type operand;
    enum value_type result; /* VALUE_NO_TYPE: as the operand */
    const char *sql;        /* each % stands for the operand */
};

/** Is there a method of this name? */
bool method_is_known(const struct token *name);

/** The method for an operand of a type; NULL: it has none for it. */
const struct method *method_find(const struct token *name, enum value_type operand);

/** Number of rows, which has no operand. */
extern const struct method method_count;

/** The column a method makes of an operand (NULL of method_count). Takes name: of the column. */
struct column method_column(const struct method *method, const struct term *operand,
                            const char *name);

/** Write the call. */
void method_add(struct sql_writer *writer, const struct method *method, const struct term *operand);

#endif
