#include "server/sandbox/gate.h"
#include "tests/unit/test.h"

#include <string.h>

static const char *const names[] = { "orders", "customers", "run", "this", NULL };

static const char *const accepted[] = {
    "SELECT 1 AS one",
    "select * from orders",
    "SELECT o.id FROM orders o JOIN customers c ON c.id = o.id -- and a comment",
    "WITH a AS (SELECT * FROM orders), b AS (SELECT * FROM a) SELECT * FROM b",
    "WITH orders AS (SELECT * FROM orders) SELECT * FROM orders",
    "WITH RECURSIVE t AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM t WHERE n < 5) SELECT n FROM t",
    "SELECT * FROM orders UNION ALL SELECT * FROM this ORDER BY 1 LIMIT 5",
    "SELECT (SELECT max(id) FROM orders) AS newest, run.as_of FROM run",
    "SELECT 'a;b' AS text FROM orders;",
    "VALUES (1, 'one')",
    ("SELECT (at AT TIME ZONE 'UTC')::date, extract(year FROM at), trim(both FROM name), "
     "position('a' IN name), substring(name FROM 2 FOR 3), overlay(name PLACING 'x' FROM 1), "
     "(at, at) OVERLAPS (at, at), name IS NORMALIZED, count(*) FILTER (WHERE at IS NULL) "
     "FROM orders GROUP BY 1"),
    ("SELECT lpad(name, 10, '0'), rpad(name, 10000), name::char(10), name LIKE 'a!%' ESCAPE '!', "
     "name SIMILAR TO 'a%', id BETWEEN 1 AND 2, id NOT BETWEEN SYMMETRIC 1 AND 2, id IN (1, 2), "
     "NULLIF(id, 1), id IS DISTINCT FROM 2, id = ANY (ARRAY[1, 2]), (ARRAY[1, 2])[1] FROM orders"),
    ("SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY id), sum(id) OVER (PARTITION BY name "
     "ORDER "
     "BY at RANGE BETWEEN interval '7 days' PRECEDING AND CURRENT ROW) FROM orders GROUP BY CUBE "
     "(a)"),
    ("SELECT e.key FROM orders, jsonb_each(doc) AS e (key, value), "
     "jsonb_to_recordset(doc) AS r (a int, b text)"),
    "SELECT 'now' AS word, pg_catalog.lower('A')",
};

static const struct {
    const char *sql;
    const char *rule;
    int line;
    int column;
} refused[] = {
    { "SELECT 1; SELECT 2", "one-statement", 1, 10 },
    { "", "one-statement", 0, 0 },
    { "SELECT FROM WHERE", "syntax", 1, 13 },
    { "INSERT INTO orders VALUES (1)", "select-only", 0, 0 },
    { "WITH gone AS (DELETE FROM orders RETURNING *) SELECT * FROM gone", "select-only", 0, 0 },
    { "COPY orders TO '/etc/passwd'", "select-only", 0, 0 },
    { "SET ROLE postgres", "select-only", 0, 0 },
    { "SELECT * FROM secrets", "undeclared-name", 1, 15 },
    { "SELECT *\n  FROM orders\n  JOIN secrets ON true", "undeclared-name", 3, 8 },
    { "SELECT * FROM meta.secrets", "qualified-name", 1, 15 },
    { "SELECT * FROM pg_catalog.pg_authid", "qualified-name", 1, 15 },
    { "SELECT * FROM b WHERE EXISTS (WITH b AS (SELECT 1) SELECT * FROM b)", "undeclared-name", 1,
      15 },
    { "WITH a AS (SELECT * FROM b), b AS (SELECT 1) SELECT * FROM a", "undeclared-name", 1, 26 },
    { "SELECT pg_catalog.pg_sleep(1)", "function", 1, 8 },
    { "SELECT public.pg_sleep(1)", "qualified-function", 1, 8 },
    { "SELECT a.b.c(1)", "qualified-function", 1, 8 },
    { "SELECT now()", "function", 1, 8 },
    { "SELECT 1,\n  current_timestamp(3)", "function", 2, 3 },
    { "SELECT current_user", "function", 1, 8 },
    { "SELECT repeat('x', 10)", "function", 1, 8 },
    { "SELECT nobody_knows(1)", "function", 1, 8 },
    { "SELECT random()", "function", 1, 8 },
    { "SELECT lpad(name, 10001) FROM orders", "bound", 1, 8 },
    { "SELECT lpad(name, 2147483648) FROM orders", "bound", 1, 8 },
    { "SELECT rpad(name, id * 100) FROM orders", "bound", 1, 8 },
    { "SELECT name::char(10001) FROM orders", "bound", 1, 14 },
    { "SELECT 'orders'::regclass", "type", 1, 18 },
    { "SELECT 'a'::public.mine", "type", 1, 13 },
    { "SELECT '<a/>'::xml", "type", 1, 16 },
    { "SELECT B'101'", "type", 1, 8 },
    { "SELECT 'now'::timestamptz", "clock", 1, 8 },
    { "SELECT date ' Today'", "clock", 1, 13 },
    { "SELECT id OPERATOR(public.+) 1 FROM orders", "operator", 1, 11 },
    { "SELECT 'a' ~<~ 'b'", "operator", 1, 12 },
    { "SELECT id FROM orders ORDER BY id USING ~<~", "operator", 0, 0 },
    { "SELECT (o).pg_sleep FROM orders o", "field-notation", 1, 9 },
    { "SELECT (o).* FROM orders o", "field-notation", 1, 9 },
    { "SELECT pg_catalog.orders.id FROM orders", "qualified-name", 1, 8 },
    { "SELECT * FROM orders TABLESAMPLE system (1)", "sample", 1, 34 },
    { "SELECT * FROM xmltable('/a' PASSING '' COLUMNS a text)", "xml", 1, 15 },
    { "SELECT * FROM ROWS FROM (pg_ls_dir('.')) AS f", "function", 1, 26 },
    { "WITH RECURSIVE t AS (SELECT 1 AS n UNION SELECT n FROM t) SEARCH DEPTH FIRST BY n SET p "
      "SELECT * FROM t",
      "construct", 1, 59 },
    { "SELECT * INTO copied FROM orders", "select-into", 0, 0 },
    { "SELECT * FROM orders FOR UPDATE", "locking", 0, 0 },
    { "SELECT * FROM orders WHERE id = $1", "parameter", 1, 33 },
    { "SELECT xmlelement(name a) FROM orders", "xml", 1, 8 },
    { "SELECT 'é' AS e, * FROM nowhere", "undeclared-name", 1, 25 },
};

START_TEST(a_plain_select_over_declared_names_passes)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    struct problem *problem = gate_check(arena, "step", accepted[_i], names, NULL, NULL);
    ck_assert_msg(!problem, "%s: %s", accepted[_i], problem ? problem->detail : "");
}
END_TEST

START_TEST(anything_else_is_refused_with_its_rule_and_place)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    struct problem *problem = gate_check(arena, "clean", refused[_i].sql, names, NULL, NULL);
    ck_assert_msg(problem != NULL, "accepted: %s", refused[_i].sql);
    ck_assert_ptr_eq(problem->kind, &PROBLEM_SQL_REFUSED);
    ck_assert_str_eq(problem_text(problem, "rule"), refused[_i].rule);
    ck_assert_str_eq(problem_text(problem, "step"), "clean");
    if (refused[_i].line) {
        ck_assert_int_eq(problem_number(problem, "line", 0), refused[_i].line);
        ck_assert_int_eq(problem_number(problem, "column", 0), refused[_i].column);
    }
}
END_TEST

START_TEST(the_names_that_are_read_are_told)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    bool uses[4] = { false };
    ck_assert_ptr_null(gate_check(
        arena, "step", "WITH run AS (SELECT 1) SELECT * FROM customers, run", names, NULL, uses));
    ck_assert(!uses[0] && uses[1] && !uses[2] && !uses[3]);
}
END_TEST

START_TEST(a_refusal_says_what_to_do_instead)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    struct problem *problem = gate_check(arena, "clean", "SELECT now()", names, NULL, NULL);
    ck_assert_ptr_nonnull(problem);
    ck_assert_str_eq(problem->detail, "step clean: now is not allowed: use run.as_of");
    ck_assert_str_eq(problem_text(problem, "layer"), "parser");
}
END_TEST

START_TEST(what_follows_the_statement_is_cut)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    const char *sql = NULL;
    ck_assert_ptr_null(gate_check(arena, "step", "SELECT 1 ; -- the end", names, &sql, NULL));
    ck_assert_str_eq(sql, "SELECT 1 ");
    ck_assert_ptr_null(gate_check(arena, "step", "-- first\nSELECT 1 -- last", names, &sql, NULL));
    ck_assert_str_eq(sql, "-- first\nSELECT 1 -- last");
}
END_TEST

/* 0: a long sum, 1: nested selects, 2: nested parentheses; each at the largest size allowed */
static const char *const pieces[][2] = { { "1+", "" }, { "(SELECT ", ")" }, { "(", ")" } };

START_TEST(deep_sql_is_refused_or_passed_but_never_crashes)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    size_t open = strlen(pieces[_i][0]);
    size_t close = strlen(pieces[_i][1]);
    size_t count = (GATE_MAX_SQL_BYTES - 20) / (open + close);
    char *sql = arena_alloc(arena, GATE_MAX_SQL_BYTES + 1);
    char *at = sql;
    memcpy(at, "SELECT ", 7);
    at += 7;
    for (size_t i = 0; i < count; i++, at += open)
        memcpy(at, pieces[_i][0], open);
    *at++ = '1';
    for (size_t i = 0; i < count; i++, at += close)
        memcpy(at, pieces[_i][1], close);
    struct problem *problem = gate_check(arena, "step", sql, names, NULL, NULL);
    if (problem)
        ck_assert_ptr_eq(problem->kind, &PROBLEM_SQL_REFUSED);
    else
        ck_assert_int_eq(_i, 2);
}
END_TEST

START_TEST(sql_over_the_limit_is_refused)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    char *sql = arena_alloc(arena, GATE_MAX_SQL_BYTES + 2);
    memset(sql, ' ', GATE_MAX_SQL_BYTES + 1);
    memcpy(sql, "SELECT 1", 8);
    struct problem *problem = gate_check(arena, "step", sql, names, NULL, NULL);
    ck_assert_ptr_nonnull(problem);
    ck_assert_str_eq(problem_text(problem, "rule"), "too-long");
}
END_TEST

static const struct test_case cases[] = {
    TEST_EACH(a_plain_select_over_declared_names_passes, accepted),
    TEST_EACH(anything_else_is_refused_with_its_rule_and_place, refused),
    TEST(the_names_that_are_read_are_told),
    TEST(a_refusal_says_what_to_do_instead),
    TEST_EACH(deep_sql_is_refused_or_passed_but_never_crashes, pieces),
    TEST(what_follows_the_statement_is_cut),
    TEST(sql_over_the_limit_is_refused),
};
TEST_MAIN("gate", cases)
