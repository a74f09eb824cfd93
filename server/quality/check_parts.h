/* What the files of a check share: a check under way. For server/quality only. */
#ifndef ENTREPOT_QUALITY_CHECK_PARTS_H
#define ENTREPOT_QUALITY_CHECK_PARTS_H

#include "quality.h"
#include "server/db/stream.h"

struct checking {
    struct db *db;
    struct arena *arena;
    const struct quality_request *request;
    const char *rows; /* what stands behind FROM: all rows, under the name t */
    struct quality_result *results;
    size_t count;
    const char *const **texts; /* by result: some that a pattern does not match, ended by NULL */
    int64_t total;
};

/** Begin what reads; statements are limited in time. End it by db_rollback. */
struct problem *check_begin(struct checking *checking, struct db *db, bool read_only) MUST_USE;

/** All rows under the name t: (SELECT … FROM …) AS t. */
const char *check_rows(struct arena *arena, const struct contract *contract, const char *from);

/** A column of t, quoted. */
const char *check_column(struct arena *arena, const struct column *column);

/** Some rows failed; or a number that is no count of rows was measured. */
void result_count(struct checking *checking, struct quality_result *result, int64_t failing);
void result_value(struct checking *checking, struct quality_result *result, double value);

/** It could not be measured, or need not be. */
void result_error(struct checking *checking, struct quality_result *result, const char *why);
void result_skip(struct quality_result *result, const char *why);

/* Each measures its sort of rules. */
struct problem *measure_scan(struct checking *checking) MUST_USE;
struct problem *measure_patterns(struct checking *checking) MUST_USE;
struct problem *measure_indexes(struct checking *checking) MUST_USE;
struct problem *measure_duplicates(struct checking *checking) MUST_USE;
struct problem *measure_relationships(struct checking *checking) MUST_USE;
struct problem *measure_volume(struct checking *checking) MUST_USE;
struct problem *measure_sql(struct checking *checking) MUST_USE;

/** Keep some rows of each rule that failed; in a transaction that was begun. */
struct problem *sample_rows(struct checking *checking) MUST_USE;

/** Is a value one that a rule with a pattern fails? size -1 is NULL, which never fails. */
bool pattern_fails(const struct quality_rule *rule, const char *text, int32_t size);

/** Is it matched here, not in the database? */
bool rule_has_pattern(const struct quality_rule *rule);

/* The one row of a statement, copied. */
struct check_row {
    const struct db_value *values; /* binary; size -1 is NULL */
    size_t count;
    bool none; /* there was no row */
    bool more; /* there was a second row */
};

/** Run a statement whose first row is of interest. */
struct problem *check_row(struct db *db, struct arena *arena, const char *sql,
                          struct check_row *out_row) MUST_USE;

/** The same for a statement that gives one number of type int8. */
struct problem *check_count(struct checking *checking, const char *sql,
                            int64_t *out_count) MUST_USE;

#endif
