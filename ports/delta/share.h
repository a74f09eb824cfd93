/*
 * The share: a product is one share, named by its id, with one schema, named output.
 *
 * Names are compared without looking at the case of letters, as the protocol says.
 */
#ifndef ENTREPOT_PORTS_DELTA_SHARE_H
#define ENTREPOT_PORTS_DELTA_SHARE_H

#include "server/server.h"

#define SHARE_SCHEMA "output"

/** The name of the share: the id of the product. */
const char *share_name(struct request *rq);

/** Check {share}, the first of the path. Fails PROBLEM_NOT_FOUND. */
struct problem *share_check(struct request *rq) MUST_USE;

/** Check {share} and {schema}. Fails PROBLEM_NOT_FOUND. */
struct problem *share_check_schema(struct request *rq) MUST_USE;

/** A UUID that is the same as long as the thing is. Takes what: says which thing. */
const char *share_uuid(struct request *rq, const char *what);

/** The handlers (READ lane). */
struct problem *share_list(struct request *rq, struct reply *rp) MUST_USE;
struct problem *share_get(struct request *rq, struct reply *rp) MUST_USE;
struct problem *share_schemas(struct request *rq, struct reply *rp) MUST_USE;

#endif
