/*
 * Quality: the rules of a contract (server/model/quality_rule.h) measured on the table of a run,
 * before anybody can see its rows.
 *
 * All rules that count rows are columns of one SELECT; keys and unique columns are measured by
 * building the indexes that are wanted for reading anyway; patterns are matched here, by the engine
 * that also checks deliveries; SQL of authors runs on a connection of the pipeline role. A rule
 * that fails is no problem here: it is a result, and quality_blocks says what follows. One thread;
 * what is given lives in the caller's arena.
 */
#ifndef ENTREPOT_QUALITY_QUALITY_H
#define ENTREPOT_QUALITY_QUALITY_H

#include "server/model/catalogue.h"

/* Rows kept of a rule that failed. */
#define QUALITY_SAMPLE_ROWS 100

/* What failed rules do; in the order of enum pipeline_quality. */
enum quality_policy {
    QUALITY_POLICY_ENFORCE, /* severity error blocks */
    QUALITY_POLICY_WARN,    /* they are told; what a table cannot be served without still blocks */
    QUALITY_POLICY_OFF      /* only what a table cannot be served without is measured */
};

/* A dataset in the state this run knows: one it reads, or one it makes beside this one. */
struct quality_peer {
    int64_t datum_id;
    const char *select; /* a SELECT of its columns */
};

/* How others see which connection works, and stop it. All of it may be NULL. */
struct quality_watch {
    void *context;
    void (*show)(void *context, struct db *working);                /* NULL: none works now */
    struct problem *(*stopped)(void *context, struct arena *arena); /* NULL: it goes on */
};

struct quality_request {
    const struct catalogue *catalogue;
    const struct catalogue_datum *datum;
    const struct contract *contract; /* in force; its rules are measured */
    int64_t segment_id;              /* the new table, committed: indexes it lacks are built */
    const char *from; /* what stands behind FROM to read all rows; NULL: the segment alone */
    const struct quality_peer *peers;
    size_t peer_count;
    const char *pipeline_conninfo; /* may SELECT from the segment */
    int64_t as_of;                 /* of the run, microseconds since 1970 */
    int64_t timeout_ms;            /* of one statement */
    enum quality_policy policy;
    struct quality_watch watch;
};

enum quality_outcome {
    QUALITY_NOT_EVALUATED,
    QUALITY_PASS,
    QUALITY_WARN, /* it failed, which does not block */
    QUALITY_FAIL,
    QUALITY_ERROR /* it could not be measured; blocks as a failure would */
};

struct quality_result {
    const struct quality_rule *rule;
    enum quality_outcome outcome;
    bool has_value;
    double value;        /* in the rule's unit */
    int64_t failing;     /* rows; -1: not counted in rows */
    int64_t total;       /* rows there are */
    int64_t ms;          /* of the statement that measured it, others may have been in it */
    const char *message; /* what it means; never a value of a row */
    bool blocks;
    const char *const *rows; /* some that failed, as JSON objects: key and columns of the rule */
    size_t row_count;
};

struct quality_report {
    const struct quality_result *list; /* in the order of the contract's rules */
    size_t count;
    int64_t total; /* rows */
    int64_t ms;
};

/**
 * Measure all rules, and build key and unique indexes, in transactions of its own.
 *
 * Fails   PROBLEM_STORE; what watch.stopped says; PROBLEM_TIMEOUT: a statement took too long. Rules
 *         that fail or cannot be measured do not fail this.
 */
struct problem *quality_check(struct db *db, struct arena *arena,
                              const struct quality_request *request,
                              struct quality_report *out_report) MUST_USE;

/**
 * Measure the rules that look at rows one by one, on rows that are not stored: the sample of a
 * plan. All others are not evaluated.
 *
 * Takes   pipeline_conninfo: for a connection on which the rows are computed, read-only, rolled
 * back; from: what stands behind FROM; timeout_ms: of one statement. Fails   PROBLEM_SQL_REFUSED:
 * the rows cannot be computed; PROBLEM_STORE.
 */
struct problem *quality_preview(struct arena *arena, const char *pipeline_conninfo,
                                const struct contract *contract, const char *from, int64_t as_of,
                                int64_t timeout_ms, struct quality_report *out_report) MUST_USE;

/**
 * Store a report and its rows as those of a run, also one that fails; replaces what was stored of
 * it. Joins the caller's transaction, where there is one.
 */
struct problem *quality_store(struct db *db, struct arena *arena, int64_t run_id, int64_t datum_id,
                              const struct quality_report *report) MUST_USE;

/** May the rows not be published? */
bool quality_blocks(const struct quality_report *report);

/** PROBLEM_CONTRACT naming the rules that block, each as a fault; NULL where none does. */
struct problem *quality_problem(struct arena *arena, const char *dataset,
                                const struct quality_report *report) MUST_USE;

/**
 * Are the SQL rules of a contract such that they may run? A fault for each that the gate refuses.
 * No database is asked.
 */
void quality_check_rules(struct arena *arena, const struct contract *contract,
                         struct faults *faults);

/**
 * Would Postgres take them, and may they use what they use? Each is probed over a table without
 * rows; nothing runs. Works inside the caller's transaction or in one of its own. A fault for each
 * that is refused, or that does not give one number or boolean.
 *
 * Fails   PROBLEM_STORE.
 */
struct problem *quality_analyse_rules(struct db *db, struct arena *arena,
                                      const struct contract *contract,
                                      struct faults *faults) MUST_USE;

/** pass, warn, fail, error, not-evaluated. */
const char *quality_outcome_name(enum quality_outcome outcome);

/**
 * The statement that measures every rule which counts rows, for plans and measurements.
 * Takes   from: what stands behind FROM.
 */
const char *quality_scan_sql(struct arena *arena, const struct contract *contract, const char *from,
                             int64_t as_of);

#endif
