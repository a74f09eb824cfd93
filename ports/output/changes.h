/*
 * What changed from one snapshot of a dataset to another: rows added, removed and changed, by key.
 */
#ifndef ENTREPOT_PORTS_OUTPUT_CHANGES_H
#define ENTREPOT_PORTS_OUTPUT_CHANGES_H

#include "server/http/reply.h"

/** The handler (READ lane). */
struct problem *changes_get(struct request *rq, struct reply *rp) MUST_USE;

#endif
