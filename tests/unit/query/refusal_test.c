/* Queries that are refused: by which problem, in which option, at which byte, saying what. */
#include "tests/unit/query/fixture.h"

static const struct {
    const char *options;
    int status;
    const char *option;
    int64_t position;
    const char *says;
} refusals[] = {
    /* options */
    { "filtre=id eq 1", 400, "filtre", 0, "no option of this name" },
    { "$filtre=id eq 1", 400, "$filtre", 0, "no option of this name" },
    { "$$filter=id eq 1", 400, "$$filter", 0, "no option" },
    { "=1", 400, "", 0, "no option" },
    { "filter=open&$Filter=paid", 400, "filter", 0, "more than once" },
    { "snapshot=1&$Snapshot=3", 400, "snapshot", 0, "more than once" },
    { "$expand=lines", 501, "expand", 0, "expand" },
    { "$apply=top(1)&Apply=top(1)", 400, "apply", 0, "more than once" },
    { "search=x", 501, "search", 0, "search" },
    { "Compute=x", 501, "compute", 0, "compute" },
    { "filter=name eq '\xff'", 400, "filter", 0, "UTF-8" },
    { "filter=name eq @p&@p='\xff'", 400, "@p", 0, "UTF-8" },
    { "top=-1", 400, "top", 0, "whole number" },
    { "top=", 400, "top", 0, "whole number" },
    { "top=1.5", 400, "top", 0, "whole number" },
    { "top=99999999999999999999", 400, "top", 0, "whole number" },
    { "skip=x", 400, "skip", 0, "not x" },
    { "skip=1000001", 400, "skip", 0, "at most 1000000" },
    { "count=1", 400, "count", 0, "true or false" },
    { "count=", 400, "count", 0, "true or false" },
    { "skiptoken=", 400, "skiptoken", 0, "empty" },
    /* select */
    { "select=", 400, "select", 0, "a column or *" },
    { "select=id,", 400, "select", 3, "ends where a column or * should stand" },
    { "select=id,nope", 400, "select", 3, "no column named nope" },
    { "select=id name", 400, "select", 3, "not name" },
    { "select=1", 400, "select", 0, "a column or *" },
    { "select=tags/x", 501, "select", 0, "parts of a column" },
    { "select=tags(select=x)", 501, "select", 0, "parts of a column" },
    { "select=Ns.*", 400, "select", 0, "no column" },
    { "select=Ns.Type/id", 501, "select", 0, "types" },
    { "select=@Ns.Term", 501, "select", 0, "types" },
    { "select=$count", 400, "select", 0, "no column named $count" },
    /* orderby */
    { "orderby=", 400, "orderby", 0, "ends where" },
    { "orderby=nope", 400, "orderby", 0, "no column named nope" },
    { "orderby=id down", 400, "orderby", 3, "asc, desc" },
    { "orderby=id,,name", 400, "orderby", 3, "a column" },
    { "orderby=id desc asc", 400, "orderby", 8, "asc, desc" },
    { "orderby=name,tags", 400, "orderby", 5, "no order" },
    { "orderby=tags/x", 501, "orderby", 5, "paths" },
    /* filter: grammar */
    { "filter=", 400, "filter", 0, "the value ends where a column, a literal or ( should stand" },
    { "filter= id eq 1", 400, "filter", 0, "begins with a space" },
    { "filter=id", 400, "filter", 0, "the column id (integer)" },
    { "filter=id eq", 400, "filter", 5, "the value ends" },
    { "filter=id eq ", 400, "filter", 6, "the value ends" },
    { "filter=eq 1", 400, "filter", 3, "should stand an operator" },
    { "filter=id = 1", 400, "filter", 3, "not =" },
    { "filter=id eq 1 1", 400, "filter", 8, "should stand an operator" },
    { "filter=id eq (1", 400, "filter", 8, "an operator or )" },
    { "filter=id eq 1)", 400, "filter", 7, "not )" },
    { "filter=((id eq 1)", 400, "filter", 10, "an operator or )" },
    { "filter=()", 400, "filter", 1, "a column, a literal or (" },
    { "filter=id eq(1)", 400, "filter", 5, "a space behind the operator" },
    { "filter=(id eq 1)and open", 400, "filter", 9, "not and" },
    { "filter=name eq 'abc", 400, "filter", 8, "never closed" },
    { "filter=name eq 'O'Neil'", 400, "filter", 11, "never closed" },
    { "filter=name eq \"x\"", 400, "filter", 8, "not \"" },
    { "filter=name == 'x'", 400, "filter", 5, "not =" },
    { "filter=id eq 1 xor open", 400, "filter", 8, "not xor" },
    { "filter=id in 1", 400, "filter", 6, "a list such as (1,2)" },
    { "filter=id in (1 2)", 400, "filter", 9, ", or )" },
    { "filter=id in (1,)", 400, "filter", 9, "a literal of the list" },
    { "filter=id in (,1)", 400, "filter", 7, "a literal of the list" },
    { "filter=id in (1,id)", 400, "filter", 9, "a literal of the list" },
    { "filter=id in (1", 400, "filter", 8, "the value ends where , or )" },
    { "filter=id eq (1,2)", 400, "filter", 8, "only behind in" },
    { "filter=$filter eq 1", 400, "filter", 0, "not $filter" },
    /* filter: literals */
    { "filter=id eq 12abc", 400, "filter", 6, "not 1" },
    { "filter=id eq 1.", 400, "filter", 7, "not ." },
    { "filter=amount eq 1e2000", 400, "filter", 10, "1000 digits" },
    { "filter=due eq 2026-02-30", 400, "filter", 7, "2026-02-30 is no date" },
    { "filter=due eq '2026-02-30'", 400, "filter", 7, "a date is written" },
    { "filter=sold_at eq 2026-02-03T04:05:06", 400, "filter", 11, "with +01:00" },
    { "filter=at eq 25:00", 400, "filter", 6, "is no time" },
    { "filter=raw eq binary'?'", 400, "filter", 7, "base64url" },
    { "filter=due eq duration'P1Y'", 400, "filter", 7, "is no duration" },
    { "filter=price eq 1e500", 400, "filter", 9, "too large" },
    { "filter=ref eq 'abc'", 400, "filter", 7, "hexadecimal" },
    /* filter: types */
    { "filter=id+eq+1", 400, "filter", 2, "not +: a space is written %20 in a URL" },
    { "filter=nope eq 1", 400, "filter", 0, "no column named nope" },
    { "filter=id eq nope", 400, "filter", 6, "no column named nope" },
    { "filter=name eq 5", 400, "filter", 8,
      "the column name (text) cannot be compared with 5 (integer): text stands in single quotes" },
    { "filter=id eq '5'", 400, "filter", 6,
      "the column id (integer) cannot be compared with '5' (text): numbers stand without" },
    { "filter='5' eq id", 400, "filter", 0, "the column id (integer) cannot be compared" },
    { "filter=amount gt 'a'", 400, "filter", 10, "the column amount (decimal)" },
    { "filter=sold_at gt 2026-01-01", 400, "filter", 11, "write a full timestamp" },
    { "filter=due gt 2026-01-01T00:00Z", 400, "filter", 7, "write a date alone" },
    { "filter=paid eq 'true'", 400, "filter", 8, "the column paid (boolean)" },
    { "filter=paid eq 1", 400, "filter", 8, "the column paid (boolean)" },
    { "filter=name eq id", 400, "filter", 8, "with the column id (integer)" },
    { "filter=due eq sold_at", 400, "filter", 7, "the column sold_at (timestamp)" },
    { "filter=tags eq 'x'", 400, "filter", 5, "only be compared with null" },
    { "filter=tags in ('x')", 400, "filter", 5, "only be compared with null" },
    { "filter=id in (1,'x')", 400, "filter", 9, "with 'x' (text)" },
    { "filter=1 eq 'x'", 400, "filter", 5, "cannot be compared" },
    { "filter=id and open", 400, "filter", 0, "and takes what is true or false" },
    { "filter=open or 1", 400, "filter", 8, "or takes what is true or false, not 1" },
    { "filter=not id eq 1", 400, "filter", 4, "in parentheses" },
    { "filter=not name", 400, "filter", 4, "not takes what is true or false" },
    { "filter=id eq 1 eq 1", 400, "filter", 11, "cannot be compared with 1" },
    { "filter=name eq @p&@p=5", 400, "@p", 0, "cannot be compared with 5" },
    { "filter=name eq @p&@p=", 501, "@p", 0, "aliases of anything but a literal" },
    { "filter=name eq @p&@p='a' 'b'", 400, "@p", 4, "the end of the value" },
    { "filter=name eq @p&@p=@p", 501, "@p", 0, "aliases" },
    /* filter: what OData knows and we do not */
    { "filter=frob(name)", 400, "filter", 0, "no function named frob" },
    { "filter=Ns.frob(name)", 501, "filter", 0, "the function Ns.frob" },
    { "filter=Edm.Int64(name) eq 1", 501, "filter", 0, "the function Edm.Int64" },
    { "filter=isof(name,Edm.String)", 501, "filter", 0, "the function isof" },
    { "filter=geo.length(name) eq 1", 501, "filter", 0, "the function geo.length" },
    { "filter=hassubset(name,[1])", 501, "filter", 0, "the function hassubset" },
    { "filter=cast(Edm.String) eq 'x'", 501, "filter", 5, "casts of the row" },
    { "filter=cast(id,Ns.Type) eq 1", 501, "filter", 8, "casts to this type" },
    { "filter=cast(id,Edm.GeographyPoint) eq 1", 501, "filter", 8, "casts to this type" },
    { "filter=cast(name,Edm.Date) eq 2026-01-01", 501, "filter", 0, "a cast of the column name" },
    { "filter=matchesPattern(name,code)", 501, "filter", 20, "patterns that are no literals" },
    { "orderby=sold_at sub sold_at", 501, "orderby", 0, "durations" },
    /* filter: functions and arithmetic */
    { "filter=contains(name)", 400, "filter", 0,
      "contains does not take (the column name (text)), but contains(text, text)" },
    { "filter=contains(name,5)", 400, "filter", 0, "5 (integer)" },
    { "filter=contains(name,'a','b')", 400, "filter", 0, "does not take" },
    { "filter=contains name", 400, "filter", 9, "not name" },
    { "filter=contains(name,'x'", 400, "filter", 17, "the value ends where , or )" },
    { "filter=contains(,'x')", 400, "filter", 9, "a column" },
    { "filter=contains(name,)", 400, "filter", 14, "a column" },
    { "filter=contains(name 'x')", 400, "filter", 14, ", or )" },
    { "filter=length(name)", 400, "filter", 0, "a filter is true or false" },
    { "filter=length(name) eq '1'", 400, "filter", 16, "cannot be compared with '1'" },
    { "filter=now(1) gt now()", 400, "filter", 0, "does not take" },
    { "filter=year(at) eq 1", 400, "filter", 0, "year(date) or year(timestamp)" },
    { "filter=substring(name,-1) eq 'x'", 400, "filter", 15, "no negative" },
    { "filter=substring(name,0,-1) eq 'x'", 400, "filter", 17, "no negative" },
    { "filter=substring(name,1.5) eq 'x'", 400, "filter", 0, "does not take" },
    { "filter=id add name eq 2", 400, "filter", 3, "add does not take" },
    { "filter=due add 1 eq due", 400, "filter", 4, "add(date, duration)" },
    { "filter=id div 0 eq 1", 400, "filter", 7, "div by zero" },
    { "filter=amount mod 0.0 eq 1", 400, "filter", 11, "mod by zero" },
    { "filter=id add '1' eq 2", 400, "filter", 3, "add does not take" },
    { "filter=due add 'tomorrow' eq due", 400, "filter", 4, "add does not take" },
    { "filter=$these/$count gt 1", 501, "filter", 0, "$these" },
    { "filter=isdefined(name)", 501, "filter", 0, "the function isdefined" },
    { "filter=price mod 2 eq 1", 400, "filter", 6, "mod does not take" },
    { "filter=-name eq 'x'", 400, "filter", 0, "does not take" },
    { "filter=- eq 1", 400, "filter", 5, "an operator" },
    { "filter=id add", 400, "filter", 6, "the value ends" },
    { "filter=id add1 eq 2", 400, "filter", 3, "not add1" },
    { "filter=case() eq 1", 400, "filter", 5, "a column" },
    { "filter=case(open) eq 1", 400, "filter", 9, ": and what" },
    { "filter=case(open:1,2) eq 1", 400, "filter", 13, ": and what" },
    { "filter=case(id:1) eq 1", 400, "filter", 5, "true or false" },
    { "filter=case(open:1,paid:'x') eq 1", 400, "filter", 17, "must be of one type" },
    { "filter=case(open:true", 400, "filter", 14, "ends where , or )" },
    { "filter=cast(id) eq 1", 501, "filter", 7, "casts of the row" },
    { "filter=cast(id:1) eq 1", 400, "filter", 7, ", and a type" },
    { "filter=cast(id,1) eq 1", 400, "filter", 8, "a type such as" },
    { "filter=cast(id,Edm.String) eq 1", 400, "filter", 23, "cannot be compared" },
    { "filter=matchesPattern(name,'(')", 400, "filter", 20, "no pattern that can be used" },
    { "filter=matchesPattern(name,'(?<=a+)\\1')", 400, "filter", 20, "no pattern" },
    { "filter=name has Ns.Color'Red'", 501, "filter", 5, "the operator has" },
    { "filter=name eq Ns.Color'Red'", 501, "filter", 8, "enumerations" },
    { "filter=name eq geography'x'", 501, "filter", 8, "geographic" },
    { "filter=tags/any(t:t eq 1)", 501, "filter", 5, "any and all" },
    { "filter=tags/x eq 1", 501, "filter", 5, "paths" },
    { "filter=tags/ eq 1", 501, "filter", 6, "paths" },
    { "filter=$it eq 1", 501, "filter", 0, "$it" },
    { "filter=@Ns.Term eq 1", 501, "filter", 0, "annotations" },
    { "filter=@Term/any()", 501, "filter", 0, "annotations" },
    { "filter=Ns.Type eq 1", 501, "filter", 0, "qualified names" },
    { "filter=[1] eq 1", 501, "filter", 0, "collections" },
    { "filter=name in [\"a\"]", 501, "filter", 8, "collections" },
    { "filter=name in code", 501, "filter", 8, "collections" },
};

START_TEST(a_wrong_query_is_refused_with_its_place)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    struct query *query = NULL;
    struct problem *problem = fixture_parse(arena, refusals[_i].options, &query);
    ck_assert_msg(problem != NULL, "%s is taken", refusals[_i].options);
    ck_assert_ptr_null(query);
    ck_assert_msg(strstr(problem->detail, refusals[_i].says) != NULL, "%s", problem->detail);
    ck_assert_int_eq(problem->kind->status, refusals[_i].status);
    ck_assert_str_eq(problem_text(problem, "option"), refusals[_i].option);
    ck_assert_int_eq(problem_number(problem, "position", -1), refusals[_i].position);
}
END_TEST

/* Options that are taken in every spelling. */
static const char *const spellings[] = {
    "select=id",
    "$select=id",
    "$SELECT=ID",
    "SkipToken=x",
    "$top=5&SKIP=3&$Count=TRUE",
    "format=csv&$Snapshot=3&$FORMAT=json",
    "@a=1&@b=frob(",
    "select=*,id",
    "select=id , name",
    "orderby=id asc , name DESC",
    "filter=( ( id eq 1 ) )",
    "filter=not(open)",
    "filter=NOT open AND NULL EQ name OR TRUE",
    "filter=open ",
};

START_TEST(an_option_may_be_spelled_in_any_way_of_odata)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    (void)fixture_query(arena, spellings[_i]);
}
END_TEST

/* A text of a piece repeated, between two others. */
static const char *repeated(struct arena *arena, const char *before, const char *piece,
                            size_t times, const char *after)
{
    CLEANUP(buffer_clear) struct buffer out = { 0 };
    buffer_add_text(&out, before);
    for (size_t i = 0; i < times; i++)
        buffer_add_text(&out, piece);
    buffer_add_text(&out, after);
    return arena_copy(arena, out.data, out.size);
}

/* Input made to hurt: all of it is refused, or taken, at once. */
static const struct {
    const char *before;
    const char *piece;
    size_t times;
    const char *after;
    const char *says; /* NULL: taken */
} hurts[] = {
    { "filter=", "(", 10000, "open", "nested more than 100 levels" },
    { "filter=", "not ", 10000, "open", "nested more than 100 levels" },
    { "filter=", "(not ", 10000, "open", "nested more than 100 levels" },
    { "filter=open", " eq open", 10000, "", "nested more than 100 levels" },
    { "filter=open", " in (true)", 10000, "", "nested more than 100 levels" },
    { "filter=open eq ", "(open eq ", 10000, "open", "nested more than 100 levels" },
    { "filter=open", " and open", 9000, "", NULL },
    { "filter=open", " or open and paid", 3000, "", NULL },
    { "filter=open", " and open", 20000, "", "more than 10000 parts" },
    { "filter=id in (0", ",1", 4999, ")", NULL },
    { "filter=id in (0", ",1", 5000, ")", "more than 5000 values" },
    { "filter=name eq '", "x", 1 << 20, "'", NULL },
    { "filter=name eq '", "''", 1 << 19, "'", NULL },
    { "filter=name eq '", "x", 1 << 20, "", "never closed" },
    { "filter=", "a", 1 << 20, " eq 1", "no column named aaaa" },
    { "filter=", "1", 1 << 20, " eq 1", "1000 digits" },
    { "filter=1e", "1", 1 << 20, " eq 1", "1000 digits" },
    { "filter=open", " ", 1 << 20, "and paid", NULL },
    { "filter=", "'", 1 << 20, "", "a filter is true or false" },
    { "filter=open", " and -", 1 << 18, "", "here should stand an operator" },
    { "filter=open eq ", "-", 10000, "1", "nested more than 100 levels" },
    { "filter=1", " add 1", 10000, " eq 1", "nested more than 100 levels" },
    { "filter=", "tolower(", 10000, "name", "nested more than 100 levels" },
    { "filter=name eq ", "concat(name,", 10000, "name", "nested more than 100 levels" },
    { "filter=qty ge ", "case(qty ge ", 40, "qty", "the value ends where" },
    { "filter=matchesPattern(name,'", "(a*)*", 1000, "')", "1000 bytes" },
    { "filter=matchesPattern(name,'", "(", 900, "')", "no pattern" },
    { "filter=contains(name,'x'", ",'x'", 8000, ")", "does not take" },
    { "filter=open and not case(open:open", ",paid:open", 4000, ")", NULL },
    { "orderby=id", ",id", 3000, "", NULL },
    { "select=id", ",id", 1 << 18, "", NULL },
};

START_TEST(hostile_input_meets_a_limit)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(1 << 16);
    struct query *query = NULL;
    struct db_query sql;
    const char *text =
        repeated(arena, hurts[_i].before, hurts[_i].piece, hurts[_i].times, hurts[_i].after);
    struct problem *problem = fixture_parse(arena, text, &query);
    if (hurts[_i].says) {
        ck_assert_ptr_nonnull(problem);
        ck_assert_msg(strstr(problem->detail, hurts[_i].says) != NULL, "%s", problem->detail);
        ck_assert_uint_lt(strlen(problem->detail), 500);
    } else {
        ck_assert_msg(!problem, "%s", problem ? problem->detail : "");
        ck_assert_ptr_null(query_sql(arena, query, "t", -1, NULL, true, true, &sql));
        ck_assert_uint_lt(sql.param_count, 65535);
        ck_assert_ptr_nonnull(query_canonical(arena, query));
    }
}
END_TEST

/* Operands that are written twice, each in each: 2^30 of them would be. */
START_TEST(sql_that_would_explode_is_refused)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(1 << 16);
    CLEANUP(buffer_clear) struct buffer filter = { 0 };
    struct query *query = NULL;
    struct db_query sql;
    buffer_add_text(&filter, "filter=");
    for (int i = 0; i < 30; i++)
        buffer_add_text(&filter, "case(");
    buffer_add_text(&filter, "qty");
    for (int i = 0; i < 30; i++)
        buffer_add_text(&filter, " ge qty:qty)");
    buffer_add_text(&filter, " ge qty");
    ck_assert_ptr_null(fixture_parse(arena, buffer_text(&filter), &query));
    struct problem *problem = query_sql(arena, query, "t", -1, NULL, false, false, &sql);
    ck_assert_ptr_nonnull(problem);
    ck_assert_ptr_nonnull(strstr(problem->detail, "too large"));
    ck_assert_ptr_nonnull(query_count_sql(arena, query, "t", &sql));
    ck_assert_ptr_nonnull(query_canonical(arena, query));
}
END_TEST

START_TEST(limits_are_those_given)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    static const struct query_limits small = { .depth = 2, .nodes = 7, .literals = 2, .skip = 1 };
    static const struct {
        const char *options;
        bool good;
    } limited[] = {
        { "filter=((open))", true },
        { "filter=(((open)))", false },
        { "filter=id in (1,2)", true },
        { "filter=id in (1,2,3)", false },
        { "skip=1", true },
        { "skip=2", false },
        { "filter=open and open and open and open and open and open", true },
        { "filter=open and open and open and open and open and open and open", false },
        { "filter=@a&@a=true", true },
    };
    for (size_t i = 0; i < COUNT(limited); i++) {
        struct query *query;
        struct problem *problem =
            fixture_parse_with(arena, &fixture_columns, limited[i].options, &small, &query);
        ck_assert_msg(!problem == limited[i].good, "%s", limited[i].options);
    }
}
END_TEST

START_TEST(too_many_options_are_refused)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    struct query *query;
    ck_assert_ptr_null(fixture_parse(arena, repeated(arena, "", "@a=1&", 200, ""), &query));
    ck_assert_ptr_nonnull(fixture_parse(arena, repeated(arena, "", "@a=1&", 201, ""), &query));
}
END_TEST

static const struct test_case cases[] = {
    TEST_EACH(a_wrong_query_is_refused_with_its_place, refusals),
    TEST_EACH(an_option_may_be_spelled_in_any_way_of_odata, spellings),
    TEST_EACH(hostile_input_meets_a_limit, hurts),
    TEST(sql_that_would_explode_is_refused),
    TEST(limits_are_those_given),
    TEST(too_many_options_are_refused),
};
TEST_MAIN("refusal", cases)
