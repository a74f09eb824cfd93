#include "tests/unit/query/fixture.h"

/* Two queries, and whether they are the same. */
static const struct {
    const char *one;
    const char *two;
    bool same;
} pairs[] = {
    { "filter=id eq 1", "$Filter=ID  EQ\t1", true },
    { "filter=id eq 1", "filter=1 eq id", true },
    { "filter=id eq 1", "filter=((id eq (1)))", true },
    { "filter=id eq 1", "filter=id eq 1.0", true },
    { "filter=id eq 1", "filter=id eq @x&@x=+01", true },
    { "filter=amount eq 1.5", "filter=amount eq 15e-1", true },
    { "filter=price eq 1.5", "filter=price eq 15e-1", true },
    { "filter=id gt 5", "filter=5 lt id", true },
    { "filter=open and (paid and id eq 1)", "filter=(open and paid) and id eq 1", true },
    { "filter=due eq 2026-01-01", "filter=due eq '2026-01-01'", true },
    { "filter=sold_at eq 2026-01-01T00:00Z", "filter=sold_at eq 2026-01-01T01:00:00.0+01:00",
      true },
    { "select=*", "", true },
    { "select=id,name,id", "select=id,name", true },
    { "orderby=id", "orderby=id asc,id desc", true },
    { "count=false&skip=0", "", true },
    { "top=5&select=id", "select=ID&$top=05", true },
    { "filter=id add 1.50 eq 2", "filter=(id add 15e-1) eq 2.0", true },
    { "filter=contains(name,'a')", "filter=Contains( NAME , 'a' )", true },
    { "filter=id eq -(1)", "filter=id eq - 1", true },
    { "filter=contains(name,null)", "filter=null", true },
    { "filter=contains(name,'a')", "filter=startswith(name,'a')", false },
    { "filter=contains(name,code)", "filter=contains(code,name)", false },
    { "filter=id add 1 eq 2", "filter=id sub 1 eq 2", false },
    { "filter=id add (1 add 2) eq 2", "filter=id add 1 add 2 eq 2", false },
    { "filter=cast(id,Edm.Int32) eq 2", "filter=cast(id,Edm.Int64) eq 2", false },
    { "filter=case(open:1,paid:2) eq 2", "filter=case(open:2,paid:1) eq 2", false },
    { "orderby=length(name)", "orderby=length(name),length(name) desc", true },
    { "orderby=length(name)", "orderby=length(code)", false },
    { "select=id,name", "select=name,id", false },
    { "filter=id eq 1", "filter=id eq 2", false },
    { "filter=id eq 1", "filter=id ne 1", false },
    { "filter=id eq 1", "filter=id gt 1", false },
    { "filter=not open", "filter=open", false },
    { "filter=open and paid", "filter=open or paid", false },
    { "filter=(open or paid) and id eq 1", "filter=open or paid and id eq 1", false },
    { "filter=id in (1,2)", "filter=id in (1)", false },
    { "filter=name in (null)", "filter=name in ('null')", false },
    { "filter=name eq null", "filter=name eq 'null'", false },
    { "filter=name eq 'a'", "filter=code eq 'a'", false },
    { "filter=name in ('a'',''b')", "filter=name in ('a','b')", false },
    { "orderby=name", "orderby=name desc", false },
    { "top=5", "top=6", false },
    { "top=5", "", false },
    { "skip=5", "", false },
    { "count=true", "", false },
    { "skiptoken=a", "skiptoken=b", false },
    { "skiptoken=a&top=1", "skiptoken=a'&top=1", false },
};

START_TEST(queries_that_mean_the_same_have_one_form)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    const char *one = query_canonical(arena, fixture_query(arena, pairs[_i].one));
    const char *two = query_canonical(arena, fixture_query(arena, pairs[_i].two));
    ck_assert_msg((strcmp(one, two) == 0) == pairs[_i].same, "%s\n%s", one, two);
}
END_TEST

START_TEST(the_form_is_readable)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    struct query *query = fixture_query(
        arena, "$top=5&skip=2&count=true&select=id&orderby=name desc,id&filter=not (name eq 'O''N'"
               " and id in (1,2)) or open");
    ck_assert_str_eq(query_canonical(arena, query),
                     "select=\"id\"&filter=(not ((\"name\" eq text'O''N') and (\"id\" in "
                     "(integer'1',integer'2'))) or \"open\")&orderby=\"name\" desc,\"id\""
                     "&count=true&skip=2&top=5");
}
END_TEST

START_TEST(a_query_tells_what_it_asks)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    struct query *query =
        fixture_query(arena, "top=5&skip=2&count=true&select=name,id&orderby=name&filter=open"
                             "&skiptoken=abc");
    ck_assert_int_eq(query_top(query), 5);
    ck_assert_int_eq(query_skip(query), 2);
    ck_assert(query_has_filter(query) && query_has_order(query) && query_wants_count(query));
    ck_assert_str_eq(query_token(query), "abc");
    ck_assert_uint_eq(query_columns(query)->count, 2);
    ck_assert_str_eq(query_columns(query)->list[0].name, "name");
    ck_assert_uint_eq(query_order_columns(query)->count, 2);
    ck_assert_str_eq(query_order_columns(query)->list[1].name, "id");
    ck_assert_int_eq(query_order_columns(query)->list[1].type, COLUMN_INT64);
    query = fixture_query(arena, "orderby=qty gt 5");
    ck_assert_int_eq(query_order_columns(query)->list[0].type, COLUMN_BOOL);
    query = fixture_query(arena, "");
    ck_assert_int_eq(query_top(query), -1);
    ck_assert_int_eq(query_skip(query), 0);
    ck_assert(!query_has_filter(query) && !query_has_order(query) && !query_wants_count(query));
    ck_assert_ptr_null(query_token(query));
    ck_assert_uint_eq(query_columns(query)->count, fixture_columns.count);
}
END_TEST

static const struct test_case cases[] = {
    TEST_EACH(queries_that_mean_the_same_have_one_form, pairs),
    TEST(the_form_is_readable),
    TEST(a_query_tells_what_it_asks),
};
TEST_MAIN("canonical", cases)
