/* The profile file, which is all that clients of Delta Sharing are given to begin with. */
#ifndef ENTREPOT_PORTS_DELTA_PROFILE_H
#define ENTREPOT_PORTS_DELTA_PROFILE_H

#include "server/http/reply.h"

/** GET the profile of the token that the request came with (READ lane) */
struct problem *profile_get(struct request *rq, struct reply *rp) MUST_USE;

#endif
