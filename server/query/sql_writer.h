/*
 * The SQL writer: typed expressions as SQL for Postgres, values as parameters only.
 *
 * The text is made of fixed pieces, of names of the contract's columns (quoted) and of $n; nothing
 * the client wrote stands in it. OData's null rules are kept: a comparison is true or false, never
 * unknown. The caller owns the struct; sql_end releases it.
 */
#ifndef ENTREPOT_QUERY_SQL_WRITER_H
#define ENTREPOT_QUERY_SQL_WRITER_H

#include "tree.h"

/* The protocol of Postgres counts parameters in 16 bits. */
#define SQL_PARAMS_MAX 65535
#define SQL_BYTES_MAX ((size_t)2 * 1024 * 1024)

struct sql_writer {
    struct arena *arena;
    const struct columns *scope; /* columns called by their place, see step_scope; NULL: none */
    struct buffer text;
    struct db_param *params;
    size_t count;
    size_t capacity;
};

/* How the truth of an expression is used. */
enum sql_truth {
    SQL_HOLDS,     /* true where it holds; false and NULL both mean that it does not */
    SQL_HOLDS_NOT, /* true where it is false; the same freedom */
    SQL_EXACT      /* a value: NULL only where OData says null */
};

void sql_begin(struct sql_writer *writer, struct arena *arena);
void sql_end(struct sql_writer *writer);

/** Take text and parameters; they live in the arena. Fails PROBLEM_BAD_QUERY: there is too much. */
struct problem *sql_finish(struct sql_writer *writer, struct db_query *out_sql) MUST_USE;

void sql_add(struct sql_writer *writer, const char *text);
void sql_add_int(struct sql_writer *writer, int64_t number);

/** A name of the contract in double quotes. */
void sql_add_name(struct sql_writer *writer, const char *name);

/** A column as the rows at hand call it. */
void sql_add_column(struct sql_writer *writer, const struct column *column);

/** Add a parameter; gives its number. Write it as often as needed, with its cast. */
size_t sql_param(struct sql_writer *writer, struct db_param param);
void sql_add_param(struct sql_writer *writer, size_t number, const char *type);

/** An expression's value. */
void sql_add_value(struct sql_writer *writer, const struct term *term);

/** An expression's truth, ready to stand between AND. */
void sql_add_truth(struct sql_writer *writer, const struct term *term, enum sql_truth truth);

/** ORDER BY with all items, and nulls where OData puts them. */
void sql_add_order(struct sql_writer *writer, const struct orders *orders);

#endif
