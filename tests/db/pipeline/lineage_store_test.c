/* A lineage read from Postgres, stitched over two steps, stored for snapshots and written. */
#include "server/pipeline/lineage_store.h"
#include "tests/db/db/support.h"
#include "tests/db/sandbox/probe_support.h"

#include <string.h>

CLEANUP_DEFINE(json_t *, json_decref)
CLEANUP_DEFINE(char *, free)

/* Two inputs, one of them in two segments; a step's own table; two snapshots to be described. */
static const char rows[] =
    "SET search_path = public;"
    "INSERT INTO meta.domain (name) VALUES ('d');"
    "INSERT INTO meta.catalog (domain_id, product_id, name, version, kind, open_discovery,"
    " descriptor, descriptor_sha256, access, access_sha256)"
    " VALUES (1, 'p', 'P', '1.0.0', 'aggregate', true, '{}', '', '{}', '');"
    "INSERT INTO meta.contract (contract_id, version, document, sha256)"
    " VALUES ('c', '1.0.0', '{}', '');"
    "INSERT INTO meta.datum (catalog_id, layer, name, major, contract_id, mode) VALUES"
    " (1, 'input', 'orders', 1, 1, 'append'), (1, 'output', 'customers', 1, 1, 'replace'),"
    " (1, 'output', 'daily', 1, 1, 'replace');"
    "INSERT INTO meta.workflow (name, version, document, sha256, created_by)"
    " VALUES ('w', '1.0.0', '{}', '', 'test');"
    "INSERT INTO meta.flow (workflow_id, fingerprint) VALUES (1, 'f');"
    "INSERT INTO meta.run (workflow_id, parameters, requested_by) VALUES (1, '{}', 'test');"
    "INSERT INTO meta.datastore (name, kind) SELECT 'test', 'postgres';"
    "INSERT INTO meta.snapshot (datum_id, number, contract_id, datastore_id, flow_id, run_id,"
    " state, rows, bytes, sha256) SELECT 3, n, 1, (SELECT min(id) FROM meta.datastore), 1, 1,"
    " 'published', 0, 0, '' FROM generate_series(1, 2) n;"
    "CREATE TABLE orders (id bigint, day date, amount numeric, note text);"
    "CREATE TABLE data.s_1 (id bigint, name text); CREATE TABLE data.s_2 (id bigint, name text);"
    "CREATE TABLE data.s_3 (day date, total numeric, customer bigint);";

static const char clean[] = "SELECT day, sum(amount) AS total, max(id) AS customer FROM orders"
                            " WHERE note IS NULL GROUP BY day";
static const char daily[] =
    "SELECT s.day, s.total * 2 AS total, md5(c.name) AS name FROM data.s_3 s JOIN"
    " (SELECT id, name FROM data.s_1 UNION ALL SELECT id, name FROM data.s_2) c"
    " ON c.id = s.customer";

static struct arena *arena;
static struct db *db;
static struct lineage_input inputs[3];

static void setup(void)
{
    arena = arena_new(16 * 1024);
    db = db_open(harness_database(arena_print(arena, "store_%d", (int)getpid())), "store test");
    MUST(db_run(db, arena, rows));
    inputs[0] = (struct lineage_input){ 0, 1, 7, "input.orders" };
    inputs[1] = (struct lineage_input){ 0, 2, 4, "output.customers" };
    inputs[2] = inputs[1];
    inputs[0].relation = support_number(db, arena, "SELECT 'orders'::regclass::oid::int8");
    inputs[1].relation = support_number(db, arena, "SELECT 'data.s_1'::regclass::oid::int8");
    inputs[2].relation = support_number(db, arena, "SELECT 'data.s_2'::regclass::oid::int8");
}

static void teardown(void)
{
    db_close(db);
    arena_free(arena);
}

static struct lineage both_steps(void)
{
    struct probe probe;
    struct lineage first, second, all;
    MUST(probe_any(db, arena, clean, &probe));
    lineage_of(arena, &probe, &first);
    MUST(probe_any(db, arena, daily, &probe));
    lineage_of(arena, &probe, &second);
    const struct lineage_step earlier[] = {
        { support_number(db, arena, "SELECT 'data.s_3'::regclass::oid::int8"), &first }
    };
    lineage_compose(arena, &second, earlier, COUNT(earlier), &all);
    return all;
}

static const char expected[] =
    "{\"doubt\":null,\"columns\":["
    "{\"name\":\"day\",\"sources\":[{\"input\":0,\"column\":\"day\",\"kind\":\"IDENTITY\"}]},"
    "{\"name\":\"total\",\"sources\":[{\"input\":0,\"column\":\"amount\",\"kind\":"
    "\"AGGREGATION\"}]},"
    "{\"name\":\"name\",\"sources\":[{\"input\":1,\"column\":\"name\",\"kind\":"
    "\"TRANSFORMATION\",\"masked\":true}]}],"
    "\"dataset\":[{\"input\":0,\"column\":\"day\",\"kind\":\"GROUP_BY\"},"
    "{\"input\":0,\"column\":\"id\",\"kind\":\"JOIN\"},"
    "{\"input\":0,\"column\":\"note\",\"kind\":\"FILTER\"},"
    "{\"input\":1,\"column\":\"id\",\"kind\":\"JOIN\"}]";

START_TEST(a_lineage_is_written_with_its_inputs)
{
    struct lineage lineage = both_steps();
    CLEANUP(json_decref_at) json_t *json = NULL;
    MUST(lineage_json(arena, &lineage, inputs, COUNT(inputs), &json));
    CLEANUP(free_at) char *text = json_dumps(json, JSON_COMPACT);
    ck_assert_str_eq(text, arena_print(arena,
                                       "%s,\"inputs\":[{\"dataset\":\"input.orders\",\"number\":7},"
                                       "{\"dataset\":\"output.customers\",\"number\":4}]}",
                                       expected));
}
END_TEST

START_TEST(snapshots_made_in_the_same_way_share_one_lineage)
{
    struct lineage lineage = both_steps();
    MUST(lineage_store(db, arena, 1, &lineage, inputs, COUNT(inputs)));
    inputs[0].number = 8;
    MUST(lineage_store(db, arena, 2, &lineage, inputs, COUNT(inputs)));
    ck_assert_int_eq(support_number(db, arena, "SELECT count(*) FROM meta.lineage"), 1);
    ck_assert_int_eq(
        support_number(db, arena, "SELECT count(*) FROM meta.snapshot WHERE lineage_id = 1"), 2);
    ck_assert_int_eq(
        support_number(db, arena,
                       "SELECT sum(number)::int8 FROM meta.snapshot_input"
                       " WHERE snapshot_id = 2 AND (ordinal, datum_id) IN ((0, 1), (1, 2))"),
        12);
    ck_assert_int_eq(
        support_number(db, arena,
                       arena_print(arena,
                                   "SELECT count(*) FROM meta.lineage WHERE"
                                   " document = %s::jsonb",
                                   db_literal(arena, arena_print(arena, "%s}", expected)))),
        1);
}
END_TEST

START_TEST(a_lineage_that_another_stores_meanwhile_is_that_one)
{
    struct lineage lineage = both_steps();
    MUST(db_run(db, arena,
                "CREATE FUNCTION public.meanwhile() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                " IF pg_trigger_depth() = 1 THEN INSERT INTO meta.lineage (sha256, document)"
                " VALUES (NEW.sha256, NEW.document); END IF; RETURN NEW; END $$;"
                "CREATE TRIGGER meanwhile BEFORE INSERT ON meta.lineage"
                " FOR EACH ROW EXECUTE FUNCTION public.meanwhile()"));
    MUST(lineage_store(db, arena, 1, &lineage, inputs, COUNT(inputs)));
    ck_assert_int_eq(support_number(db, arena,
                                    "SELECT count(*) FROM meta.lineage JOIN meta.snapshot ON"
                                    " lineage_id = lineage.id"),
                     1);
}
END_TEST

START_TEST(a_table_that_is_no_input_is_an_error_of_ours)
{
    struct lineage lineage = both_steps();
    MUST_FAIL(lineage_store(db, arena, 1, &lineage, inputs, 2), PROBLEM_INTERNAL);
    ck_assert_int_eq(support_number(db, arena, "SELECT count(*) FROM meta.lineage"), 0);
}
END_TEST

static const struct test_case cases[] = {
    TEST(a_lineage_is_written_with_its_inputs),
    TEST(snapshots_made_in_the_same_way_share_one_lineage),
    TEST(a_lineage_that_another_stores_meanwhile_is_that_one),
    TEST(a_table_that_is_no_input_is_an_error_of_ours),
};
HARNESS_MAIN_WITH("lineage store", cases, setup, teardown)
