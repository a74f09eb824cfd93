/*
 * A selection: which rows of which snapshot a request asks for, in which format, and what of them
 * the subject may see. Made from the request alone and the catalogue it holds; no database.
 */
#ifndef ENTREPOT_PORTS_OUTPUT_SELECTION_H
#define ENTREPOT_PORTS_OUTPUT_SELECTION_H

#include "server/formats/encoder.h"
#include "server/query/query.h"
#include "server/server.h"

struct selection {
    const struct catalogue_datum *datum;
    const struct catalogue_snapshot *snapshot;
    bool pinned; /* the URL names the snapshot: the answer never changes */
    enum format format;
    struct query *query;
    const char *from;
    int64_t page;      /* rows of a page with a next link; 0: the client asked for no pages */
    int64_t remaining; /* rows still wanted of top; -1: all */
    bool bounded;      /* few enough rows for the read lane */
    bool ordered;
    bool counts;                     /* the rows the query finds are still to be counted */
    const struct query_place *place; /* go on behind it; NULL: from the start */
    const char *etag;
};

/**
 * Read a request for rows.
 *
 * Takes   snapshot: a number from the path, or NULL to read the query option.
 * Gives   *out_selection in the request's arena.
 * Fails   PROBLEM_DATASET_UNKNOWN, PROBLEM_FORBIDDEN, PROBLEM_NOT_FOUND (nothing published, no such
 *         snapshot), PROBLEM_SNAPSHOT_RETIRED, PROBLEM_NOT_ACCEPTABLE, PROBLEM_BAD_QUERY,
 *         PROBLEM_NOT_IMPLEMENTED.
 */
struct problem *selection_make(struct request *rq, const char *snapshot,
                               struct selection **out_selection) MUST_USE;

/** The SELECT of a selection; one row more than a page, to know whether another follows. */
struct problem *selection_sql(struct request *rq, const struct selection *selection,
                              struct db_query *out_sql) MUST_USE;

/** The URL of the next page, behind a place. Takes sent: rows sent with this page. */
const char *selection_next_url(struct request *rq, const struct selection *selection,
                               const struct query_place *place, int64_t sent);

/** Header fields for caches: of a 304 too (RFC 9110 §15.4.5). */
void selection_cache_headers(struct reply *rp, const struct selection *selection);

/** Header fields every answer with rows has besides. */
void selection_headers(struct request *rq, struct reply *rp, const struct selection *selection);

/** What a statement's failure is to the client: its own doing, a snapshot that is gone, or problem.
 */
struct problem *selection_failure(struct request *rq, const struct selection *selection,
                                  struct problem *problem, const char *sqlstate);

/** Did it take longer than the read lane waits? A worker has more time. */
bool selection_took_too_long(const char *sqlstate);

/** The problem of a snapshot that is gone, with a link to the current one. */
struct problem *selection_retired(struct request *rq, const struct catalogue_datum *datum,
                                  int64_t number);

#endif
