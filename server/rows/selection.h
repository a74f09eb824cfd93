/*
 * A selection: which rows of which snapshot a request asks for, in which format, and what of them
 * the subject may see. Made from the request alone and the catalogue it holds; no database.
 *
 * Every port that gives out rows asks here, so that all of them see the same snapshots, speak the
 * same query language and obey the same access rules. What differs between them is in the ask.
 */
#ifndef ENTREPOT_ROWS_SELECTION_H
#define ENTREPOT_ROWS_SELECTION_H

#include "server/formats/encoder.h"
#include "server/query/query.h"
#include "server/server.h"

/* What a port wants besides what stands in the request. */
struct selection_ask {
    const char *dataset;  /* its name, as it stands in the path */
    const char *root;     /* of the port's paths, as in next links: /output */
    const char *snapshot; /* a number from the path, or NULL to read the query option */
    const char *key;      /* of one row, as query_key reads it; NULL: all rows */
    const char *select;   /* one column, whatever the request says; NULL: as it says */
    enum format format;   /* FORMAT_NONE: as the client says */
    const char *variant;  /* what else the bytes of the answer depend on, for its ETag; or NULL */
    bool in_time;         /* the snapshot was found by the option as_of: the URL does not name it */
    bool paged;           /* in pages also where the client asks for none */
    bool keyed;           /* rows without a key that Edm knows get one: their number */
    bool placed;          /* the order columns, which hold the key, come behind those selected */
};

struct selection {
    struct selection_ask ask;
    const struct catalogue_datum *datum;
    const struct catalogue_snapshot *snapshot;
    const char *snapshot_text; /* its number */
    bool pinned;               /* the URL names the snapshot: the answer never changes */
    enum format format;
    const struct columns *columns; /* what the subject sees of a row */
    const char *number;            /* the column that numbers the rows; NULL: there is none */
    struct query *query;
    const char *from;
    int64_t page;      /* rows of a page with a next link; 0: the client asked for no pages */
    int64_t remaining; /* rows still wanted of top; -1: all */
    bool bounded;      /* few enough rows for the read lane */
    bool ordered;
    const char *preference;          /* the word of Prefer that asked for pages; NULL: none did */
    const struct query_place *place; /* go on behind it; NULL: from the start */
    const char *etag;
};

/**
 * Read a request for rows.
 *
 * Gives   *out_selection in the request's arena.
 * Fails   PROBLEM_DATASET_UNKNOWN, PROBLEM_FORBIDDEN, PROBLEM_NOT_FOUND (nothing published, no such
 *         snapshot), PROBLEM_SNAPSHOT_RETIRED, PROBLEM_NOT_ACCEPTABLE, PROBLEM_BAD_QUERY,
 *         PROBLEM_NOT_IMPLEMENTED.
 */
struct problem *selection_make(struct request *rq, const struct selection_ask *ask,
                               struct selection **out_selection) MUST_USE;

/** The SELECT of a selection; one row more than a page, to know whether another follows. */
struct problem *selection_sql(struct request *rq, const struct selection *selection,
                              struct db_query *out_sql) MUST_USE;

/** What stands behind FROM. */
const char *selection_from(struct request *rq, const struct selection *selection);

/** The URL of the next page, behind a place. Takes sent: rows sent with this page. */
const char *selection_next_url(struct request *rq, const struct selection *selection,
                               const struct query_place *place, int64_t sent);

/** Header fields for caches: of a 304 too (RFC 9110 §15.4.5). Takes pinned: the answer never
 * changes.
 */
void selection_cache_headers(struct reply *rp, bool pinned);

/** Header fields every answer with rows has besides. Takes canonical: name the snapshot's own URL
 *  too. */
void selection_headers(struct request *rq, struct reply *rp, const struct selection *selection,
                       bool canonical);

/** What a statement's failure is to the client: its own doing, a snapshot that is gone, or problem.
 */
struct problem *selection_failure(struct request *rq, const struct selection *selection,
                                  struct problem *problem, const char *sqlstate);

/** Did it take longer than the read lane waits? A worker has more time. */
bool selection_took_too_long(const char *sqlstate);

/** The format a request asks for, by its option or by Accept. Fails PROBLEM_NOT_ACCEPTABLE. */
struct problem *selection_format(struct request *rq, enum format *out_format) MUST_USE;

/**
 * A snapshot that may be read.
 *
 * Takes   number: 0 for the current one.
 * Fails   PROBLEM_NOT_FOUND: nothing published, or no such number yet; PROBLEM_SNAPSHOT_RETIRED.
 */
struct problem *selection_snapshot(struct request *rq, const struct catalogue_datum *datum,
                                   int64_t number,
                                   const struct catalogue_snapshot **out_snapshot) MUST_USE;

/** The number of a snapshot in a path. Fails PROBLEM_NOT_FOUND: it is no such number. */
struct problem *selection_number(struct request *rq, const struct catalogue_datum *datum,
                                 const char *text, int64_t *out_number) MUST_USE;

/** The problem of a snapshot that is gone, with a link to the current one. */
struct problem *selection_retired(struct request *rq, const struct catalogue_datum *datum,
                                  int64_t number);

#endif
