/*
 * How a query for rows would be answered: its canonical form, its SQL, and the plan of Postgres.
 */
#ifndef ENTREPOT_PORTS_OUTPUT_EXPLAIN_H
#define ENTREPOT_PORTS_OUTPUT_EXPLAIN_H

#include "server/http/reply.h"

/** The handler (WORK lane): takes what a request for rows takes; nothing but the plan is made. */
struct problem *explain_answer(struct request *rq, struct reply *rp) MUST_USE;

#endif
