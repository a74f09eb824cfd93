/* apply: the statements its steps become, the columns they make, and what of it is refused. */
#include "tests/unit/query/fixture.h"

static const struct {
    const char *options;
    const char *sql;
} statements[] = {
    { "apply=identity&select=id", "SELECT \"id\" FROM t" },
    { "apply=filter(open)&select=id",
      "SELECT \"id\" FROM (SELECT * FROM t WHERE \"open\") AS s ORDER BY \"id\"" },
    { "apply=filter(open)/filter(id gt 5)&select=id&filter=id lt 9",
      "SELECT \"id\" FROM (SELECT * FROM (SELECT * FROM t WHERE \"open\") AS s"
      " WHERE \"id\" > $1::int8) AS s WHERE \"id\" < $2::int8 ORDER BY \"id\" -- 5 | 9" },
    { "apply=groupby((code))",
      "SELECT c1 FROM (SELECT \"code\" AS c1 FROM t GROUP BY 1) AS s ORDER BY c1" },
    { "apply=groupby((name,code,Name))",
      "SELECT c1, c2 FROM (SELECT \"name\" AS c1, \"code\" AS c2 FROM t GROUP BY 1, 2) AS s"
      " ORDER BY c1 NULLS FIRST, c2" },
    { "apply=aggregate($count as n)",
      "SELECT c1 FROM (SELECT count(*)::numeric AS c1 FROM t) AS s" },
    { "apply=aggregate(qty with sum as a,qty with MIN as b,amount mul 2 with Average as c,"
      "name with CountDistinct as d)",
      "SELECT c1, c2, c3, c4 FROM (SELECT sum(\"qty\")::numeric AS c1, min(\"qty\") AS c2,"
      " avg((\"amount\" * $1::numeric)) AS c3, count(DISTINCT \"name\")::numeric AS c4"
      " FROM t) AS s -- '2'" },
    { "apply=groupby((code),aggregate(amount with sum as total,$count as n))"
      "&filter=total gt 5 and n ge 2&orderby=total desc&select=total&top=3",
      "SELECT c2 FROM (SELECT \"code\" AS c1, sum(\"amount\") AS c2, count(*)::numeric AS c3"
      " FROM t GROUP BY 1) AS s WHERE c2 > $1::numeric AND c3 >= $2::numeric"
      " ORDER BY c2 DESC NULLS LAST, c1 LIMIT 3 -- '5' | '2'" },
    /* other options may stand in front */
    { "orderby=n&filter=n gt 1&select=n&apply=groupby((code),aggregate($count as n))",
      "SELECT c2 FROM (SELECT \"code\" AS c1, count(*)::numeric AS c2 FROM t GROUP BY 1) AS s"
      " WHERE c2 > $1::numeric ORDER BY c2, c1 -- '1'" },
    { "apply=filter(open)/groupby((code),aggregate(qty with max as q))/filter(q gt 1)"
      "/aggregate(q with sum as s)",
      "SELECT c1 FROM (SELECT sum(c2)::numeric AS c1 FROM (SELECT * FROM (SELECT \"code\" AS c1,"
      " max(\"qty\") AS c2 FROM (SELECT * FROM t WHERE \"open\") AS s GROUP BY 1) AS s"
      " WHERE c2 > $1::int8) AS s) AS s -- 1" },
    { "apply=orderby(code desc)/skip(5)/top(2)&select=id",
      "SELECT \"id\" FROM (SELECT * FROM t ORDER BY \"code\" DESC, \"id\" LIMIT 2"
      " OFFSET $1::int8) AS s ORDER BY \"code\" DESC, \"id\" -- 5" },
    { "apply=top(7)/skip(5)&select=id",
      "SELECT \"id\" FROM (SELECT * FROM (SELECT * FROM t ORDER BY \"id\" LIMIT 7) AS s"
      " ORDER BY \"id\" OFFSET $1::int8) AS s ORDER BY \"id\" -- 5" },
    { "apply=orderby(name)/orderby(code,name desc)&select=id&orderby=qty",
      "SELECT \"id\" FROM t ORDER BY \"qty\" NULLS FIRST, \"code\", \"name\" DESC NULLS LAST, "
      "\"id\"" },
    { "apply=orderby(name)/groupby((code))",
      "SELECT c1 FROM (SELECT \"code\" AS c1 FROM t GROUP BY 1) AS s ORDER BY c1" },
    { "apply=compute(year(due) as y)/groupby((y),aggregate($count as n))",
      "SELECT c1, c2 FROM (SELECT c17 AS c1, count(*)::numeric AS c2 FROM (SELECT \"id\" AS c1,"
      " \"name\" AS c2, \"code\" AS c3, \"qty\" AS c4, \"count\" AS c5, \"amount\" AS c6,"
      " \"price\" AS c7, \"weight\" AS c8, \"paid\" AS c9, \"open\" AS c10, \"due\" AS c11,"
      " \"at\" AS c12, \"sold_at\" AS c13, \"ref\" AS c14, \"raw\" AS c15, \"tags\" AS c16,"
      " (trunc(extract(year FROM \"due\"))::int8)::int8 AS c17 FROM t) AS s GROUP BY 1) AS s"
      " ORDER BY c1 NULLS FIRST, c2" },
    { "apply=aggregate(open with min as a,open with max as b,ref with min as c)",
      "SELECT c1, c2, c3 FROM (SELECT bool_and(\"open\") AS c1, bool_or(\"open\") AS c2,"
      " min((\"ref\")::text)::uuid AS c3 FROM t) AS s" },
    { "apply=aggregate(name eq 'x' with max as some)",
      "SELECT c1 FROM (SELECT bool_or(((\"name\" = $1::text) IS TRUE)) AS c1 FROM t) AS s"
      " -- 'x'" },
};

START_TEST(steps_become_subselects)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    struct db_query sql;
    struct query *query = fixture_query(arena, statements[_i].options);
    ck_assert_ptr_null(query_sql(arena, query, "t", -1, NULL, false, false, &sql));
    ck_assert_str_eq(fixture_sql_text(arena, &sql), statements[_i].sql);
}
END_TEST

START_TEST(rows_of_steps_are_counted)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    struct db_query sql;
    struct query *query =
        fixture_query(arena, "apply=groupby((code),aggregate($count as n))&filter=n gt 1&top=3");
    ck_assert_ptr_null(query_count_sql(arena, query, "t", &sql));
    ck_assert_str_eq(fixture_sql_text(arena, &sql),
                     "SELECT count(*) FROM (SELECT \"code\" AS c1, count(*)::numeric AS c2 FROM t"
                     " GROUP BY 1) AS s WHERE c2 > $1::numeric -- '1'");
}
END_TEST

START_TEST(rules_of_access_stand_in_front_of_the_steps)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    struct db_query sql;
    struct query *query = fixture_query(arena, "apply=aggregate($count as n)&filter=n gt 1");
    ck_assert_ptr_null(query_restrict(arena, &fixture_columns,
                                      (const char *const[]){ "paid", "qty gt 5", NULL },
                                      &query_default_limits, query));
    ck_assert_ptr_null(query_sql(arena, query, "t", -1, NULL, false, false, &sql));
    ck_assert_str_eq(fixture_sql_text(arena, &sql),
                     "SELECT c1 FROM (SELECT count(*)::numeric AS c1 FROM (SELECT * FROM t"
                     " WHERE (\"paid\" OR \"qty\" > $1::int8)) AS s) AS s WHERE c1 > $2::numeric"
                     " -- 5 | '1'");
}
END_TEST

/* The columns of a result: name:type, decimals with their digits; ! never null, # of the key. */
static const char *columns_text(struct arena *arena, const struct columns *columns)
{
    CLEANUP(buffer_clear) struct buffer out = { 0 };
    for (size_t i = 0; i < columns->count; i++) {
        const struct column *column = &columns->list[i];
        buffer_print(&out, "%s%s:%s%s%s", i ? " " : "", column->name,
                     column_sql_type(arena, column), column->required ? "!" : "",
                     column->key_position ? "#" : "");
    }
    return arena_copy(arena, out.data, out.size);
}

static const struct {
    const char *options;
    const char *columns;
} results[] = {
    { "apply=groupby((CODE,open))", "code:text!# open:bool!#" },
    { "apply=groupby((id,code))", "id:int8!# code:text!#" },
    { "apply=groupby((code,name))", "code:text! name:text" },
    { "apply=aggregate($count as n,name with countdistinct as d)",
      "n:numeric(19,0)! d:numeric(19,0)!" },
    { "apply=aggregate(qty with sum as a,id with sum as b,amount with sum as c,price with sum as d,"
      "amount mul 2 with sum as e)",
      "a:numeric(38,0) b:numeric(38,0) c:numeric(31,2) d:float8 e:numeric" },
    { "apply=aggregate(qty with average as a,price with average as b)", "a:numeric b:float8" },
    { "apply=aggregate(qty with min as a,amount with max as b,qty add 1 with min as c,"
      "sold_at with max as d,at with min as e,name with min as f)",
      "a:int4 b:numeric(12,2) c:int8 d:timestamptz e:time f:text" },
    { "apply=aggregate($count as n)&select=N", "n:numeric(19,0)!" },
    { "apply=groupby((code))/compute(length(code) as size,5 as five)",
      "code:text!# size:int8! five:int8!" },
    { "apply=groupby((tags))", "tags:jsonb" },
    { "apply=aggregate(amount with sum as amount)", "amount:numeric(31,2)" },
    { "apply=aggregate(amount with sum as été)", "été:numeric(31,2)" },
};

START_TEST(steps_make_columns)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    const struct query *query = fixture_query(arena, results[_i].options);
    ck_assert_str_eq(columns_text(arena, query_columns(query)), results[_i].columns);
    ck_assert(query_has_apply(query));
}
END_TEST

START_TEST(one_row_is_known_as_such)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    static const struct {
        const char *options;
        bool one;
    } rows[] = {
        { "apply=aggregate($count as n)", true },
        { "apply=aggregate($count as n)/filter(n gt 1)/compute(1 as x)", true },
        { "apply=groupby((code))", false },
        { "apply=groupby((code))&filter=code eq 'x'", true },
        { "apply=groupby((name))&filter=name eq 'x'", false },
        { "apply=filter(id eq 1)", false },
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        ck_assert_msg(query_is_one_row(fixture_query(arena, rows[i].options)) == rows[i].one, "%s",
                      rows[i].options);
}
END_TEST

static const struct {
    const char *apply;
    int status;
    int64_t position;
    const char *says;
} refusals[] = {
    { "", 400, 0, "a step such as" },
    { "/", 400, 0, "a step such as" },
    { "5", 400, 0, "a step such as" },
    { "frob(x)", 400, 0, "no step named frob" },
    { "filter", 400, 6, "( should" },
    { "filter(", 400, 7, "a column" },
    { "filter(open", 400, 11, ")" },
    { "filter(open)/", 400, 13, "a step" },
    { "filter(open) filter(open)", 400, 13, "/ and another step" },
    { "filter(open))", 400, 12, "/ and another step" },
    { "filter(nope)", 400, 7, "no column named nope" },
    { "filter(id)", 400, 7, "true or false" },
    { "identity()", 400, 8, "/ and another step" },
    { "top()", 400, 4, "a whole number" },
    { "top(-1)", 400, 4, "a whole number" },
    { "top(1.5)", 400, 4, "a whole number" },
    { "top('1')", 400, 4, "a whole number" },
    { "top(99999999999999999999)", 400, 4, "a whole number" },
    { "top(1", 400, 5, ")" },
    { "skip(1000001)", 400, 5, "at most 1000000" },
    { "orderby()", 400, 8, "a column" },
    { "orderby(id down)", 400, 11, "a comma or )" },
    { "orderby(tags)", 400, 8, "no order" },
    { "aggregate()", 400, 10, "a column" },
    { "aggregate(amount)", 400, 16, "with and a method" },
    { "aggregate(amount as x)", 400, 17, "with and a method" },
    { "aggregate(amount with)", 400, 21, "sum, min" },
    { "aggregate(amount with frob as x)", 400, 22, "sum, min" },
    { "aggregate(amount with sum)", 400, 25, "as and a name" },
    { "aggregate(amount with sum as)", 400, 28, "a name" },
    { "aggregate(amount with sum as 'x')", 400, 29, "a name" },
    { "aggregate(amount with sum as \"x\")", 400, 29, "a name" },
    { "aggregate(amount with sum as x;y)", 400, 30, ", or )" },
    { "aggregate(amount with sum as x--y)", 400, 30, ", or )" },
    { "aggregate(amount with sum as a.b)", 400, 29, "a name" },
    { "aggregate(amount with sum as $x)", 400, 29, "a name" },
    { "aggregate(amount with sum as @x)", 400, 29, "a name" },
    { "aggregate(amount with sum as x(1))", 400, 29, "a name" },
    { "aggregate(amount with sum as x,$count as X)", 400, 41, "a column named X already" },
    { "aggregate(amount with sum as x", 400, 30, ", or )" },
    { "aggregate(nope with sum as x)", 400, 10, "no column named nope" },
    { "aggregate(amount add nope with sum as x)", 400, 21, "no column named nope" },
    { "aggregate($count with sum as x)", 400, 17, "as and a name" },
    { "aggregate($count)", 400, 16, "as and a name" },
    { "aggregate(name with sum as x)", 501, 20, "sum of values of type text" },
    { "aggregate(due sub due with sum as x)", 501, 27, "type duration" },
    { "aggregate(null with max as x)", 501, 20, "type null" },
    { "aggregate(raw with max as x)", 501, 19, "type bytes" },
    { "aggregate(forecast)", 501, 10, "custom aggregates" },
    { "aggregate(forecast as x)", 501, 10, "custom aggregates" },
    { "aggregate(amount with My.method as x)", 501, 22, "custom methods" },
    { "aggregate(amount with sum from code with max as x)", 501, 26, "from groups" },
    { "aggregate(lines/amount with sum as x)", 501, 16, "paths" },
    { "aggregate(lines/$count as x)", 501, 16, "paths" },
    { "groupby()", 400, 8, "( and the columns" },
    { "groupby(code)", 400, 8, "( and the columns" },
    { "groupby(())", 400, 9, "a column" },
    { "groupby((code)", 400, 14, ")" },
    { "groupby((code,))", 400, 14, "a column" },
    { "groupby((code name))", 400, 14, ", or )" },
    { "groupby((nope))", 400, 9, "no column named nope" },
    { "groupby((code),)", 501, 15, "steps other than aggregate" },
    { "groupby((code),aggregate)", 400, 24, "(" },
    { "groupby((code),aggregate($count as code))", 400, 35, "a column named code already" },
    { "groupby((code),aggregate($count as n)/top(1))", 501, 37, "several steps" },
    { "groupby((code),topcount(1,qty))", 501, 15, "steps other than aggregate" },
    { "groupby((rollup(code,name)))", 501, 9, "rollup" },
    { "groupby((customer/name))", 501, 9, "groups by paths" },
    { "groupby((My.Type))", 501, 9, "groups by paths" },
    { "groupby((code))/filter(name eq 'x')", 400, 23, "no column named name" },
    { "groupby((code))/groupby((name))", 400, 25, "no column named name" },
    { "compute(qty)", 400, 11, "as and a name" },
    { "compute(qty as name)", 400, 15, "a column named name already" },
    { "compute(due sub due as x)", 501, 8, "type duration" },
    { "compute(null as x)", 501, 8, "type null" },
    { "concat(identity,identity)", 501, 0, "the step concat" },
    { "topcount(1,qty)", 501, 0, "the step topcount" },
    { "My.step()", 501, 0, "the step My.step" },
    { "search(')/top(1')/top(1)", 501, 0, "the step search" },
};

START_TEST(wrong_steps_are_refused_with_their_place)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    struct query_option option = { "$apply", refusals[_i].apply };
    struct query *query = NULL;
    struct problem *problem =
        query_parse(arena, &fixture_columns, &option, 1, NULL, &query_default_limits, &query);
    ck_assert_msg(problem != NULL, "%s is taken", option.value);
    ck_assert_msg(strstr(problem->detail, refusals[_i].says) != NULL, "%s", problem->detail);
    ck_assert_int_eq(problem->kind->status, refusals[_i].status);
    ck_assert_str_eq(problem_text(problem, "option"), "apply");
    ck_assert_int_eq(problem_number(problem, "position", -1), refusals[_i].position);
}
END_TEST

START_TEST(other_options_see_only_what_the_steps_make)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    static const char *const wrong[] = { "select=name", "filter=name eq 'x'", "orderby=name" };
    for (size_t i = 0; i < COUNT(wrong); i++) {
        struct query *query = NULL;
        const char *text = arena_print(arena, "%s&apply=groupby((code))", wrong[i]);
        struct problem *problem = fixture_parse(arena, text, &query);
        ck_assert_ptr_nonnull(problem);
        ck_assert_ptr_nonnull(strstr(problem->detail, "no column named name"));
    }
}
END_TEST

START_TEST(steps_and_columns_have_a_limit)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    CLEANUP(buffer_clear) struct buffer steps = { 0 };
    CLEANUP(buffer_clear) struct buffer values = { 0 };
    struct query *query = NULL;
    buffer_add_text(&steps, "apply=top(1)");
    for (int i = 0; i < 32; i++)
        buffer_add_text(&steps, "/skip(1)");
    struct problem *problem = fixture_parse(arena, buffer_text(&steps), &query);
    ck_assert_ptr_nonnull(strstr(problem->detail, "at most 32 steps"));
    buffer_add_text(&values, "apply=aggregate($count as n");
    for (int i = 0; i < 64; i++)
        buffer_print(&values, ",$count as n%d", i);
    problem = fixture_parse(arena, buffer_text(&values), &query);
    ck_assert_ptr_nonnull(strstr(problem->detail, "at most 64 columns"));
}
END_TEST

/* Pipelines, and whether they are the same to caches and tokens. */
static const struct {
    const char *one;
    const char *two;
    bool same;
} pairs[] = {
    { "apply=groupby((code),aggregate($count as n))",
      "$Apply=GroupBy( ( CODE , code ) , Aggregate( $Count  as  n ) )", true },
    { "apply=filter(open)&select=id", "select=id&apply=filter(open)", true },
    { "apply=skip(2)/top(5)", "apply=skip(02)/top(5)", true },
    { "apply=identity", "", true },
    { "apply=filter(open)", "filter=open", false },
    { "apply=aggregate($count as n)", "apply=aggregate($count as m)", false },
    { "apply=aggregate(qty with min as n)", "apply=aggregate(qty with max as n)", false },
    { "apply=groupby((code))", "apply=groupby((id))", false },
    { "apply=skip(2)/top(5)", "apply=skip(5)/top(2)", false },
    { "apply=top(5)", "top=5", false },
    { "apply=compute(1 as n)", "apply=compute(2 as n)", false },
    { "apply=filter(open)/top(1)", "apply=top(1)/filter(open)", false },
};

START_TEST(pipelines_that_mean_the_same_have_one_form)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    const char *one = query_canonical(arena, fixture_query(arena, pairs[_i].one));
    const char *two = query_canonical(arena, fixture_query(arena, pairs[_i].two));
    ck_assert_msg((strcmp(one, two) == 0) == pairs[_i].same, "%s\n%s", one, two);
}
END_TEST

START_TEST(pages_of_groups_go_on_by_them)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    struct db_query sql;
    struct query *query =
        fixture_query(arena, "apply=groupby((code),aggregate($count as n))&orderby=n desc");
    struct query_place place = { (const char *const[]){ "7", "x" }, 2 };
    ck_assert_ptr_null(query_sql(arena, query, "t", 3, &place, true, true, &sql));
    ck_assert_str_eq(fixture_sql_text(arena, &sql),
                     "SELECT c1, c2, c2, c1 FROM (SELECT \"code\" AS c1, count(*)::numeric AS c2"
                     " FROM t GROUP BY 1) AS s WHERE c2 <= $1::numeric AND (c2 < $1::numeric OR"
                     " c2 = $1::numeric AND (c1 > $2::text)) ORDER BY c2 DESC, c1 LIMIT 3"
                     " -- '7' | 'x'");
}
END_TEST

static const struct test_case cases[] = {
    TEST_EACH(steps_become_subselects, statements),
    TEST(rows_of_steps_are_counted),
    TEST(rules_of_access_stand_in_front_of_the_steps),
    TEST_EACH(steps_make_columns, results),
    TEST(one_row_is_known_as_such),
    TEST_EACH(wrong_steps_are_refused_with_their_place, refusals),
    TEST(other_options_see_only_what_the_steps_make),
    TEST(steps_and_columns_have_a_limit),
    TEST_EACH(pipelines_that_mean_the_same_have_one_form, pairs),
    TEST(pages_of_groups_go_on_by_them),
};
TEST_MAIN("apply", cases)
