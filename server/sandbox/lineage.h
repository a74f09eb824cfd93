/*
 * Lineage: which columns of which tables an output column comes from, read from the probe's tree.
 *
 * Kinds are OpenLineage's. Direct: the value itself goes into the result (identity, transformation,
 * aggregation). Indirect: it decides which rows or groups there are, or their order (join, group
 * by, filter, sort, window, conditional). What decides for the whole dataset has no output column.
 * What was read is checked against pg_depend, where Postgres keeps every column a statement uses;
 * where the two differ, only tables are told. Plain data in the caller's arena; no state, any
 * thread.
 */
#ifndef ENTREPOT_SANDBOX_LINEAGE_H
#define ENTREPOT_SANDBOX_LINEAGE_H

#include "probe.h"

/* Direct ones first, the stronger behind the weaker. */
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

#define LINEAGE_KINDS (LINEAGE_CONDITIONAL + 1)

struct lineage_source {
    int64_t relation;   /* oid of the table */
    const char *column; /* NULL: the whole row */
    enum lineage_kind kind;
    bool masked; /* the value cannot be seen in the result: it was hashed or counted */
};

struct lineage_column {
    const char *name; /* of the output; NULL: the dataset as a whole */
    /* each (relation, column, kind) once, in the order of relation, column, kind */
    const struct lineage_source *sources;
    size_t source_count;
};

struct lineage {
    const struct lineage_column *columns; /* in the order of the output, the dataset's own last */
    size_t column_count;
    const int64_t *relations; /* every table that rows of the result depend on, sorted */
    size_t relation_count;
    const char
        *doubt; /* why it is of tables only: columns have no sources then; NULL: it is exact */
};

/**
 * Read the lineage of a probed statement.
 *
 * Takes   probe: query, uses.
 * Gives   *out_lineage; never fails because of what the statement says: that gives a doubt.
 */
void lineage_of(struct arena *arena, const struct probe *probe, struct lineage *out_lineage);

/* A table that an earlier step made, and what it was made from. */
struct lineage_step {
    int64_t relation;
    const struct lineage *lineage; /* composed already: down to the inputs */
};

/**
 * Stitch a step to the steps before it, so that its sources are those of the pipeline's inputs.
 *
 * Direct through direct keeps the stronger kind; what passes anything indirect is indirect; what
 * decides for the whole of an earlier step decides for the whole of this one.
 *
 * Takes   earlier: the steps whose tables it may read; tables not named there stay as they are.
 */
void lineage_compose(struct arena *arena, const struct lineage *step,
                     const struct lineage_step *earlier, size_t earlier_count,
                     struct lineage *out_lineage);

/** Sort sources by relation, column and kind, each once; masked only where all of the same were.
 *  Gives how many are left. The same for tables. */
size_t lineage_sort(struct lineage_source *list, size_t count);
size_t lineage_sort_relations(int64_t *list, size_t count);

/** Is it direct? Its name as OpenLineage's subtype: GROUP_BY. */
bool lineage_is_direct(enum lineage_kind kind);
const char *lineage_kind_name(enum lineage_kind kind);

#endif
