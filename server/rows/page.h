/* What the files of this room share: a selection whose statements are under way. */
#ifndef ENTREPOT_ROWS_PAGE_H
#define ENTREPOT_ROWS_PAGE_H

#include "rows.h"

struct paging {
    const struct selection *selection;
    rows_write *write;
    void *context;
    rows_give_count *give; /* only the number is wanted; NULL: the rows */
    /* on a worker, in place of a page: all rows, as they come; NULL: a page */
    struct problem *(*stream)(struct request *rq, struct reply *rp, const struct paging *paging);
    bool counts;   /* the rows are still to be counted */
    int64_t total; /* -1: not asked, or not known yet */
};

/** A new one; what is known of the count is in it. */
struct paging *paging_new(struct request *rq, const struct selection *selection, bool counts);

/** Go on with it, from the read lane. */
struct problem *paging_answer(struct request *rq, struct reply *rp, struct paging *paging) MUST_USE;

#endif
