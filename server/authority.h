/*
 * Authority: the hook between the listener and the tokens. One per loop thread holds the cache of
 * verified tokens, and what was answered to their bearers; authority_check is what the listener
 * asks before any handler.
 */
#ifndef ENTREPOT_AUTHORITY_H
#define ENTREPOT_AUTHORITY_H

#include "server/http/reply.h"
#include "server/rows/tags.h"

/** For http_hooks.loop_open and loop_close. */
void *authority_open(void *server);
void authority_close(void *loop);

/**
 * Check the token of a request against its route's scope.
 *
 * Gives   rq->principal, or NULL where the route needs none and none was sent.
 * Fails   PROBLEM_UNAUTHENTICATED, PROBLEM_FORBIDDEN; WWW-Authenticate is set then (RFC 6750,
 * 9728).
 */
struct problem *authority_check(struct request *rq, struct reply *rp) MUST_USE;

/** The entity tags that the request's loop remembers (READ lane). */
struct tags *authority_tags(const struct request *rq);

/** The subject, for the log line; NULL when there is no token. */
const char *authority_subject(const struct request *rq);

#endif
