#include "place.h"

#include "canaries.h"
#include "server/base/clock.h"
#include "server/db/conninfo.h"
#include "server/pipeline/bind.h"
#include "server/pipeline/transfer.h"
#include "server/sandbox/gate.h"
#include "server/sandbox/probe.h"

#include <string.h>

struct place {
    struct arena *arena;   /* of the place */
    struct arena *scratch; /* of one statement */
    struct product_place product;
    unsigned layers;
    const char *runner; /* conninfo of who runs statements */
    struct db *kept;    /* its connection, where the run is no layer */
    struct canaries *canaries;
};

static const char schema_sql[] =
    "CREATE TABLE data.s_1 (id int PRIMARY KEY, day date, name text, amount numeric(12,2),"
    " doc jsonb, at timestamptz, tags text[], raw bytea);"
    "INSERT INTO data.s_1 VALUES (1, '2026-01-01', 'ann', 5, '{\"a\": 1, \"items\": [1]}',"
    " '2026-01-01', '{a,b}', 'x'), (2, '2026-01-02', 'bob', 7.5, '{\"a\": 2}', '2026-01-02', '{}',"
    " 'y'), (3, '2026-01-02', 'ann', 70, NULL, '2026-01-03', NULL, NULL);"
    "CREATE TABLE data.s_2 (id int, city text); INSERT INTO data.s_2 VALUES (1, 'Lyon');"
    "GRANT SELECT ON data.s_1, data.s_2 TO entrepot_pipeline;"
    "CREATE TABLE data.private (value text); INSERT INTO data.private VALUES ('CANARY private');"
    "CREATE TABLE meta.hidden (name text, value text);"
    "INSERT INTO meta.hidden VALUES ('key', 'CANARY hidden');"
    "CREATE VIEW meta.hidden_view AS SELECT * FROM meta.hidden;"
    "CREATE FUNCTION meta.reveal() RETURNS text LANGUAGE sql SECURITY DEFINER"
    " AS 'SELECT max(value) FROM meta.hidden';"
    "CREATE SEQUENCE data.counter;"
    "CREATE FUNCTION data.count_up() RETURNS bigint LANGUAGE sql"
    " AS 'SELECT nextval(''data.counter'')';"
    "CREATE DOMAIN data.counted AS int CHECK (data.count_up() > 0);"
    "CREATE TYPE data.mood AS ENUM ('glad', 'sad');"
    "CREATE FUNCTION data.anything(anyelement) RETURNS text LANGUAGE sql"
    " AS 'SELECT data.count_up()::text';"
    "CREATE FUNCTION data.slow(int, int) RETURNS bool LANGUAGE sql"
    " AS 'SELECT pg_sleep(3) IS NULL';"
    "CREATE OPERATOR data.@@@ (LEFTARG = int, RIGHTARG = int, FUNCTION = data.slow);"
    "CREATE TABLE data.held (id int); GRANT SELECT ON data.held TO entrepot_pipeline;"
    "CREATE TABLE data.attacked (x text); GRANT INSERT ON data.attacked TO entrepot_pipeline;";

static const char open_sql[] = "GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA pg_catalog TO PUBLIC;"
                               "GRANT USAGE ON LANGUAGE plpgsql TO PUBLIC";

static const struct probe_table tables[] = { { "data.\"s_1\"" }, { "data.\"s_2\"" } };
static const char *const names[] = { "orders", "cities", "run", NULL };

bool *place_gate(struct arena *arena, const struct corpus *corpus)
{
    CLEANUP(arena_free_at) struct arena *scratch = arena_new(65536);
    bool *refuses = arena_array_of(arena, bool, corpus->count);
    for (size_t i = 0; i < corpus->count; i++) {
        arena_reset(scratch);
        const char *sql = corpus_replace(scratch, corpus->list[i].sql, "@VICTIM@", "1");
        sql = corpus_replace(scratch, sql, "@LARGE@", "1");
        refuses[i] = gate_check(scratch, "attack", sql, names, NULL, NULL) != NULL;
    }
    return refuses;
}

/* Where the run is no layer, statements can change what comes after them. Its limit of time is the
 * watcher's: this one only has to stay as it is. */
static void keep_connection(struct place *place)
{
    place->kept = db_open(place->runner, "attacks");
    MUST(db_run(place->kept, place->arena,
                "SET default_transaction_read_only = off; SET statement_timeout = '30s'"));
}

struct place *place_open(unsigned layers)
{
    struct arena *arena = arena_new(64 * 1024);
    struct place *place = arena_new_of(arena, struct place);
    *place = (struct place){ .arena = arena, .scratch = arena_new(64 * 1024), .layers = layers };
    place->product = product_place_open("attacks");
    const char *owner = place->product.roles.owner_conninfo;
    const char *super = conninfo_value(arena, harness_conninfo(), "user");
    const char *admin =
        conninfo_replace(arena, owner, super, NULL, conninfo_value(arena, owner, "dbname"));
    MUST(db_run(place->product.owner, arena, schema_sql));
    if (!(layers & LAYER_REVOKED)) {
        CLEANUP(db_close_at) struct db *db = db_open(admin, "attacks");
        MUST(db_run(db, arena, open_sql));
    }
    place->runner = layers & LAYER_ROLE ? place->product.roles.pipeline_conninfo : admin;
    place->canaries = canaries_open(admin, place->product.roles.pipeline_conninfo);
    if (!(layers & LAYER_RUN))
        keep_connection(place);
    return place;
}

void place_close(struct place *place)
{
    canaries_close(place->canaries);
    db_close(place->kept);
    product_place_close(&place->product);
    arena_free(place->scratch);
    arena_free(place->arena);
}

/* A statement as the product binds it. */
struct bound {
    const char *sql; /* the author's, without what follows it */
    const char *select;
    int64_t offset;
};

static void bind(struct place *place, const char *sql, struct bound *out)
{
    static const struct bind_input inputs[] = { { "orders", "SELECT * FROM data.\"s_1\"" },
                                                { "cities", "SELECT * FROM data.\"s_2\"" } };
    static const struct bind_value run[] = { { "id", "bigint", "7" },
                                             { "as_of", "timestamptz", "2026-01-01T00:00:00Z" } };
    const struct binding binding = { inputs, COUNT(inputs), run, COUNT(run), NULL, 0 };
    out->sql = sql;
    bind_step(place->scratch, &binding, sql, NULL, &out->select, &out->offset);
}

/* The gates that are there. */
static enum verdict pass(struct place *place, const char *sql, struct bound *out_bound,
                         struct problem **out_problem)
{
    struct arena *arena = place->scratch;
    *out_problem = NULL;
    if (place->layers & LAYER_GATE)
        *out_problem = gate_check(arena, "attack", sql, names, &sql, NULL);
    if (*out_problem)
        return VERDICT_GATE;
    bind(place, sql, out_bound);
    if (place->layers & LAYER_PROBE) {
        struct probe probe;
        const struct probe_request request = { "attack", out_bound->select, sql, out_bound->offset,
                                               tables,   COUNT(tables) };
        *out_problem = probe_statement(place->product.owner, arena, &request, &probe);
    }
    return *out_problem ? VERDICT_PROBE : VERDICT_RAN;
}

/* As the product runs it: rows are streamed into a table of the owner, then forgotten. */
static struct problem *run_as_a_step(struct place *place, const char *select, const char **out_row)
{
    static const struct transfer_limits limits = { 20000, 8 << 20, ATTACK_LIMIT_MS };
    struct db *owner = place->product.owner;
    struct transfer_result result;
    struct run_watch watch;
    run_watch_init(&watch);
    canaries_watch(place->canaries, &watch);
    MUST(db_begin(owner, place->scratch, false));
    struct problem *problem = transfer_rows(place->scratch, owner, place->runner, "attack", select,
                                            "data.attacked", "\"x\"", &limits, &watch, &result);
    canaries_watch(place->canaries, NULL);
    run_watch_clear(&watch);
    if (!problem)
        *out_row = canaries_row(owner, place->scratch);
    db_rollback(owner);
    return problem;
}

static struct problem *run_loosely(struct place *place, const char *select, const char **out_row)
{
    struct arena *arena = place->scratch;
    struct run_watch watch;
    run_watch_init(&watch);
    watch.working = place->kept;
    canaries_watch(place->canaries, &watch);
    struct problem *problem =
        db_run(place->kept, arena, arena_print(arena, "INSERT INTO data.attacked (x) %s", select));
    canaries_watch(place->canaries, NULL);
    run_watch_clear(&watch);
    *out_row = canaries_row(place->product.owner, arena);
    MUST(db_run(place->product.owner, arena, "DELETE FROM data.attacked"));
    if (problem
        && !db_backend_pid(place->kept)) { /* its connection was broken: too long, too deaf */
        db_close(place->kept);
        keep_connection(place);
    }
    return problem;
}

static struct outcome attempt(struct place *place, const struct attack *attack)
{
    struct bound bound;
    struct problem *problem;
    const char *row = "";
    arena_reset(place->scratch);
    const char *sql = canaries_fill(place->canaries, place->scratch, attack->sql);
    struct outcome outcome = { .said = "" };
    canaries_begin(place->canaries);
    outcome.verdict = pass(place, sql, &bound, &problem);
    if (outcome.verdict == VERDICT_RAN) {
        const char *select =
            arena_print(place->scratch, "SELECT r::text AS x FROM (%s) AS r", bound.select);
        problem = place->layers & LAYER_RUN ? run_as_a_step(place, select, &row)
                                            : run_loosely(place, select, &row);
        if (problem)
            outcome.verdict = VERDICT_FAILED;
    }
    if (problem)
        outcome.said = arena_print(place->scratch, "%s %s", problem->detail,
                                   problem->cause ? problem->cause : "");
    outcome.harm =
        canaries_harm(place->canaries, place->scratch, attack, place->kept, row, outcome.said);
    return outcome;
}

struct outcome place_attack(struct place *place, const struct attack *attack)
{
    struct outcome outcome = attempt(place, attack);
    /* a machine with other work to do is slow now and then, a statement is slow every time */
    for (int turn = 0; turn < 2 && outcome.harm && strncmp(outcome.harm, "time", 4) == 0; turn++)
        outcome = attempt(place, attack);
    return outcome;
}

bool place_passes(struct place *place, const struct attack *attack)
{
    struct bound bound;
    struct problem *problem;
    arena_reset(place->scratch);
    return pass(place, canaries_fill(place->canaries, place->scratch, attack->sql), &bound,
                &problem)
           == VERDICT_RAN;
}

const char *place_words(struct place *place, struct arena *arena)
{
    return arena_text(
        arena, product_ask(&place->product,
                           "SELECT string_agg(DISTINCT name, ' ') FROM (SELECT proname::text"
                           " FROM pg_proc UNION ALL SELECT typname FROM pg_type) AS n (name)"));
}
