/*
 * Rows as they were at a time: the snapshot that was current then (`as_of`).
 */
#ifndef ENTREPOT_PORTS_OUTPUT_AS_OF_H
#define ENTREPOT_PORTS_OUTPUT_AS_OF_H

#include "server/http/reply.h"

/** Answer a request for rows that has the option as_of (READ lane). */
struct problem *as_of_answer(struct request *rq, struct reply *rp) MUST_USE;

#endif
