/*
 * Signed links to files: whoever holds one may read that file until it expires, without a token.
 *
 * The signature is an HMAC over the snapshot and the time of expiry, by a key made of the one all
 * server processes share: a link made by one is good at every other. It says nothing of host and
 * path, so it outlives a move of the base URL.
 */
#ifndef ENTREPOT_PORTS_DELTA_LINK_H
#define ENTREPOT_PORTS_DELTA_LINK_H

#include "server/server.h"

/** Make a link. Gives *out_expires_at: an hour from now, or when the token of the request does. */
const char *link_make(struct request *rq, const struct catalogue_snapshot *snapshot,
                      int64_t *out_expires_at);

/**
 * The snapshot a link is for.
 *
 * Gives   the snapshot, its dataset, and the seconds that the link is still good for.
 * Fails   PROBLEM_FORBIDDEN: not signed by us, or expired; PROBLEM_SNAPSHOT_RETIRED.
 */
struct problem *link_read(struct request *rq, const struct catalogue_datum **out_datum,
                          const struct catalogue_snapshot **out_snapshot,
                          int64_t *out_seconds) MUST_USE;

#endif
