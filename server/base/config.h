/*
 * Configuration: a table of options, and the values they have in this process.
 *
 * Every limit and switch of the server is one row: its command-line name (--max-body), environment
 * name (ENTREPOT_MAX_BODY), kind, default, range, unit, whether it is secret, and its help. --help
 * and docs/reference/configuration.md print from the rows. A value comes from the command line,
 * else the environment, else the default. Immutable once read; any thread may read.
 */
#ifndef ENTREPOT_BASE_CONFIG_H
#define ENTREPOT_BASE_CONFIG_H

#include "problem.h"

enum config_unit { CONFIG_TEXT, CONFIG_SWITCH, CONFIG_COUNT, CONFIG_BYTES, CONFIG_MS };

enum config_id {
    /* where */
    CONFIG_LISTEN,
    CONFIG_CONTROL_LISTEN,
    CONFIG_PUBLIC_URL,
    CONFIG_DATABASE,
    CONFIG_DATA_DIR,
    CONFIG_POSTGRES_BIN,
    /* who */
    CONFIG_JWKS,
    CONFIG_JWKS_TTL,
    CONFIG_ISSUER,
    CONFIG_AUDIENCE,
    CONFIG_ALGORITHMS,
    CONFIG_TOKEN_TYPE,
    CONFIG_TOKEN_LIFETIME,
    CONFIG_CLOCK_LEEWAY,
    /* how much of HTTP */
    CONFIG_LOOPS,
    CONFIG_WORKERS,
    CONFIG_WORKER_QUEUE,
    CONFIG_STREAMS,
    CONFIG_STREAM_QUEUE,
    CONFIG_QUEUE_TIMEOUT,
    CONFIG_MAX_CONNECTIONS,
    CONFIG_MAX_CONNECTIONS_PER_IP,
    CONFIG_MAX_PARKED,
    CONFIG_MAX_HEADER,
    CONFIG_MAX_URI,
    CONFIG_MAX_BODY,
    CONFIG_MAX_DOCUMENT,
    CONFIG_IDLE_TIMEOUT,
    CONFIG_REQUEST_TIMEOUT,
    CONFIG_MIN_RATE,
    CONFIG_DRAIN_TIMEOUT,
    /* how much of data */
    CONFIG_READ_CONNECTIONS,
    CONFIG_READ_TIMEOUT,
    CONFIG_HEAVY_TIMEOUT,
    CONFIG_PAGE_ROWS,
    CONFIG_PAGE_BYTES,
    CONFIG_MAX_SKIP,
    CONFIG_MAX_QUERY_DEPTH,
    CONFIG_MAX_QUERY_PARTS,
    CONFIG_MAX_QUERY_LIST,
    CONFIG_MAX_FIELD,
    CONFIG_MAX_FAULTS,
    CONFIG_MAX_DEPTH,
    CONFIG_RUN_TIMEOUT,
    CONFIG_RUN_ROWS,
    CONFIG_RUN_BYTES,
    CONFIG_RUN_WORKERS,
    CONFIG_RUN_HISTORY,
    CONFIG_KEEP_FAILED,
    CONFIG_MISSED_RUNS,
    CONFIG_BACKFILL_RUNS,
    CONFIG_KEEP_SNAPSHOTS,
    CONFIG_RETIRE_GRACE,
    CONFIG_FILE_SPACE,
    CONFIG_IDEMPOTENCY_TTL,
    /* how it speaks */
    CONFIG_LOG_LEVEL,
    CONFIG_OPTION_COUNT
};

struct config_option {
    const char *name; /* --name; the environment has ENTREPOT_NAME */
    enum config_unit unit;
    const char *value; /* default; NULL where there is none */
    int64_t lowest;    /* range of a number */
    int64_t highest;
    bool secret; /* never printed */
    const char *help;
};

/** The rows, CONFIG_OPTION_COUNT of them, indexed by enum config_id. */
extern const struct config_option config_options[];

struct config;

/**
 * Read the options among arguments and in the environment.
 *
 * Takes   arguments: count of them, argv without the program and the command.
 * Gives   the configuration, and the words that are no options, in order, ended by NULL.
 * Fails   PROBLEM_START: an unknown option, a missing or wrong value; the detail says which.
 */
struct problem *config_read(struct arena *arena, int count, char *const *arguments,
                            const struct config **out_config, char ***out_words) MUST_USE;

/** The text of an option, or NULL; its number in its unit (bytes, milliseconds, count); its switch.
 */
const char *config_text(const struct config *config, enum config_id id);
int64_t config_number(const struct config *config, enum config_id id);
bool config_is_on(const struct config *config, enum config_id id);

/** Help of all options: plain lines, or rows of a Markdown table. */
const char *config_help(struct arena *arena);
const char *config_markdown(struct arena *arena);

#endif
