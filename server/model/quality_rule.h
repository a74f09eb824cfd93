/*
 * A quality rule: what must hold for all rows of a dataset before they are published.
 *
 * Read from a contract: its schema (keys, required, ranges, relationships), the quality[] of ODCS,
 * its service level `latency`, and `entrepot.volume` of ours. A rule measures one number and
 * compares it with its threshold. Plain const data of the contract that made it; any thread may
 * read. server/quality measures.
 */
#ifndef ENTREPOT_MODEL_QUALITY_RULE_H
#define ENTREPOT_MODEL_QUALITY_RULE_H

#include "column.h"
#include "node.h"

enum quality_metric {
    QUALITY_NO_METRIC,

    /* of the schema: rows that break it are counted, and there must be none */
    QUALITY_PRIMARY_KEY, /* rows beyond the first of a key */
    QUALITY_UNIQUE,      /* rows beyond the first of a value */
    QUALITY_REQUIRED,    /* rows without a value */
    QUALITY_RANGE,       /* rows outside minimum and maximum of the column */
    QUALITY_LENGTH,
    QUALITY_PATTERN,
    QUALITY_RELATIONSHIP, /* rows that refer to no row of the other dataset */

    /* of quality[] */
    QUALITY_ROW_COUNT,
    QUALITY_NULL_VALUES,
    QUALITY_MISSING_VALUES,
    QUALITY_INVALID_VALUES,
    QUALITY_DUPLICATE_VALUES, /* rows beyond the first of a value */
    QUALITY_SQL,
    QUALITY_TEXT,   /* for people: kept, not run */
    QUALITY_CUSTOM, /* of another engine: kept, not run, and never said to pass */

    /* of service levels, and ours */
    QUALITY_LATENCY, /* seconds between the run and the newest value of the column */
    QUALITY_VOLUME   /* rows, in percent of the median of the snapshots before */
};

enum quality_severity {
    QUALITY_SEVERITY_ERROR, /* also of a rule that names none: a promise that is not kept */
    QUALITY_SEVERITY_WARNING,
    QUALITY_SEVERITY_INFO
};

enum quality_unit { QUALITY_ROWS, QUALITY_PERCENT, QUALITY_SECONDS, QUALITY_ANY_UNIT };

enum quality_operator {
    QUALITY_MUST_BE,
    QUALITY_MUST_NOT_BE,
    QUALITY_MUST_BE_GREATER_THAN,
    QUALITY_MUST_BE_GREATER_OR_EQUAL_TO,
    QUALITY_MUST_BE_LESS_THAN,
    QUALITY_MUST_BE_LESS_OR_EQUAL_TO,
    QUALITY_MUST_BE_BETWEEN, /* both ends included */
    QUALITY_MUST_NOT_BE_BETWEEN
};

struct quality_threshold {
    enum quality_operator op;
    double low;
    double high;      /* of a range */
    const char *json; /* as it was written: 5, true, [1, 10] */
};

/* Where a relationship leads. */
struct quality_target {
    const char *dataset;        /* NULL: out of this product */
    const char *text;           /* as it was written, for messages */
    const char *const *columns; /* as many as the rule's, in their order */
};

struct quality_rule {
    const char *name; /* no other rule of the contract has it */
    const char *description;
    const char *dimension; /* NULL where the contract has none */
    const char *impact;    /* businessImpact; NULL where the contract has none */
    enum quality_metric metric;
    enum quality_severity severity;
    bool is_physical; /* the table cannot be served when it is broken; policies do not matter */
    struct columns columns; /* what it is about; count 0: the dataset as a whole */
    enum quality_unit unit;
    const char *unit_text; /* as it is shown */
    struct quality_threshold threshold;
    const char *const *values;     /* valid, or missing; ended by NULL; NULL: none are listed */
    bool null_is_missing;          /* of missingValues */
    const struct pattern *pattern; /* of invalidValues: the rule's own; of pattern: the column's */
    const char *query;             /* of sql, placeholders filled in */
    const char *engine;            /* of custom */
    struct quality_target target;  /* of a relationship */
    int64_t snapshots;             /* of volume: so many before */
    const struct node *node;       /* where it is written */
};

struct quality_rules {
    const struct quality_rule *list;
    size_t count;
    int64_t age_limit_s; /* latency without an element: since it was published; 0: none */
};

/** Does a value keep the threshold? NaN never does. */
bool quality_holds(const struct quality_threshold *threshold, double value);

/** nullValues, mustBeLessThan, warning: as contracts and answers write them. */
const char *quality_metric_name(enum quality_metric metric);
const char *quality_operator_name(enum quality_operator op);
const char *quality_severity_name(enum quality_severity severity);

/** Read an operator by its name; false when it is none. */
bool quality_operator_find(const char *name, enum quality_operator *out_operator);

#endif
