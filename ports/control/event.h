/* A run as it goes on: server-sent events over the control port. */
#ifndef ENTREPOT_PORTS_CONTROL_EVENT_H
#define ENTREPOT_PORTS_CONTROL_EVENT_H

#include "server/server.h"

/**
 * Each event carries the run as GET /control/runs/{id} shows it: `progress` whenever it has
 * changed, `end` with its last state, after which the stream ends. The id of an event names its
 * content, so one who comes again with Last-Event-ID is told what is newer, and 204 when nothing
 * can be.
 */
struct problem *event_get_all(struct request *rq, struct reply *rp) MUST_USE;

#endif
