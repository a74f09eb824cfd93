/*
 * A query while its lineage is read: what its names mean.
 *
 * One scope per QUERY node, on the stack of its reader; a query within sees those around it, as
 * varlevelsup counts them. Expressions (lineage_expression.c) and queries (lineage_query.c) read
 * each other in turn; both are bounded by the depth of the tree and the work counted in sources.
 */
#ifndef ENTREPOT_SANDBOX_LINEAGE_SCOPE_H
#define ENTREPOT_SANDBOX_LINEAGE_SCOPE_H

#include "lineage_sources.h"

/* What a query gives. */
struct query_sources {
    struct source_set *columns;
    size_t column_count;
    struct source_set whole; /* what decides which rows there are; tables read are marked in it */
};

/* An entry of the range table: a table, a query, a join, a function. */
struct range {
    const struct tree *entry;
    int64_t kind; /* enum range_kind */
    struct query_sources result;
    bool known;
};

/* RTEKind of Postgres, the same in every version so far. */
enum range_kind {
    RANGE_RELATION,
    RANGE_SUBQUERY,
    RANGE_JOIN,
    RANGE_FUNCTION,
    RANGE_TABLE_FUNCTION,
    RANGE_VALUES,
    RANGE_CTE,
    RANGE_TUPLESTORE,
    RANGE_RESULT,
    RANGE_GROUP /* 18 */
};

struct target {
    const struct tree *expression;
    int64_t reference; /* of ORDER BY, GROUP BY, DISTINCT; 0: none */
    bool hidden;       /* only for those */
};

/* A query of a WITH clause. */
struct with_query {
    const char *name;
    struct query_sources result;
};

struct scope {
    struct sources *sources;
    struct scope *outer;
    const struct tree *query;
    struct range *ranges;
    size_t range_count;
    struct target *targets;
    size_t target_count;
    struct with_query *with;
    size_t with_count;
    const struct query_sources *united; /* of UNION and its like, whose columns targets are */
    bool whole_row;                     /* reading the parts of a row that is taken whole */
};

/** Add the sources of an expression, a list of them, or nothing. */
void expression_read(struct scope *scope, const struct tree *expression, struct source_use use,
                     struct source_set *out);

/** Add the sources of the target that a SORTGROUPCLAUSE means. */
void target_read(struct scope *scope, const struct tree *clause, struct source_use use,
                 struct source_set *out);

/** Read a query within a scope (NULL: the outermost). */
void query_read(struct sources *sources, struct scope *outer, const struct tree *query,
                struct query_sources *out);

/** Read the queries of its WITH clause. */
void with_read(struct scope *scope);

void query_sources_init(struct sources *sources, struct query_sources *result, size_t count);
void query_sources_sort(struct query_sources *result);

/** What a range gives, other than a relation, a join or the groups; in the scope it belongs to. */
const struct query_sources *range_read(struct scope *scope, struct range *range);

/** The item of a list at a place from 1, or NULL. Is a member true? */
const struct tree *tree_item(const struct tree *list, int64_t place);
bool tree_is_true(const struct tree *node, const char *key);

#endif
