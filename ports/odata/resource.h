/*
 * A resource made of rows: a set, an entity, a property or a count, in the snapshot the request
 * means.
 */
#ifndef ENTREPOT_PORTS_ODATA_RESOURCE_H
#define ENTREPOT_PORTS_ODATA_RESOURCE_H

#include "protocol.h"
#include "server/rows/rows.h"

/* In the request's arena. */
struct resource {
    struct protocol protocol; /* agreed on; the context of write */
    struct selection_ask ask; /* what is the same for all is filled in */
    rows_write *write;
    rows_give_count *count; /* in place of write: how many rows there are */
};

/** Answer with it (READ lane): 304 where the client has it. */
struct problem *resource_answer(struct request *rq, struct reply *rp,
                                struct resource *resource) MUST_USE;

#endif
