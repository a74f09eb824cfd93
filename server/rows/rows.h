/*
 * Rows out: a selection answered from the read lane, or streamed by a worker.
 */
#ifndef ENTREPOT_ROWS_ROWS_H
#define ENTREPOT_ROWS_ROWS_H

#include "selection.h"

/* What a page is written from. */
struct rows_page {
    const struct selection *selection;
    const struct lane_rows *rows;
    size_t count;         /* of the rows, those that belong to the page */
    const char *next_url; /* NULL: no page follows */
    int64_t total;        /* rows the filter finds; -1: not asked */
};

/** The values of a row, as many as query_columns says. */
void rows_page_row(const struct rows_page *page, size_t row, struct row_value *out_values);

/** How a port writes a page: it makes the reply. On the loop. */
typedef struct problem *rows_write(struct request *rq, struct reply *rp,
                                   const struct rows_page *page);

/** Answer a bounded selection (READ lane) through write; after the count, where it is asked. */
struct problem *rows_answer_page(struct request *rq, struct reply *rp,
                                 const struct selection *selection, rows_write *write) MUST_USE;

/** How a port gives out a number of rows: it makes the reply. */
typedef struct problem *rows_give_count(struct request *rq, struct reply *rp,
                                        const struct selection *selection, int64_t count);

/** Count the rows that the filter of a selection finds (READ lane). */
struct problem *rows_count(struct request *rq, struct reply *rp, const struct selection *selection,
                           rows_give_count *give) MUST_USE;

/** Answer a selection (READ lane): 304, a bounded statement, or a worker. */
struct problem *rows_answer(struct request *rq, struct reply *rp,
                            struct selection *selection) MUST_USE;

#endif
