#include "server/pipeline/bind.h"
#include "server/sandbox/allowed.h"
#include "server/sandbox/gate.h"
#include "server/sandbox/probe.h"
#include "tests/db/operate/product.h"

#include <string.h>

static struct product_place place;

static const char tables_sql[] =
    "CREATE TABLE data.s_1 (id int NOT NULL, day date, name text, amount numeric(12,2), doc jsonb,"
    " at timestamptz, tags text[], raw bytea);"
    "CREATE TABLE data.s_2 (id int, city text);"
    "CREATE TABLE data.secret (id int, password text);"
    "CREATE FUNCTION data.lower(text, text) RETURNS text LANGUAGE sql AS 'SELECT $1';"
    "CREATE DOMAIN data.small AS int CHECK (VALUE < 10);"
    "CREATE VIEW data.seen AS SELECT * FROM data.secret;";

static void setup(void)
{
    place = product_place_open("probe");
    MUST(db_run(place.owner, place.arena, tables_sql));
}

static void teardown(void)
{
    product_place_close(&place);
}

static const struct probe_table tables[] = { { "data.\"s_1\"" }, { "data.\"s_2\"" } };

/* The SQL bound as a run binds it, and probed; without the gate, which is not meant here. */
static struct problem *probe(const char *sql, struct probe *out_probe)
{
    static const struct bind_input inputs[] = { { "orders", "SELECT * FROM data.\"s_1\"" },
                                                { "cities", "SELECT * FROM data.\"s_2\"" } };
    static const struct bind_value run[] = { { "id", "bigint", "7" },
                                             { "as_of", "timestamptz", "2026-01-01T00:00:00Z" } };
    const struct binding binding = { inputs, COUNT(inputs), run, COUNT(run), NULL, 0 };
    const char *bound;
    int64_t offset;
    bind_step(place.arena, &binding, sql, NULL, &bound, &offset);
    const struct probe_request request = { "step", bound, sql, offset, tables, COUNT(tables) };
    return probe_statement(place.owner, place.arena, &request, out_probe);
}

START_TEST(columns_types_and_uses_are_told_and_nothing_is_left)
{
    struct probe out = { 0 };
    MUST(probe("SELECT o.id, amount * 1.2 AS gross, at::date AS \"the day\", c.city"
               " FROM orders o JOIN cities c USING (id) WHERE name LIKE 'x%'",
               &out));
    ck_assert_uint_eq(out.column_count, 4);
    ck_assert_str_eq(out.columns[0].type, "integer");
    ck_assert_str_eq(out.columns[1].type, "numeric");
    ck_assert_str_eq(out.columns[2].name, "the day");
    ck_assert_str_eq(out.columns[2].type, "date");
    ck_assert_uint_eq(out.columns[3].type_oid, 25);
    ck_assert(tree_is(out.query, "QUERY"));
    ck_assert_int_ge(out.server_version, 150000);
    size_t named = 0;
    for (size_t i = 0; i < out.use_count; i++) {
        ck_assert(out.uses[i].relation == out.tables[0] || out.uses[i].relation == out.tables[1]);
        named += out.uses[i].column && strcmp(out.uses[i].column, "name") == 0;
    }
    ck_assert_uint_eq(named, 1);
    ck_assert_str_eq(product_ask(&place, "SELECT count(*)::text FROM pg_catalog.pg_class"
                                         " WHERE relname LIKE 'probe%'"),
                     "0");
    ck_assert(!db_in_transaction(place.owner));
}
END_TEST

START_TEST(inside_a_transaction_it_leaves_what_was_there)
{
    struct probe out = { 0 };
    MUST(db_begin(place.owner, place.arena, false));
    MUST(db_run(place.owner, place.arena,
                "SET LOCAL search_path = data; CREATE TABLE mine (a int)"));
    MUST(probe("SELECT 1 AS one", &out));
    MUST_FAIL(probe("SELECT nothing FROM orders", &out), PROBLEM_SQL_REFUSED);
    MUST_FAIL(probe("SELECT now() AS at", &out), PROBLEM_SQL_REFUSED);
    MUST(db_run(place.owner, place.arena, "SELECT * FROM mine"));
    MUST(db_commit(place.owner, place.arena));
    ck_assert_str_eq(product_ask(&place, "SELECT count(*)::text FROM data.mine"), "0");
}
END_TEST

static const struct {
    const char *sql;
    const char *layer;
    const char *rule;
    int line;
    int column;
} refused[] = {
    { "SELECT nothing FROM orders", "analysis", "analysis", 1, 8 },
    { "SELECT 'é' AS e,\n nothing FROM orders", "analysis", "analysis", 2, 2 },
    { "SELECT 1 AS a) AS q; DROP TABLE data.s_1; SELECT (1", "analysis", "analysis", 0, 0 },
    { "SELECT password FROM data.secret", "probe", "relation", 0, 0 },
    { "SELECT password FROM data.seen", "probe", "relation", 0, 0 },
    { "SELECT rolname::text FROM pg_catalog.pg_roles", "probe", "relation", 0, 0 },
    { "WITH pg_roles AS (SELECT 1) SELECT 1 FROM pg_catalog.pg_roles", "probe", "relation", 0, 0 },
    { "SELECT 1 AS a,\n  pg_sleep(3)::text", "probe", "function", 2, 3 },
    { "SELECT (c.oid).pg_sleep::text AS a FROM (SELECT 3.0::float8 AS oid) c", "probe", "function",
      1, 9 },
    { "SELECT c.pg_backend_pid AS a FROM (SELECT pg_backend_pid()) c", "probe", "function", 1, 43 },
    { "SELECT random() AS r", "probe", "function", 1, 8 },
    { "SELECT now() AS r", "probe", "function", 1, 8 },
    { "SELECT current_user::text AS u", "probe", "construct", 0, 0 },
    { "SELECT current_date AS u", "probe", "construct", 1, 8 },
    { "SELECT xmlelement(name a)::text AS x", "probe", "construct", 0, 0 },
    { "SELECT query_to_xml('SELECT 1', true, true, '')::text AS x", "probe", "function", 1, 8 },
    { "SELECT data.lower('a', 'b') AS x", "probe", "function", 1, 8 },
    { "SELECT 5::data.small AS x", "probe", "construct", 1, 9 },
    { "SELECT 'data.secret'::regclass::text AS x", "probe", "type", 0, 0 },
    { "SELECT 'data.secret'::regclass::oid::int8 AS x", "probe", "type", 0, 0 },
    { "SELECT name::regclass::text AS x FROM orders", "probe", "type", 1, 12 },
    { "SELECT oid FROM (SELECT tableoid FROM data.s_1) q(oid)", "probe", "type", 0, 0 },
    { "SELECT id FROM data.s_1 TABLESAMPLE system (1)", "probe", "construct", 0, 0 },
    { "SELECT id FROM data.s_1 FOR UPDATE", "probe", "construct", 0, 0 },
    { "SELECT 'a' @@ 'b' AS x", "probe", "operator", 0, 0 },
    { "SELECT point(1, 2) ~= point(1, 2) AS x", "probe", "function", 0, 0 },
    { "SELECT repeat('x', 10) AS x", "probe", "function", 1, 8 },
    { "SELECT 'today'::date AS x", "probe", "clock", 1, 8 },
    { "SELECT id FROM orders WHERE day > 'yesterday'", "probe", "clock", 1, 35 },
    { "SELECT id FROM orders WHERE day > E'\\x6eow'", "probe", "clock", 1, 35 },
    { "SELECT id FROM orders WHERE day > $$now$$", "probe", "clock", 1, 35 },
    { "SELECT '{now}'::timestamptz[] AS x", "probe", "clock", 1, 8 },
    { "SELECT age(at)::text AS x FROM orders", "probe", "function", 1, 8 },
    { "SELECT nextval('data.x') AS x", "analysis", "analysis", 1, 16 },
};

static void check_refused(size_t row, int64_t version)
{
    struct probe out = { 0 };
    struct problem *problem = probe(refused[row].sql, &out);
    ck_assert_msg(problem != NULL, "accepted: %s", refused[row].sql);
    ck_assert_str_eq(problem->kind->slug, PROBLEM_SQL_REFUSED.slug);
    const char *said = arena_print(place.arena, "%s: %s %s %d:%d %s", refused[row].sql,
                                   problem_text(problem, "layer"), problem_text(problem, "rule"),
                                   (int)problem_number(problem, "line", 0),
                                   (int)problem_number(problem, "column", 0), problem->detail);
    ck_assert_msg(strcmp(problem_text(problem, "layer"), refused[row].layer) == 0, "%s", said);
    ck_assert_msg(strcmp(problem_text(problem, "rule"), refused[row].rule) == 0, "%s", said);
    if (refused[row].line && version < 170000) { /* newer ones do not keep places */
        ck_assert_msg(problem_number(problem, "line", 0) == refused[row].line, "%s", said);
        ck_assert_msg(problem_number(problem, "column", 0) == refused[row].column, "%s", said);
    }
}

START_TEST(what_is_not_pinned_or_not_listed_is_refused)
{
    int64_t version = atoll(product_ask(&place, "SELECT current_setting('server_version_num')"));
    for (size_t row = 0; row < COUNT(refused); row++)
        if (version < 170000 || !strstr(refused[row].sql, "\\x6e")) /* see probe_walk.c */
            check_refused(row, version);
    ck_assert_str_eq(product_ask(&place, "SELECT count(*)::text FROM data.s_1"), "0");
}
END_TEST

/* Queries over queries, each reading the column of the one before twice. */
static const char *doubled(int levels, const char *with)
{
    const char *sql = "SELECT name AS x FROM orders";
    for (int i = 0; i < levels; i++)
        sql = arena_print(place.arena, with, sql, i);
    return sql;
}

START_TEST(a_statement_that_explodes_when_planned_is_refused)
{
    static const char *const forms[] = {
        "SELECT x || x AS x FROM (%s) AS q%d",
        "WITH c AS NOT MATERIALIZED (%s) SELECT a.x FROM c AS a, c AS b WHERE %d = 1",
        "SELECT q.x || q.x AS x FROM ((%s) AS q JOIN cities AS c ON c.id = %d)",
    };
    struct probe out = { 0 };
    for (size_t i = 0; i < COUNT(forms); i++) {
        MUST(probe(doubled(5, forms[i]), &out));
        struct problem *problem = probe(doubled(22, forms[i]), &out);
        MUST_FAIL(problem, PROBLEM_SQL_REFUSED);
        ck_assert_str_eq(problem_text(problem, "rule"), "too-large");
    }
}
END_TEST

/* Each row of a list, as Postgres names it: is there such a function, may it be listed? */
static void check_rows(enum allowed_kind kind, const char *catalogue_sql)
{
    const struct allowed_list *list = &allowed_lists[kind];
    bool is_newer = strcmp(product_ask(&place, "SELECT (current_setting('server_version_num')::int"
                                               " >= 160000)::text"),
                           "true")
                    == 0;
    for (size_t i = 0; i < list->count; i++) {
        const char *at = list->rows[i].arguments;
        while (at) {
            size_t length = strcspn(at, ";");
            const char *arguments = arena_copy(place.arena, at, length);
            const char *found = product_ask(
                &place,
                arena_print(
                    place.arena, catalogue_sql, db_literal(place.arena, list->rows[i].name),
                    db_literal(place.arena, strcmp(arguments, "()") == 0 ? "" : arguments)));
            ck_assert_msg(strcmp(found, "true") == 0 || (is_newer && !*found), "%s (%s): %s",
                          list->rows[i].name, arguments, found);
            at = at[length] ? at + length + 2 : NULL;
        }
    }
}

/* Lists are written for Postgres 15; newer ones give a few functions more arguments. */
START_TEST(each_row_is_a_harmless_function_that_a_run_may_call)
{
    check_rows(ALLOWED_FUNCTIONS,
               "SELECT bool_and(provolatile <> 'v' AND NOT prosecdef AND"
               " has_function_privilege('entrepot_pipeline', oid, 'EXECUTE'))::text"
               "  FROM pg_catalog.pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace"
               "   AND proname = %s AND oidvectortypes(proargtypes) = %s");
    check_rows(ALLOWED_OPERATORS,
               "SELECT bool_and(provolatile <> 'v' AND"
               " has_function_privilege('entrepot_pipeline', p.oid, 'EXECUTE'))::text"
               "  FROM pg_catalog.pg_operator o JOIN pg_catalog.pg_proc p ON p.oid = oprcode"
               " WHERE oprname = %s AND coalesce(format_type(nullif(oprleft, 0), NULL) || ', ', '')"
               " || format_type(oprright, NULL) = %s");
}
END_TEST

static const struct test_case cases[] = {
    TEST(columns_types_and_uses_are_told_and_nothing_is_left),
    TEST(inside_a_transaction_it_leaves_what_was_there),
    TEST(what_is_not_pinned_or_not_listed_is_refused),
    TEST(a_statement_that_explodes_when_planned_is_refused),
    TEST(each_row_is_a_harmless_function_that_a_run_may_call),
};
HARNESS_MAIN_WITH("probe", cases, setup, teardown)
