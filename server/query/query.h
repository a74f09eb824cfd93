/*
 * The query language of the output port: OData 4.01 system query options, `$` optional.
 *
 * Text becomes a typed tree checked against the columns, the tree becomes SQL with parameters only;
 * nothing of the client's text ever stands in the SQL. Everything lives in the caller's arena; no
 * state, any thread.
 */
#ifndef ENTREPOT_QUERY_QUERY_H
#define ENTREPOT_QUERY_QUERY_H

#include "server/db/stream.h"
#include "server/formats/row.h"
#include "server/model/column.h"

struct query_option {
    const char *name;
    const char *value;
};

struct query_limits {
    int64_t depth;    /* nesting of a filter */
    int64_t nodes;    /* of the tree */
    int64_t literals; /* in one list */
    int64_t skip;     /* largest skip */
};
extern const struct query_limits query_default_limits;

struct config;

/** The limits of a server, by its configuration. */
struct query_limits query_limits_of(const struct config *config);

struct query; /* parsed and typed */

/**
 * Parse and check all options of a request.
 *
 * Takes   options: decoded; names caseless, with or without `$`. Those named in `others` (format,
 *         snapshot, …; ended by NULL, a few) are not ours and skipped; any other unknown name is
 *         refused, and what stands more than once (format aside).
 * Fails   PROBLEM_BAD_QUERY with members option and position (bytes from 0);
 *         PROBLEM_NOT_IMPLEMENTED for what OData knows and we do not.
 */
struct problem *query_parse(struct arena *arena, const struct columns *columns,
                            const struct query_option *options, size_t option_count,
                            const char *const *others, const struct query_limits *limits,
                            struct query **out_query) MUST_USE;

/**
 * Let only those rows through for which one of the filters holds, whatever the client asks.
 *
 * Takes   columns: those the filters may name, also such that the query may not; filters: in this
 *         language, ended by NULL; none restrict nothing. They are part of the canonical form, and
 *         know no aliases: nothing the client sends changes what they mean.
 * Fails   as query_parse does; option is then `rule`.
 */
struct problem *query_restrict(struct arena *arena, const struct columns *columns,
                               const char *const *filters, const struct query_limits *limits,
                               struct query *query) MUST_USE;

/**
 * Keep only the row with this key.
 *
 * Takes   text: what stands between the parentheses of an OData path: 42, 'x', or a=1,b='x';
 *         options: for parameter aliases.
 * Fails   PROBLEM_BAD_QUERY with option `key`: not the whole key, or not of its types.
 */
struct problem *query_key(struct arena *arena, const char *text, const struct query_option *options,
                          size_t option_count, const struct query_limits *limits,
                          struct query *query) MUST_USE;

/**
 * Say what the rows are of, such as a dataset's name. It becomes part of the canonical form, and a
 * token is good only for queries of the same name.
 */
void query_set_name(struct arena *arena, struct query *query, const char *name);

/** The columns selected, in order. With apply they are those its last step made, with their names;
 *  none of the dataset's may be among them, and there may be no key. */
const struct columns *query_columns(const struct query *query);

/** Is at most one row possible, because the filter fixes the whole primary key by eq, or because
 *  apply makes one row of all? */
bool query_is_one_row(const struct query *query);

/** The number asked by top, or -1; by skip, or 0. Is there a filter or an explicit order? */
int64_t query_top(const struct query *query);
int64_t query_skip(const struct query *query);
bool query_has_filter(const struct query *query);
bool query_has_order(const struct query *query);
bool query_wants_count(const struct query *query);

/** Are rows made by apply? Few of them may be made of many: their statement is not bounded by the
 *  rows it gives, and they come in a total order always. */
bool query_has_apply(const struct query *query);

/** The query in one canonical form: equal for queries that mean the same text; for ETags. */
const char *query_canonical(struct arena *arena, const struct query *query);

/** Does the time of the request decide something: is now() in it, or in a rule of access? */
bool query_moves(struct arena *arena, const struct query *query);

/* A place to go on from: the last row's sort values, as text; NULL values are kept. */
struct query_place {
    const char *const *values; /* as many as query_order_columns says */
    size_t count;
};

/** The columns of the total order: those of orderby, completed by the key. They are added to the
 *  SELECT behind the selected ones by query_sql when with_place is set. */
const struct columns *query_order_columns(const struct query *query);

/** Is it all rows there are, as they are? Then its SELECT names columns and a table, and no more.
 */
bool query_is_whole(const struct query *query);

/**
 * Write the SELECT.
 *
 * Takes   from: what stands behind FROM, made by the server (`data."s_41"`, or a subselect);
 *         limit: rows at most, -1: as top says; place: NULL from the start; with_place: add the
 *         order columns behind the selected; ordered: total order even where the client asked none.
 * Gives   text, and parameters in arena.
 */
struct problem *query_sql(struct arena *arena, const struct query *query, const char *from,
                          int64_t limit, const struct query_place *place, bool with_place,
                          bool ordered, struct db_query *out_sql) MUST_USE;

/** SELECT count(*) with apply and the filter: as many rows as there are without top, skip and
 *  pages. One row, one int8; counts.h remembers it. */
struct problem *query_count_sql(struct arena *arena, const struct query *query, const char *from,
                                struct db_query *out_sql) MUST_USE;

/** What the client may know of a statement of query_sql that failed with this SQLSTATE: that its
 *  own arithmetic divides by zero or goes out of range, PROBLEM_BAD_QUERY. NULL: not its fault. */
struct problem *query_failure(struct arena *arena, const char *sqlstate);

/* Tokens to go on with (skiptoken): snapshot, place, hash of the canonical query, under a MAC. */

/** Takes remaining: rows still wanted of top, -1 when there is no top. */
const char *query_token_make(struct arena *arena, const void *key, size_t key_size,
                             int64_t snapshot, int64_t remaining, const struct query *query,
                             const struct query_place *place);

/** The skiptoken of the options, or NULL. */
const char *query_token(const struct query *query);

/** Fails PROBLEM_BAD_QUERY: forged, cut, or of another query. */
struct problem *query_token_open(struct arena *arena, const void *key, size_t key_size,
                                 const char *token, const struct query *query,
                                 int64_t *out_snapshot, int64_t *out_remaining,
                                 struct query_place *out_place) MUST_USE;

#endif
