/* What functions, arithmetic and casts mean: conditions over one row that must hold, or not. */
#include "server/query/query.h"
#include "tests/db/db/support.h"

static const struct column column_list[] = {
    { .name = "id", .type = COLUMN_INT64, .required = true, .key_position = 1 },
    { .name = "name", .type = COLUMN_TEXT },
    { .name = "none", .type = COLUMN_TEXT },
    { .name = "seven", .type = COLUMN_INT32 },
    { .name = "big", .type = COLUMN_INT32 },
    { .name = "nothing", .type = COLUMN_INT32 },
    { .name = "amount", .type = COLUMN_DECIMAL },
    { .name = "half", .type = COLUMN_DOUBLE },
    { .name = "zero", .type = COLUMN_DOUBLE },
    { .name = "huge", .type = COLUMN_DOUBLE },
    { .name = "nan", .type = COLUMN_DOUBLE },
    { .name = "yes", .type = COLUMN_BOOL },
    { .name = "due", .type = COLUMN_DATE },
    { .name = "at", .type = COLUMN_TIME },
    { .name = "moment", .type = COLUMN_TIMESTAMP },
    { .name = "ref", .type = COLUMN_UUID },
    { .name = "raw", .type = COLUMN_BYTES },
};
static const struct columns columns = { column_list, COUNT(column_list) };

static const char from[] =
    "(SELECT 1::int8 AS id, 'Été d''Or' AS name, NULL::text AS none, 7::int4 AS seven, "
    "2147483647::int4 AS big, NULL::int4 AS nothing, -2.50::numeric AS amount, 2.5::float8 AS "
    "half, "
    "0::float8 AS zero, 12345678901234567::float8 AS huge, 'NaN'::float8 AS nan, true AS yes, "
    "'2024-02-29'::date AS due, '07:59:59.25'::time AS at, "
    "'2024-02-29T23:30:00.125Z'::timestamptz AS moment, "
    "'0ae2f1b8-2ae2-4b7a-8f0e-1234567890ab'::uuid AS ref, '\\x00ff'::bytea AS raw) AS t";

static struct db *db;
static struct arena *arena;

static void connect(void)
{
    arena = arena_new(1 << 14);
    db = db_open(harness_conninfo(), "test");
    /* nothing may depend on how the session shows or reads dates */
    MUST(db_run(db, arena,
                "SET timezone = 'Pacific/Auckland'; SET datestyle = 'SQL, DMY';"
                "SET intervalstyle = 'sql_standard'"));
}

static void disconnect(void)
{
    db_close(db);
    arena_free(arena);
}

static struct problem *count_rows(const char *filter, int64_t *out_count)
{
    struct query_option options[] = { { "filter", filter } };
    struct query *query = NULL;
    struct db_query sql;
    const struct db_value *row;
    size_t width;
    MUST(query_parse(arena, &columns, options, 1, NULL, &query_default_limits, &query));
    MUST(query_count_sql(arena, query, from, &sql));
    TRY(db_stream_begin(db, arena, &sql));
    TRY(db_stream_next(db, arena, &row, &width));
    *out_count = row[0].data[7];
    db_stream_stop(db);
    return NULL;
}

static const char *const holding[] = {
    /* arithmetic */
    "seven add 1 eq 8 and seven sub 9 eq -2 and seven mul 3 eq 21",
    "big add big eq 4294967294 and big mul big gt 4611686014132420608",
    "big add 1 gt big",
    "seven div 2 eq 3 and -7 div 2 eq -3 and seven div 2.0 eq 3.5",
    "seven divby 2 eq 3.5 and 1 divby 4 eq 0.25",
    "seven mod 4 eq 3 and -7 mod 4 eq -3 and amount mod 2 eq -0.5",
    "amount add 1 eq -1.5 and amount mul -2 eq 5 and - amount eq 2.5",
    "0.1 add 0.2 eq 0.3",
    "half add 0.25 eq 2.75 and half div 2 eq 1.25 and -half lt 0",
    "half div zero eq INF and (zero sub half) div zero eq -INF and seven divby 0 eq INF",
    "-7 divby 0 eq -INF",
    "not (zero div zero eq zero div zero) and zero div zero ne 0",
    "seven add 2 mul 3 eq 13 and (seven add 2) mul 3 eq 27 and 10 sub 4 sub 3 eq 3",
    "nothing add 1 eq null and nothing div 0.5 eq null and nothing divby 0 eq null",
    "seven gt 6.5 and seven lt 7.5 and seven eq 7.0 and 6.999 lt seven",
    "huge eq 12345678901234567",
    "nan ne nan and not (nan eq nan) and not (nan gt 0) and not (nan lt 0) and nan add 1 ne 0",
    /* text */
    "contains(name,'d''O') and not contains(name,'x') and contains(name,'')",
    "startswith(name,'Été') and not startswith(name,'t') and startswith(name,'')",
    "endswith(name,'Or') and not endswith(name,'or') and endswith(name,'')",
    "not contains(name,'%') and not startswith(name,'_t') and not contains(name,'\\')",
    "length(name) eq 8 and length('') eq 0 and length('é') eq 1",
    "indexof(name,'t') eq 1 and indexof(name,'x') eq -1 and indexof(name,'') eq 0",
    "substring(name,4) eq 'd''Or' and substring(name,0,3) eq 'Été' and substring(name,99) eq ''",
    "substring(name,6,99) eq 'Or' and substring(name,2,0) eq ''",
    "substring(name,9223372036854775807) eq '' and substring(name,1,9223372036854775807) ne ''",
    "substring(name,seven sub 9,1) eq 'É'",
    "tolower('ABC') eq 'abc' and toupper('abc') eq 'ABC'",
    "trim(' a b ') eq 'a b' and trim('\t\n\u00a0a\u3000') eq 'a' and trim('') eq ''",
    "concat(concat(name,'-'),'x') eq 'Été d''Or-x' and concat('','') eq ''",
    "matchesPattern(name,'^.t.\\sd') and not matchesPattern(name,'^t')",
    "matchesPattern('a1_','^\\w+$') and not matchesPattern('é','^\\w$')",
    "matchesPattern('\u0664','^\\D$') and matchesPattern('a\nb','a[^]b')",
    "not matchesPattern('a\nb','a.b') and not matchesPattern('a\n','a$')",
    "matchesPattern('a-b','^a[\\-x]b$') and matchesPattern('x{2','{2') and not "
    "matchesPattern('a','[]')",
    "matchesPattern('foo bar','\\bbar') and matchesPattern('2024-02','(?<y>\\d{4})-\\d\\d')",
    "contains(none,'x') eq null and length(none) eq null and concat(name,none) eq null",
    "(contains(none,'x') or yes) and (not contains(none,'x') or yes)",
    /* time */
    "year(due) eq 2024 and month(due) eq 2 and day(due) eq 29",
    "year(moment) eq 2024 and month(moment) eq 2 and day(moment) eq 29",
    "hour(moment) eq 23 and minute(moment) eq 30 and second(moment) eq 0",
    "hour(at) eq 7 and minute(at) eq 59 and second(at) eq 59 and fractionalseconds(at) eq 0.25",
    "fractionalseconds(moment) eq 0.125 and totaloffsetminutes(moment) eq 0",
    "date(moment) eq 2024-02-29 and time(moment) eq 23:30:00.125",
    "now() gt moment and now() lt maxdatetime() and mindatetime() lt moment",
    "moment add duration'PT30M' eq 2024-03-01T00:00:00.125Z",
    "moment sub duration'P1DT0.125S' eq 2024-02-28T23:30:00Z",
    "duration'PT1S' add moment eq moment add duration'PT1S'",
    "moment sub 2024-02-28T23:30:00.125Z eq duration'P1D'",
    "moment sub 2024-01-01T00:00Z gt 'P58D' and totalseconds(moment sub moment) eq 0",
    "totalseconds(duration'P1DT0.5S') eq 86400.5 and totalseconds(-duration'PT1S') eq -1",
    "totalseconds(duration'-P10675199D') eq -922337193600 and duration'P2D' eq duration'PT48H'",
    "due add duration'P1D' eq 2024-03-01 and due sub duration'PT1S' eq 2024-02-28",
    "due add duration'PT23H' eq due and due sub 2024-02-28 eq duration'P1D'",
    "duration'PT1H' mul 1.5 eq duration'PT90M' and duration'PT1H' div 2 eq duration'PT30M'",
    "duration'PT1H' add duration'PT1H' eq 2 mul duration'PT1H' and -duration'PT1S' lt 'PT0S'",
    /* numbers */
    "round(amount) eq -3 and floor(amount) eq -3 and ceiling(amount) eq -2",
    "round(half) eq 3 and floor(half) eq 2 and ceiling(half) eq 3 and round(-half) eq -3",
    "round(seven) eq 7 and round(0.4999) eq 0 and round(2.5) eq 3 and round(-1.4) eq -1",
    "round(huge) eq huge and round(half mul 3) eq 8",
    "round(half div zero) eq INF and not (round(nan) eq round(nan))",
    /* casts */
    "cast(seven,Edm.String) eq '7' and cast(amount,Edm.String) eq '-2.50' and cast(yes,Edm.String) "
    "eq 'true'",
    "cast(due,Edm.String) eq '2024-02-29' and cast(at,Edm.String) eq '07:59:59.25'",
    "cast(moment,Edm.String) eq '2024-02-29T23:30:00.125Z'",
    "cast(2024-01-01T00:00Z,Edm.String) eq '2024-01-01T00:00:00Z'",
    "cast(half,Edm.String) eq '2.5' and cast(half div zero,Edm.String) eq 'INF' and "
    "cast(nan,Edm.String) eq 'NaN'",
    "cast(ref,Edm.String) eq '0ae2f1b8-2ae2-4b7a-8f0e-1234567890ab'",
    "cast(amount,Edm.Int64) eq -3 and cast(2.4,Edm.Int32) eq 2 and cast(half,Edm.Double) eq 2.5",
    "cast(big add 1,Edm.Int32) eq null and cast(big,Edm.Int32) eq big",
    "cast(300,Edm.Byte) eq null and cast(-1,Edm.Byte) eq null and cast(255,Edm.Byte) eq 255",
    "cast(1e30,Edm.Int64) eq null and cast(half mul 1e300,Edm.Int64) eq null and "
    "cast(nan,Edm.Int32) eq null",
    "cast(seven,Edm.Decimal) div 2 eq 3.5 and cast(seven,Edm.Double) div 0 eq INF",
    "cast('2024-02-29',Edm.Date) eq due and cast('2024-02-30',Edm.Date) eq null",
    "cast(none,Edm.String) eq null",
    /* case */
    "case(seven gt 9:'many',seven gt 5:'some',true:'few') eq 'some'",
    "case(none eq 'x':1) eq null and case(contains(none,'x'):1,true:2) eq 2",
    "case(yes:1,true:2.5) eq 1 and case(yes:seven,true:0.5) add 1 eq 8",
    "case(yes:big,true:big) add 1 eq 2147483648",
    "case(yes:null,true:1) eq null",
    /* in, and literals of every type */
    "substring(name,4) in ('x','d''Or') and raw in (binary'AP8') and due in ('2024-02-29')",
    "seven mul 2 eq 14 and (seven mul 2) in (13,14) and not ((seven mul 2) in (1,null))",
    "nothing in (null) and not (seven in (null)) and (nothing add 1) in (1,null)",
    "raw eq binary'AP8' and ref eq '0AE2F1B8-2AE2-4B7A-8F0E-1234567890AB' and raw ne 'AA'",
};

START_TEST(a_condition_holds)
{
    int64_t count = 0;
    struct problem *problem = count_rows(holding[_i], &count);
    ck_assert_msg(!problem, "%s: %s", holding[_i], problem ? problem->cause : "");
    ck_assert_msg(count == 1, "%s", holding[_i]);
}
END_TEST

/* What fails only when it runs: SQLSTATE, and the problem it is to the client. */
static const struct {
    const char *filter;
    const char *sqlstate;
} failing[] = {
    { "seven div (seven sub 7) eq 1", "22012" },
    { "seven mod (seven sub 7) eq 1", "22012" },
    { "amount div (amount sub amount) eq 1", "22012" },
    { "id add 9223372036854775807 eq 1", "22003" },
    { "half mul 1e308 mul 1e308 eq 1", "22003" },
    { "maxdatetime() add duration'P10675199D' mul 10 gt moment", "22008" },
};

START_TEST(a_condition_that_fails_blames_the_query)
{
    int64_t count = 0;
    struct problem *problem = count_rows(failing[_i].filter, &count);
    ck_assert_ptr_nonnull(problem);
    ck_assert_str_eq(db_sqlstate(db), failing[_i].sqlstate);
    struct problem *blamed = query_failure(arena, db_sqlstate(db));
    ck_assert_ptr_nonnull(blamed);
    ck_assert_int_eq(blamed->kind->status, 400);
    ck_assert_ptr_null(query_failure(arena, "57014"));
    ck_assert_ptr_null(query_failure(arena, ""));
}
END_TEST

static const struct test_case cases[] = {
    TEST_EACH(a_condition_holds, holding),
    TEST_EACH(a_condition_that_fails_blames_the_query, failing),
};
HARNESS_MAIN_WITH("functions", cases, connect, disconnect)
