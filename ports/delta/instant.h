/* Timestamps of the protocol, and the snapshots they mean. */
#ifndef ENTREPOT_PORTS_DELTA_INSTANT_H
#define ENTREPOT_PORTS_DELTA_INSTANT_H

#include "server/server.h"

/**
 * The snapshot that was current at a time.
 *
 * Takes   name: of the parameter, for messages; text: as RFC 3339 has it.
 * Fails   PROBLEM_BAD_QUERY: it is no timestamp, or before the first snapshot that is known.
 */
struct problem *instant_snapshot_at(struct request *rq, const struct catalogue_datum *datum,
                                    const char *name, const char *text,
                                    const struct catalogue_snapshot **out_snapshot) MUST_USE;

/** The first snapshot published at that time or later. Fails also when there is none yet. */
struct problem *instant_snapshot_from(struct request *rq, const struct catalogue_datum *datum,
                                      const char *name, const char *text,
                                      const struct catalogue_snapshot **out_snapshot) MUST_USE;

#endif
