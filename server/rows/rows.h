/*
 * Rows out: a selection answered from the read lane, or streamed by a worker.
 */
#ifndef ENTREPOT_ROWS_ROWS_H
#define ENTREPOT_ROWS_ROWS_H

#include "selection.h"

/** Answer a selection (READ lane): 304, a bounded statement, or a worker. */
struct problem *rows_answer(struct request *rq, struct reply *rp,
                            struct selection *selection) MUST_USE;

#endif
