/*
 * Tables: the published datasets that the subject may read whole.
 *
 * A file holds every row and column of its snapshot, so a dataset of which the access rules hide
 * something from the subject is not listed for it, and refused when it is asked for.
 */
#ifndef ENTREPOT_PORTS_DELTA_TABLE_H
#define ENTREPOT_PORTS_DELTA_TABLE_H

#include "server/server.h"

struct table {
    const struct catalogue_datum *datum;
    const char *id; /* a UUID, the same for every version */
    struct access_decision decision;
};

/**
 * The table of {share}, {schema} and {table}.
 *
 * Fails   PROBLEM_NOT_FOUND, PROBLEM_DATASET_UNKNOWN; PROBLEM_FORBIDDEN: also when some of it is
 *         hidden from the subject.
 */
struct problem *table_find(struct request *rq, struct table *out_table) MUST_USE;

/**
 * A version of it, by number or by time; neither: the current one.
 *
 * Takes   number: NULL or a number; timestamp: NULL or what the parameter says.
 * Fails   PROBLEM_NOT_FOUND, PROBLEM_SNAPSHOT_RETIRED, PROBLEM_BAD_QUERY, PROBLEM_FORBIDDEN.
 */
struct problem *table_snapshot(struct request *rq, const struct table *table, const int64_t *number,
                               const char *timestamp,
                               const struct catalogue_snapshot **out_snapshot) MUST_USE;

/** The field Delta-Table-Version, and those for caches. */
void table_version_fields(struct reply *rp, const struct catalogue_snapshot *snapshot);

/** The handlers (READ lane). */
struct problem *table_list(struct request *rq, struct reply *rp) MUST_USE;
struct problem *table_list_all(struct request *rq, struct reply *rp) MUST_USE;
struct problem *table_get(struct request *rq, struct reply *rp) MUST_USE;
struct problem *table_version(struct request *rq, struct reply *rp) MUST_USE;

#endif
