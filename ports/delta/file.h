/* Files behind signed links. */
#ifndef ENTREPOT_PORTS_DELTA_FILE_H
#define ENTREPOT_PORTS_DELTA_FILE_H

#include "server/rows/snapshot_file.h"
#include "server/server.h"

/** Open the file of a snapshot, made if need be (WORK lane). Fails as snapshot_file_make. */
struct problem *file_open(struct request *rq, const struct catalogue_datum *datum,
                          const struct catalogue_snapshot *snapshot,
                          struct snapshot_file *out_file) MUST_USE;

/** GET a signed link (READ lane) */
struct problem *file_get(struct request *rq, struct reply *rp) MUST_USE;

#endif
