/* What the rules of a contract cost on a table of one million rows, beside the same aggregates
 * written by hand: wall-clock milliseconds, the best of fifteen, on a throw-away Postgres (or on
 * that of ENTREPOT_TEST_DATABASE).
 *
 *     quality_bench
 */
#include "server/base/clock.h"
#include "server/quality/quality.h"
#include "tests/db/harness.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROUNDS 15

static const char *const table_sql[] = {
    "CREATE SCHEMA IF NOT EXISTS data; DROP TABLE IF EXISTS data.s_1;"
    "CREATE TABLE data.s_1"
    " (id int8, code text, amount numeric(12,2), qty int4, day date, word text, note text);"
    "INSERT INTO data.s_1 SELECT n, chr(97 + (n % 26)::int) || chr(97 + (n % 17)::int),"
    " n % 9973 / 7.0, n % 11, date '2026-01-01' + (n % 300)::int,"
    " CASE WHEN n % 5 > 0 THEN 'word ' || n END, 'note ' || n"
    " FROM generate_series(1, 1000000) AS n",
    "VACUUM ANALYZE data.s_1", /* which must be alone */
};

/* Twelve rules: two of them twice over one column, as contracts have them. */
static const char contract_yaml[] =
    "apiVersion: v3.1.0\nkind: DataContract\nid: bench\nversion: 1.0.0\nstatus: active\n"
    "slaProperties: [{property: latency, value: 1, unit: y, element: day}]\n"
    "schema:\n  - name: bench\n"
    "    quality: [{metric: rowCount, mustBeGreaterThan: 0}]\n    properties:\n"
    "      - {name: id, logicalType: integer, required: true}\n"
    "      - {name: code, logicalType: string, required: true, logicalTypeOptions: {minLength: 2,"
    " maxLength: 2}%s}\n"
    "      - {name: amount, logicalType: number, logicalTypeOptions: {minimum: 0, maximum: 2000},"
    " quality: [{metric: nullValues, mustBeLessThan: 5, unit: percent}]}\n"
    "      - {name: qty, logicalType: integer, physicalType: int, logicalTypeOptions: {minimum: 0,"
    " exclusiveMaximum: 100}, quality: [{metric: nullValues, mustBe: 0}, {metric: invalidValues,"
    " mustBe: 0, arguments: {validValues: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]}}]}\n"
    "      - {name: day, logicalType: date, logicalTypeOptions: {minimum: 2026-01-01}}\n"
    "      - {name: word, logicalType: string, quality: [{metric: missingValues, mustBeLessThan: "
    "30,"
    " unit: percent, arguments: {missingValues: [null, '', n/a]}}]}\n";

static const char hand_sql[] =
    "SELECT count(*), count(id), count(code), count(amount), count(qty),"
    " count(*) FILTER (WHERE char_length(code) NOT BETWEEN 2 AND 2),"
    " count(*) FILTER (WHERE amount < 0 OR amount > 2000),"
    " count(*) FILTER (WHERE qty < 0 OR qty >= 100),"
    " count(*) FILTER (WHERE qty NOT IN (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10)),"
    " count(*) FILTER (WHERE day < '2026-01-01'),"
    " count(*) FILTER (WHERE word IS NULL OR word IN ('', 'n/a')),"
    " now() - max(day)%s FROM data.s_1";

struct bench {
    struct arena *arena;
    struct db *db;
    struct contract contract;
    struct quality_request request;
    struct quality_report report;
};

static void must(const struct problem *problem)
{
    if (!problem)
        return;
    (void)fprintf(stderr, "quality_bench: %s (%s)\n", problem->detail,
                  problem->cause ? problem->cause : "");
    exit(EXIT_FAILURE);
}

static void run_rules(struct bench *bench)
{
    must(quality_check(bench->db, bench->arena, &bench->request, &bench->report));
}

static double took_ms(int64_t began_us)
{
    return (double)(clock_monotonic_us() - began_us) / 1000;
}

/* In turns, so that what else the machine does falls on both. */
static void best_of(struct bench *bench, const char *hand, double *out_ours, double *out_hand)
{
    *out_ours = *out_hand = 1e9;
    for (int i = 0; i < ROUNDS; i++) {
        int64_t began = clock_monotonic_us();
        run_rules(bench);
        *out_ours = fmin(*out_ours, took_ms(began));
        began = clock_monotonic_us();
        must(db_run(bench->db, bench->arena, hand));
        *out_hand = fmin(*out_hand, took_ms(began));
    }
}

static void measure(const char *name, const char *rule, const char *by_hand)
{
    struct bench bench = { .arena = arena_new(65536) };
    struct arena *arena = bench.arena;
    struct faults faults;
    bench.db = db_open(harness_conninfo(), "quality bench");
    const char *yaml = arena_print(arena, contract_yaml, rule);
    const struct document_text source = { NULL, yaml, strlen(yaml), DOCUMENT_YAML };
    struct catalogue_datum datum = { .name = "bench" };
    struct catalogue catalogue = { 0 };
    faults_init(&faults, arena, 1);
    if (!contract_parse(arena, &source, &bench.contract, &faults))
        must(faults_problem(&faults, &PROBLEM_INVALID_DOCUMENT, "the contract"));
    bench.request = (struct quality_request){ .catalogue = &catalogue,
                                              .datum = &datum,
                                              .contract = &bench.contract,
                                              .segment_id = 1,
                                              .timeout_ms = 600000 };
    run_rules(&bench); /* NOT NULL is set, the table is in memory */
    double ours;
    double hand;
    best_of(&bench, arena_print(arena, hand_sql, by_hand), &ours, &hand);
    printf("%-28s %2zu rules %8.1f ms, by hand %8.1f ms, ratio %.2f\n", name, bench.report.count,
           ours, hand, ours / hand);
    contract_clear(&bench.contract);
    db_close(bench.db);
    arena_free(arena);
}

int main(void)
{
    struct harness *harness = harness_start();
    struct db *db = db_open(harness_conninfo(), "quality bench");
    struct arena *arena = arena_new(4096);
    for (size_t i = 0; i < COUNT(table_sql); i++)
        must(db_run(db, arena, table_sql[i]));
    db_close(db);
    arena_free(arena);
    measure("aggregates", "", "");
    measure("and a pattern",
            ", quality: [{metric: invalidValues, mustBe: 0, arguments: {pattern: '^[a-z]{2}$'}}]",
            ", count(*) FILTER (WHERE code !~ '^[a-z]{2}$')");
    measure("and a longer pattern",
            ", quality: [{metric: invalidValues, mustBeLessThan: 1, arguments: {pattern: "
            "'^(a|b|c|d|e|f|g|h|i|j|k|l|m|n|o|p|q|r|s|t|u|v|w|x|y|z)[a-q]?$'}}]",
            ", count(*) FILTER (WHERE code !~ "
            "'^(a|b|c|d|e|f|g|h|i|j|k|l|m|n|o|p|q|r|s|t|u|v|w|x|y|z)[a-q]?$')");
    measure("a pattern of unlike texts",
            "}\n      - {name: note, logicalType: string, logicalTypeOptions: {pattern: '^note "
            "[0-9]+$'}",
            ", count(*) FILTER (WHERE note !~ '^note [0-9]+$')");
    harness_stop(harness);
    return 0;
}
