/*
 * Lineage: which columns of which tables an output column comes from, read from the probe's tree.
 *
 * Kinds are OpenLineage's. Direct: the value itself goes into the result (identity, transformation,
 * aggregation). Indirect: it decides which rows or groups there are, or their order (join, group by,
 * filter, sort, window, conditional). What decides for the whole dataset has no output column.
 * Plain data in the caller's arena; no state, any thread.
 */
#ifndef ENTREPOT_SANDBOX_LINEAGE_H
#define ENTREPOT_SANDBOX_LINEAGE_H

#include "probe.h"

enum lineage_kind {
    LINEAGE_IDENTITY,
    LINEAGE_TRANSFORMATION,
    LINEAGE_AGGREGATION,
    LINEAGE_JOIN,
    LINEAGE_GROUP_BY,
    LINEAGE_FILTER,
    LINEAGE_SORT,
    LINEAGE_WINDOW,
    LINEAGE_CONDITIONAL
};

struct lineage_source {
    int64_t relation;   /* oid of the table */
    const char *column; /* NULL: the whole row */
    enum lineage_kind kind;
};

struct lineage_column {
    const char *name; /* of the output; NULL: the dataset as a whole */
    const struct lineage_source *sources; /* each (relation, column, kind) once, sorted */
    size_t source_count;
};

struct lineage {
    const struct lineage_column *columns; /* in the order of the output, the dataset's own last */
    size_t column_count;
    bool is_exact; /* false: checked against pg_depend and not equal; sources are of tables only */
};

struct problem *lineage_of(struct arena *arena, const struct probe *probe,
                           struct lineage *out_lineage) MUST_USE;

/** Is it direct? Its names in OpenLineage: DIRECT or INDIRECT, and the subtype: GROUP_BY. */
bool lineage_is_direct(enum lineage_kind kind);
const char *lineage_kind_name(enum lineage_kind kind);

#endif
