/*
 * A listing in pages: {"items": […], "nextPageToken": …}.
 *
 * Items come in the order of their names, and the token of the next page holds the name of the last
 * item given: tables that come and go meanwhile move no other one to another page.
 */
#ifndef ENTREPOT_PORTS_DELTA_LISTING_H
#define ENTREPOT_PORTS_DELTA_LISTING_H

#include "server/http/reply.h"

struct listing_item {
    const char *name;
    json_t *json;
};

/**
 * Answer with the page that maxResults and pageToken ask for.
 *
 * Takes   items: may be put in another order; over their json, also when it fails.
 * Fails   PROBLEM_BAD_QUERY: a number below 0, or a token that is none of ours.
 */
struct problem *listing_reply(struct request *rq, struct reply *rp, struct listing_item *items,
                              size_t count) MUST_USE;

#endif
