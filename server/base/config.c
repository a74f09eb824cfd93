#include "config.h"

#include "buffer.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

#define KB INT64_C(1024)
#define MB (1024 * KB)
#define GB (1024 * MB)
#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

const struct config_option config_options[CONFIG_OPTION_COUNT] = {
    [CONFIG_LISTEN] = { "listen", CONFIG_TEXT, "127.0.0.1:8080", 0, 0, false,
                        "address and port of the server; port 0 takes a free one" },
    [CONFIG_CONTROL_LISTEN] = { "control-listen", CONFIG_TEXT, NULL, 0, 0, false,
                                "address and port of the control port, when it is to have its "
                                "own" },
    [CONFIG_PUBLIC_URL] = { "public-url", CONFIG_TEXT, NULL, 0, 0, false,
                            "base URL clients use, when a gateway stands in front" },
    [CONFIG_DATABASE] = { "database", CONFIG_TEXT, NULL, 0, 0, true,
                          "Postgres 15 or newer, as a URL; without it a private cluster is run" },
    [CONFIG_DATA_DIR] = { "data-dir", CONFIG_TEXT, NULL, 0, 0, false,
                          "keys and the private cluster; FOLDER/.entrepot when not given" },
    [CONFIG_POSTGRES_BIN] = { "postgres-bin", CONFIG_TEXT, NULL, 0, 0, false,
                              "folder of initdb and postgres; found by itself when not given" },
    [CONFIG_JWKS] = { "jwks", CONFIG_TEXT, NULL, 0, 0, false,
                      "keys that sign tokens: a JWKS file or an https URL; the key made in the "
                      "data "
                      "directory when not given" },
    [CONFIG_JWKS_TTL] = { "jwks-ttl", CONFIG_MS, "5min", SECOND, DAY, false,
                          "how long fetched keys are used before they are fetched again" },
    [CONFIG_ISSUER] = { "issuer", CONFIG_TEXT, "urn:entrepot:local", 0, 0, false,
                        "the `iss` a token must have" },
    [CONFIG_AUDIENCE] = { "audience", CONFIG_TEXT, NULL, 0, 0, false,
                          "the `aud` a token must have; urn:entrepot:<product id> when not given" },
    [CONFIG_ALGORITHMS] = { "algorithms", CONFIG_TEXT, "ES256 RS256 PS256 EdDSA", 0, 0, false,
                            "signature algorithms accepted" },
    [CONFIG_TOKEN_TYPE] = { "token-type", CONFIG_TEXT, "any", 0, 0, false,
                            "`at+jwt` accepts RFC 9068 tokens only, `any` plain JWTs too" },
    [CONFIG_TOKEN_LIFETIME] = { "token-lifetime", CONFIG_MS, "24h", SECOND, 366 * DAY, false,
                                "longest time between `iat` and `exp` of a token" },
    [CONFIG_CLOCK_LEEWAY] = { "clock-leeway", CONFIG_MS, "60s", 0, 10 * MINUTE, false,
                              "how far the clock of the issuer may be off" },
    [CONFIG_LOOPS] = { "loops", CONFIG_COUNT, "0", 0, 256, false,
                       "event-loop threads; 0 takes one per core" },
    [CONFIG_WORKERS] = { "workers", CONFIG_COUNT, "8", 1, 256, false,
                         "worker threads for documents and deliveries, each with a database "
                         "connection" },
    [CONFIG_WORKER_QUEUE] = { "worker-queue", CONFIG_COUNT, "64", 1, 10000, false,
                              "requests that may wait for a worker before 503 is answered" },
    [CONFIG_STREAMS] = { "streams", CONFIG_COUNT, "8", 1, 256, false,
                         "worker threads for long answers (exports, changes, files of snapshots), "
                         "each with a database connection" },
    [CONFIG_STREAM_QUEUE] = { "stream-queue", CONFIG_COUNT, "64", 1, 10000, false,
                              "requests that may wait for one of those before 503 is answered" },
    [CONFIG_QUEUE_TIMEOUT] = { "queue-timeout", CONFIG_MS, "30s", 100, HOUR, false,
                               "how long a request waits for a worker before 503 is answered" },
    [CONFIG_MAX_CONNECTIONS] = { "max-connections", CONFIG_COUNT, "1000", 1, 100000, false,
                                 "open connections per loop" },
    [CONFIG_MAX_CONNECTIONS_PER_IP] = { "max-connections-per-ip", CONFIG_COUNT, "0", 0, 100000,
                                        false, "open connections per address and loop; 0 is any" },
    [CONFIG_MAX_PARKED] = { "max-parked", CONFIG_COUNT, "200", 1, 1000, false,
                            "requests per loop that wait for an event (long polls)" },
    [CONFIG_MAX_HEADER] = { "max-header", CONFIG_BYTES, "16KB", 4 * KB, 64 * KB, false,
                            "memory of a connection: its request line and header fields" },
    [CONFIG_MAX_URI] = { "max-uri", CONFIG_BYTES, "8KB", 256, 60 * KB, false,
                         "path and query of a request" },
    [CONFIG_MAX_BODY] = { "max-body", CONFIG_BYTES, "4GB", KB, 1024 * GB, false,
                          "body of a delivery" },
    [CONFIG_MAX_DOCUMENT] = { "max-document", CONFIG_BYTES, "1MB", KB, 64 * MB, false,
                              "body of a document, and a file of the folder" },
    [CONFIG_IDLE_TIMEOUT] = { "idle-timeout", CONFIG_MS, "60s", SECOND, HOUR, false,
                              "a connection without a byte either way is closed" },
    [CONFIG_REQUEST_TIMEOUT] = { "request-timeout", CONFIG_MS, "10s", 100, HOUR, false,
                                 "request line and header fields must have come by then" },
    [CONFIG_MIN_RATE] = { "min-rate", CONFIG_BYTES, "1KB", 0, GB, false,
                          "bytes per second a body or an answer must move, over an idle-timeout; 0 "
                          "is any" },
    [CONFIG_DRAIN_TIMEOUT] = { "drain-timeout", CONFIG_MS, "30s", 0, HOUR, false,
                               "how long requests may finish after SIGTERM" },
    [CONFIG_READ_CONNECTIONS] = { "read-connections", CONFIG_COUNT, "2", 1, 64, false,
                                  "pipelined database connections per loop" },
    [CONFIG_READ_TIMEOUT] = { "read-timeout", CONFIG_MS, "2s", 10, HOUR, false,
                              "statement_timeout of the read lane" },
    [CONFIG_HEAVY_TIMEOUT] = { "heavy-timeout", CONFIG_MS, "1h", SECOND, 7 * DAY, false,
                               "statement_timeout of workers: what an export or a delivery may "
                               "take" },
    [CONFIG_PAGE_ROWS] = { "page-rows", CONFIG_COUNT, "1000", 1, 100000, false,
                           "largest page the read lane answers; more rows are streamed by a "
                           "worker" },
    [CONFIG_PAGE_BYTES] = { "page-bytes", CONFIG_BYTES, "8MB", 64 * KB, GB, false,
                            "a page whose rows are wide ends behind the one that reaches it" },
    [CONFIG_MAX_SKIP] = { "max-skip", CONFIG_COUNT, "1000000", 0, INT64_MAX, false,
                          "rows a query may leave out by skip; next links have no limit" },
    [CONFIG_MAX_QUERY_DEPTH] = { "max-query-depth", CONFIG_COUNT, "100", 4, 500, false,
                                 "nesting of the expressions of a query" },
    [CONFIG_MAX_QUERY_PARTS] = { "max-query-parts", CONFIG_COUNT, "10000", 16, 100000, false,
                                 "values, columns, operators and calls in all of them" },
    [CONFIG_MAX_QUERY_LIST] = { "max-query-list", CONFIG_COUNT, "5000", 1, 50000, false,
                                "values in one list of a query, behind `in`" },
    [CONFIG_MAX_FIELD] = { "max-field", CONFIG_BYTES, "1MB", 64, GB, false,
                           "one value of a row that is taken in" },
    [CONFIG_MAX_FAULTS] = { "max-faults", CONFIG_COUNT, "20", 1, 10000, false,
                            "faults reported of a delivery before reading stops" },
    [CONFIG_MAX_DEPTH] = { "max-depth", CONFIG_COUNT, "64", 4, 1000, false,
                           "nesting of JSON that is taken in" },
    [CONFIG_RUN_TIMEOUT] = { "run-timeout", CONFIG_MS, "10min", SECOND, 7 * DAY, false,
                             "a run is cancelled after it" },
    [CONFIG_RUN_ROWS] = { "run-rows", CONFIG_COUNT, "1000000000", 1, INT64_MAX, false,
                          "rows an output of a run may have" },
    [CONFIG_RUN_BYTES] = { "run-bytes", CONFIG_BYTES, "100GB", KB, INT64_MAX, false,
                           "bytes an output of a run may have" },
    [CONFIG_RUN_WORKERS] = { "run-workers", CONFIG_COUNT, "2", 1, 64, false,
                             "runs that are executed at the same time by this process" },
    [CONFIG_RUN_HISTORY] = { "run-history", CONFIG_MS, "90d", HOUR, 3660 * DAY, false,
                             "how long runs are remembered, and snapshots that are gone" },
    [CONFIG_KEEP_FAILED] = { "keep-failed", CONFIG_MS, "1h", 0, 366 * DAY, false,
                             "how long the tables of a run that failed wait for a retry" },
    [CONFIG_MISSED_RUNS] = { "missed-runs", CONFIG_COUNT, "100", 1, 10000, false,
                             "runs a schedule with `missed: all` queues at once, at most" },
    [CONFIG_BACKFILL_RUNS] = { "backfill-runs", CONFIG_COUNT, "1000", 1, 100000, false,
                               "runs one backfill may have" },
    [CONFIG_KEEP_SNAPSHOTS] = { "keep-snapshots", CONFIG_COUNT, "10", 1, 100000, false,
                                "published snapshots kept per dataset" },
    [CONFIG_RETIRE_GRACE] = { "retire-grace", CONFIG_MS, "60s", 0, DAY, false,
                              "time between retiring a snapshot and dropping its tables" },
    [CONFIG_FILE_SPACE] = { "file-space", CONFIG_BYTES, "20GB", 0, INT64_MAX, false,
                            "disk that files of snapshots may take; those asked for longest ago "
                            "make room, and are made again when wanted; 0 is any" },
    [CONFIG_IDEMPOTENCY_TTL] = { "idempotency-ttl", CONFIG_MS, "24h", MINUTE, 366 * DAY, false,
                                 "how long an Idempotency-Key is remembered" },
    [CONFIG_LOG_LEVEL] = { "log-level", CONFIG_TEXT, "info", 0, 0, false,
                           "debug, info, warning or error" },
};

struct config_value {
    const char *text;
    int64_t number;
};

struct config {
    struct config_value values[CONFIG_OPTION_COUNT];
};

struct suffix {
    enum config_unit unit;
    const char *name;
    int64_t factor;
};

static const struct suffix suffixes[] = {
    { CONFIG_BYTES, "", 1 },    { CONFIG_BYTES, "B", 1 },     { CONFIG_BYTES, "KB", KB },
    { CONFIG_BYTES, "MB", MB }, { CONFIG_BYTES, "GB", GB },   { CONFIG_MS, "ms", 1 },
    { CONFIG_MS, "s", SECOND }, { CONFIG_MS, "min", MINUTE }, { CONFIG_MS, "h", HOUR },
    { CONFIG_MS, "d", DAY },    { CONFIG_COUNT, "", 1 },
};

static const char *const unit_hints[] = {
    [CONFIG_TEXT] = "text",
    [CONFIG_SWITCH] = "on or off",
    [CONFIG_COUNT] = "a number",
    [CONFIG_BYTES] = "a size such as 512KB, 64MB or 2GB",
    [CONFIG_MS] = "a time such as 500ms, 30s, 5min or 24h",
};

static bool read_number(enum config_unit unit, const char *text, int64_t *out_number)
{
    char *end;
    if (text[0] < '0' || text[0] > '9' || strlen(text) > 20)
        return false;
    unsigned long long digits = strtoull(text, &end, 10);
    if (digits > INT64_MAX)
        return false;
    for (size_t i = 0; i < COUNT(suffixes); i++)
        if (suffixes[i].unit == unit && text_equal_caseless(suffixes[i].name, end))
            return !__builtin_mul_overflow((int64_t)digits, suffixes[i].factor, out_number);
    return false;
}

static struct problem *set_value(struct arena *arena, struct config *config, enum config_id id,
                                 const char *text, const char *from)
{
    const struct config_option *option = &config_options[id];
    struct config_value value = { arena_text(arena, text), 0 };
    if (option->unit == CONFIG_SWITCH) {
        value.number = strcmp(text, "on") == 0;
        if (!value.number && strcmp(text, "off") != 0)
            return problem_new(arena, &PROBLEM_START, "%s must be on or off, not \"%s\"", from,
                               text);
    } else if (option->unit != CONFIG_TEXT) {
        if (!read_number(option->unit, text, &value.number))
            return problem_new(arena, &PROBLEM_START, "%s must be %s, not \"%s\"", from,
                               unit_hints[option->unit], option->secret ? "…" : text);
        if (value.number < option->lowest || value.number > option->highest)
            return problem_new(arena, &PROBLEM_START, "%s must be %lld to %lld%s, not %s", from,
                               (long long)option->lowest, (long long)option->highest,
                               option->unit == CONFIG_MS      ? " ms"
                               : option->unit == CONFIG_BYTES ? " bytes"
                                                              : "",
                               text);
    }
    config->values[id] = value;
    return NULL;
}

static const char *environment_name(struct arena *arena, const struct config_option *option)
{
    char *name = arena_print(arena, "ENTREPOT_%s", option->name);
    for (char *c = name; *c; c++)
        *c = *c == '-' ? '_' : (char)(*c >= 'a' && *c <= 'z' ? *c - 'a' + 'A' : *c);
    return name;
}

static struct problem *read_option(struct arena *arena, struct config *config, int count,
                                   char *const *arguments, int *index)
{
    const char *argument = arguments[*index] + 2;
    size_t length = strcspn(argument, "=");
    for (enum config_id id = 0; id < CONFIG_OPTION_COUNT; id++) {
        const char *name = config_options[id].name;
        if (strlen(name) != length || strncmp(name, argument, length) != 0)
            continue;
        const char *value = argument[length] ? argument + length + 1 : NULL;
        if (!value && *index + 1 < count)
            value = arguments[++*index];
        if (!value)
            return problem_new(arena, &PROBLEM_START, "--%s needs a value: %s", name,
                               unit_hints[config_options[id].unit]);
        return set_value(arena, config, id, value, arena_print(arena, "--%s", name));
    }
    return problem_new(arena, &PROBLEM_START, "unknown option --%.*s; see entrepot --help",
                       (int)length, argument);
}

struct problem *config_read(struct arena *arena, int count, char *const *arguments,
                            const struct config **out_config, char ***out_words)
{
    struct config *config = arena_new_of(arena, struct config);
    char **words = arena_array_of(arena, char *, (size_t)count + 1);
    int word_count = 0;
    for (enum config_id id = 0; id < CONFIG_OPTION_COUNT; id++) {
        const char *name = environment_name(arena, &config_options[id]);
        const char *value = getenv(name);
        bool given = value && *value;
        if (!given)
            value = config_options[id].value;
        if (value)
            TRY(set_value(arena, config, id, value, given ? name : config_options[id].name));
    }
    for (int i = 0; i < count; i++) {
        if (text_starts(arguments[i], "--") && arguments[i][2])
            TRY(read_option(arena, config, count, arguments, &i));
        else
            words[word_count++] = arguments[i];
    }
    *out_config = config;
    *out_words = words;
    return NULL;
}

const char *config_text(const struct config *config, enum config_id id)
{
    return config->values[id].text;
}

int64_t config_number(const struct config *config, enum config_id id)
{
    return config->values[id].number;
}

bool config_is_on(const struct config *config, enum config_id id)
{
    return config->values[id].number != 0;
}

const char *config_help(struct arena *arena)
{
    CLEANUP(buffer_clear) struct buffer help = { 0 };
    for (enum config_id id = 0; id < CONFIG_OPTION_COUNT; id++) {
        const struct config_option *option = &config_options[id];
        buffer_print(&help, "  --%-24s %s", option->name, option->help);
        if (option->value)
            buffer_print(&help, " [%s]", option->value);
        buffer_add_char(&help, '\n');
    }
    return arena_copy(arena, help.data, help.size);
}

const char *config_markdown(struct arena *arena)
{
    CLEANUP(buffer_clear) struct buffer table = { 0 };
    buffer_add_text(&table,
                    "| option | environment | default | what |\n| --- | --- | --- | --- |\n");
    for (enum config_id id = 0; id < CONFIG_OPTION_COUNT; id++) {
        const struct config_option *option = &config_options[id];
        buffer_print(&table, "| `--%s` | `%s` | %s | %s%s |\n", option->name,
                     environment_name(arena, option), option->value ? option->value : "",
                     option->help, option->secret ? " (secret)" : "");
    }
    return arena_copy(arena, table.data, table.size);
}
