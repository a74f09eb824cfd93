/*
 * An entity set: an output dataset as one subject sees it. Its type has the columns of the current
 * snapshot; where they have no key that OData knows, the number of the row is the key.
 *
 * Names of datasets and columns are [a-z][a-z0-9_]*, so each is a name in OData as it is.
 */
#ifndef ENTREPOT_PORTS_ODATA_SET_H
#define ENTREPOT_PORTS_ODATA_SET_H

#include "server/rows/selection.h"

struct set {
    const struct catalogue_datum *datum;
    struct columns columns;
    struct columns key;
    const char *fingerprint; /* of the access decision */
};

/** All sets the subject may read, in the order of the catalogue. */
const struct set *sets_list(struct request *rq, size_t *out_count);

/** One set. Fails PROBLEM_DATASET_UNKNOWN, PROBLEM_FORBIDDEN. */
struct problem *set_find(struct request *rq, const char *name, struct set *out_set) MUST_USE;

/** What metadata and service document depend on, for ETags. Takes document: which, and how. */
const char *sets_etag(struct request *rq, const char *document);

/** `set` and `set(key)` of a path; *out_key is NULL for the first. False: neither. */
bool set_split(struct arena *arena, const char *segment, const char **out_name,
               const char **out_key);

/** The key of a segment of its own, `/set/42` and `/set/FR`, as parentheses would have it. */
const char *set_key_of_segment(struct arena *arena, const struct set *set, const char *segment);

#endif
