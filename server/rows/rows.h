/*
 * Rows out: a selection answered from the read lane, or by a worker, in the form of a port.
 */
#ifndef ENTREPOT_ROWS_ROWS_H
#define ENTREPOT_ROWS_ROWS_H

#include "selection.h"

/* What a page is written from. */
struct rows_page {
    const struct selection *selection;
    void *context;                  /* of the port, as given to rows_answer_page */
    const struct lane_rows *rows;   /* NULL where a worker collected them: */
    const struct row_value *values; /* row by row, as many as width */
    size_t width;
    size_t count;         /* rows that belong to the page */
    const char *next_url; /* NULL: no page follows */
    int64_t total;        /* rows the query finds; -1: not asked */
};

/** A value of a row: the selected columns, then those of the order where they were asked for. */
struct row_value rows_page_value(const struct rows_page *page, size_t row, size_t column);

/** The selected values of a row, as many as query_columns says. */
void rows_page_row(const struct rows_page *page, size_t row, struct row_value *out_values);

/** How a port writes a page: it makes the reply. On the loop or on a worker. */
typedef struct problem *rows_write(struct request *rq, struct reply *rp,
                                   const struct rows_page *page);

/**
 * Answer with one page (READ lane), after the count where it is asked. What takes longer than the
 * read lane waits is done by a worker.
 */
struct problem *rows_answer_page(struct request *rq, struct reply *rp,
                                 const struct selection *selection, rows_write *write,
                                 void *context) MUST_USE;

/** How a port gives out a number of rows: it makes the reply. On the loop or on a worker. */
typedef struct problem *rows_give_count(struct request *rq, struct reply *rp, int64_t count);

/** Count the rows that a selection finds (READ lane). */
struct problem *rows_count(struct request *rq, struct reply *rp, const struct selection *selection,
                           rows_give_count *give) MUST_USE;

/** Answer a selection (READ lane) in its format: 304, a bounded statement, or a worker that streams
 *  as many rows as there are. A page says where the next begins in Link, a count in Total-Count. */
struct problem *rows_answer(struct request *rq, struct reply *rp,
                            struct selection *selection) MUST_USE;

#endif
