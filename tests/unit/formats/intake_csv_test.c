#include "take.h"

static const char *const regions[] = { "north", "south", NULL };

static const struct column list[] = {
    { .name = "id", .type = COLUMN_INT32, .required = true, .minimum = "0" },
    { .name = "name", .type = COLUMN_TEXT, .shortest = -1, .longest = 8 },
    { .name = "region", .type = COLUMN_TEXT, .shortest = -1, .longest = -1, .allowed = regions },
};
static const struct columns columns = { list, COUNT(list) };

static struct intake_options options_of(void)
{
    return (struct intake_options){
        .format = INTAKE_CSV,
        .columns = &columns,
        .max_field = 64,
        .max_depth = 8,
        .max_faults = 3,
    };
}

#define ROW_1 "{\"id\":1,\"name\":\"ann\",\"region\":\"north\"}\n"
#define ROW_2 "{\"id\":2,\"name\":null,\"region\":null}\n"

static const struct {
    const char *body;
    const char *rows;
} good[] = {
    { "id,name,region\n1,ann,north\n2,,\n", ROW_1 ROW_2 },
    { "id,name,region\r\n1,ann,north\r\n2,,\r\n", ROW_1 ROW_2 },
    { "\xef\xbb\xbfid,name,region\r\n1,ann,north\r\n2,,", ROW_1 ROW_2 },
    { "id,name,region\n1,ann,north\r\n2,,\r", ROW_1 ROW_2 },
    { "region,id,name\nnorth,1,ann\n,2,\n", ROW_1 ROW_2 },
    { "id\n2\n", ROW_2 },
    { "\"id\",\"na\"\"me\"\n", NULL },
    { "\"id\",\"name\",\"region\"\n\"1\",\"ann\",\"north\"\n2,,\n", ROW_1 ROW_2 },
    { "id,name,region\n\n1,ann,north\n\r\n2,,\n\n\n", ROW_1 ROW_2 },
    { "id,name\n1,\n2,\"\"\n", "{\"id\":1,\"name\":null,\"region\":null}\n"
                               "{\"id\":2,\"name\":\"\",\"region\":null}\n" },
    { "id,name\n1,\"a\"\"b\"\n2,\"\"\"\"\n", "{\"id\":1,\"name\":\"a\\\"b\",\"region\":null}\n"
                                             "{\"id\":2,\"name\":\"\\\"\",\"region\":null}\n" },
    { "id,name\n1,\"a,\r\n\nb\"\n", "{\"id\":1,\"name\":\"a,\\r\\n\\nb\",\"region\":null}\n" },
    { "id,name\n1,\"\"\"\"\"\"\"\"\n", "{\"id\":1,\"name\":\"\\\"\\\"\\\"\",\"region\":null}\n" },
    { "id,name\n1, a \n", "{\"id\":1,\"name\":\" a \",\"region\":null}\n" },
    { "id,name\n1,\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\n",
      "{\"id\":1,\"name\":\"\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\","
      "\"region\":null}\n" },
    { "id,name,region\n", "" },
    { "id,name,region", "" },
};

START_TEST(csv_becomes_rows)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    struct intake_options options = options_of();
    struct taken taken = take_all_ways(arena, &options, good[_i].body, strlen(good[_i].body));
    if (!good[_i].rows) {
        ck_assert_ptr_nonnull(taken.problem);
        return;
    }
    ck_assert_pstr_eq(taken.problem, NULL);
    ck_assert_str_eq(taken.rows, good[_i].rows);
}
END_TEST

#define LONG_64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static const struct {
    const char *body;
    const char *problem; /* as lines: status and detail, then the faults */
} bad[] = {
    /* values */
    { "id,name,region\n1,ann,north\nx,,\n",
      "422 faults found: 1, in 2 rows read; the first in line 3\n"
      "3:id: row 2: \"x\" is no integer from -2147483648 to 2147483647\n" },
    { "id,name\n,ann\n", "422 faults found: 1, in 1 rows read; the first in line 2\n"
                         "2:id: row 1: a value is required\n" },
    { "id,name,region\n-1,too long to be,west\n",
      "422 faults found: 3, in 1 rows read; the first in line 2; reading stopped at so many\n"
      "2:id: row 1: \"-1\" is below 0\n"
      "2:name: row 1: \"too long to be\" is longer than 8 characters\n"
      "2:region: row 1: \"west\" is none of: north, south\n" },
    { "id,name\n1,\"a\nb\"\n\n\"\",\"c\nd\"\ny,z\n",
      "422 faults found: 2, in 3 rows read; the first in line 5\n"
      "5:id: row 2: \"\" is no integer from -2147483648 to 2147483647\n"
      "7:id: row 3: \"y\" is no integer from -2147483648 to 2147483647\n" },
    { "id\na\nb\nc\nd\ne\n",
      "422 faults found: 3, in 3 rows read; the first in line 2; reading stopped at so many\n"
      "2:id: row 1: \"a\" is no integer from -2147483648 to 2147483647\n"
      "3:id: row 2: \"b\" is no integer from -2147483648 to 2147483647\n"
      "4:id: row 3: \"c\" is no integer from -2147483648 to 2147483647\n" },
    /* arity */
    { "id,name,region\n1,ann\n1,ann,north,x\n",
      "422 faults found: 2, in 2 rows read; the first in line 2\n"
      "2: row 1: it has 2 values, the header 3 columns\n"
      "3: row 2: it has 4 values, the header 3 columns\n" },
    /* the header */
    { "", "422 faults found: 1, in 0 rows read; the first in line 1\n"
          "1: the body is empty: its first line must name the columns\n" },
    { "\xef\xbb\xbf", "422 faults found: 1, in 0 rows read; the first in line 1\n"
                      "1: the body is empty: its first line must name the columns\n" },
    { "name,region\nann,north\n", "422 the header does not fit the contract\n"
                                  "1:id: the column is required, but not in the header\n" },
    { "id,name,regoin\n1,ann,north\n", "422 the header does not fit the contract\n"
                                       "1: the contract has no column \"regoin\"\n" },
    { "id,ID\n1,2\n", "422 the header does not fit the contract\n"
                      "1: the contract has no column \"ID\"\n" },
    { "id,name,id\n1,ann,2\n", "422 the header does not fit the contract\n"
                               "1:id: the column stands twice in the header\n" },
    { "id,,name\n", "422 the header does not fit the contract\n"
                    "1: field 2 of the header has no name\n" },
    { "id,name,region,a,b\n", "422 the header does not fit the contract\n"
                              "1: the contract has no column \"a\"\n"
                              "1: the header has 5 names, the contract 3 columns\n" },
    { "\n1\n", "422 the header does not fit the contract\n"
               "1: field 1 of the header has no name\n"
               "1:id: the column is required, but not in the header\n" },
    { "id,na\xffme\n", "400 the body cannot be read: line 1: the header is not UTF-8, or has a NUL "
                       "byte\n"
                       "1: the header is not UTF-8, or has a NUL byte\n" },
    { "\xef\xbb",
      "400 the body cannot be read: line 1: the header is not UTF-8, or has a NUL byte\n"
      "1: the header is not UTF-8, or has a NUL byte\n" },
    { "id;name\n1;ann\n", "422 the header does not fit the contract\n"
                          "1: the contract has no column \"id;name\": a comma must part the names\n"
                          "1:id: the column is required, but not in the header\n" },
    /* quotes and line ends */
    { "id,name\n1,\"never closed\n2,x\n",
      "400 the body cannot be read: line 2, column name: the quote that begins a value is never "
      "closed\n"
      "2:name: the quote that begins a value is never closed\n" },
    { "id,name\n1,\"a\nb\"\n2,x\n3,\"c\nd",
      "400 the body cannot be read: line 5, column name: the quote that begins a value is never "
      "closed\n"
      "5:name: the quote that begins a value is never closed\n" },
    { "id,\"name\n1,x\n", "400 the body cannot be read: line 1: the quote that begins a value is "
                          "never closed\n"
                          "1: the quote that begins a value is never closed\n" },
    { "id,name\n1,a\"b\n2,\"a\"b\n3,\"a\" \n",
      "422 faults found: 3, in 3 rows read; the first in line 2; reading stopped at so many\n"
      "2:name: row 1: a quote stands in a value that does not begin with one\n"
      "3:name: row 2: text stands behind the quote that closes a value\n"
      "4:name: row 3: text stands behind the quote that closes a value\n" },
    { "id,name\n1,\"a\"b\"c\"\n2,x\n",
      "422 faults found: 1, in 2 rows read; the first in line 2\n"
      "2:name: row 1: a quote stands in a value that does not begin with one\n" },
    { "id,name\n1,a\rb\n2,a\r\r\n",
      "422 faults found: 2, in 2 rows read; the first in line 2\n"
      "2:name: row 1: a carriage return stands in a value without quotes\n"
      "3:name: row 2: a carriage return stands in a value without quotes\n" },
    { "id\r1\r2\r", "422 the header does not fit the contract\n"
                    "1: in the header, a carriage return stands in a value without quotes\n"
                    "1: the contract has no column \"id\\r1\\r2\"\n"
                    "1:id: the column is required, but not in the header\n" },
    /* bytes that no text has */
    { "id,name\n1,a\xff\n", "400 the body cannot be read: line 2, column name: a value is not "
                            "UTF-8\n"
                            "2:name: a value is not UTF-8\n" },
    { "id,name\n1,x\n\xc3(,x\n", "400 the body cannot be read: line 3, column id: a value is not "
                                 "UTF-8\n"
                                 "3:id: a value is not UTF-8\n" },
    { "id,name\n1,\xed\xa0\x80\n", "400 the body cannot be read: line 2, column name: a value is "
                                   "not UTF-8\n"
                                   "2:name: a value is not UTF-8\n" },
    { "id,name\nx,x\n1,\xff\n", "400 the body cannot be read: line 3, column name: a value is not "
                                "UTF-8\n"
                                "2:id: row 1: \"x\" is no integer from -2147483648 to 2147483647\n"
                                "3:name: a value is not UTF-8\n" },
    /* length */
    { "id,name\n1," LONG_64 "x\n",
      "400 the body cannot be read: line 2, column name: a value has more than 64 bytes, or its "
      "row more than 256\n"
      "2:name: a value has more than 64 bytes, or its row more than 256\n" },
    { "id,name\n1,\"" LONG_64 "x\"\n",
      "400 the body cannot be read: line 2, column name: a value has more than 64 bytes, or its "
      "row more than 256; it begins with a quote: is that never closed?\n"
      "2:name: a value has more than 64 bytes, or its row more than 256; it begins with a quote: "
      "is "
      "that never closed?\n" },
    { "id,name\n1,\n2,\"\n" LONG_64 LONG_64,
      "400 the body cannot be read: line 3, column name: a value has more than 64 bytes, or its "
      "row more than 256; it begins with a quote: is that never closed?\n"
      "3:name: a value has more than 64 bytes, or its row more than 256; it begins with a quote: "
      "is "
      "that never closed?\n" },
    { "id,name\n1," LONG_64 "," LONG_64 "," LONG_64 "," LONG_64 "\n",
      "400 the body cannot be read: line 2: a value has more than 64 bytes, or its row more than "
      "256\n"
      "2: a value has more than 64 bytes, or its row more than 256\n" },
};

START_TEST(csv_that_is_wrong_is_told_where_and_why)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    struct intake_options options = options_of();
    struct taken taken = take_all_ways(arena, &options, bad[_i].body, strlen(bad[_i].body));
    ck_assert_pstr_eq(taken.problem, bad[_i].problem);
}
END_TEST

START_TEST(a_nul_byte_is_refused_wherever_it_stands)
{
    static const char in_text[] = "id,name\n1,a\0b\n";
    static const char in_number[] = "id,name\n1\0,a\n";
    static const char in_header[] = "id,name\0\n1,a\n";
    static const struct {
        const char *body;
        size_t size;
    } bodies[] = { { in_text, sizeof in_text - 1 },
                   { in_number, sizeof in_number - 1 },
                   { in_header, sizeof in_header - 1 } };
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    struct intake_options options = options_of();
    for (size_t i = 0; i < COUNT(bodies); i++) {
        struct taken taken = take_all_ways(arena, &options, bodies[i].body, bodies[i].size);
        ck_assert_msg(taken.problem && strncmp(taken.problem, "400 ", 4) == 0
                          && strstr(taken.problem, "NUL"),
                      "%s", taken.problem);
    }
}
END_TEST

START_TEST(rows_around_a_faulty_one_are_written)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    CLEANUP(buffer_clear) struct buffer copy = { 0 };
    struct intake_options options = options_of();
    static const char body[] = "id\n1\nx\n3\n";
    CLEANUP(intake_close_at) struct intake *intake = intake_open(arena, &options);
    ck_assert_ptr_null(intake_feed(intake, body, sizeof body - 1, &copy));
    ck_assert_int_eq(intake_rows(intake), 2);
    buffer_add(&copy, "\377\377", 2);
    ck_assert_str_eq(copy_rows(arena, &columns, false, &copy),
                     "{\"id\":1,\"name\":null,\"region\":null}\n"
                     "{\"id\":3,\"name\":null,\"region\":null}\n");
    struct problem *problem = intake_end(intake, &copy);
    ck_assert_ptr_eq(problem->kind, &PROBLEM_CONTRACT);
    ck_assert_int_eq(problem_number(problem, "fault_count", 0), 1);
}
END_TEST

START_TEST(the_server_writes_its_own_columns_in_front)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    struct intake_options options = options_of();
    const struct row_prefix prefix = { 41 };
    options.prefix = &prefix;
    static const char body[] = "id,name\n7,a\n\n8,b\n";
    struct taken taken = take_all_ways(arena, &options, body, sizeof body - 1);
    ck_assert_str_eq(taken.rows,
                     "{\"_delivery\":41,\"_row\":1,\"id\":7,\"name\":\"a\",\"region\":null}\n"
                     "{\"_delivery\":41,\"_row\":2,\"id\":8,\"name\":\"b\",\"region\":null}\n");
    ck_assert_int_eq(taken.count, 2);
}
END_TEST

START_TEST(a_column_alone_may_have_null_rows)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    struct intake_options options = options_of();
    static const struct column one[] = {
        { .name = "note", .type = COLUMN_TEXT, .shortest = -1, .longest = -1 }
    };
    const struct columns ones = { one, 1 };
    options.columns = &ones;
    static const char body[] = "note\na\n\n\"\"\n";
    struct taken taken = take_all_ways(arena, &options, body, sizeof body - 1);
    ck_assert_str_eq(taken.rows, "{\"note\":\"a\"}\n{\"note\":null}\n{\"note\":\"\"}\n");
}
END_TEST

START_TEST(row_70001_is_named)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    CLEANUP(buffer_clear) struct buffer body = { 0 };
    struct intake_options options = options_of();
    buffer_add_text(&body, "id,name\n");
    for (int i = 1; i <= 100000; i++)
        buffer_print(&body, i == 70001 ? "%dx,bad\n" : "%d,good\n", i);
    struct taken taken = take(arena, &options, body.data, body.size, 10007);
    ck_assert_str_eq(taken.problem,
                     "422 faults found: 1, in 100000 rows read; the first in line 70002\n"
                     "70002:id: row 70001: \"70001x\" is no integer from -2147483648 to "
                     "2147483647\n");
    ck_assert_int_eq(taken.count, 99999);
}
END_TEST

START_TEST(an_endless_value_is_refused_at_constant_memory)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    CLEANUP(buffer_clear) struct buffer copy = { 0 };
    static char piece[16384];
    memset(piece, 'a', sizeof piece);
    struct intake_options options = options_of();
    options.max_field = 1 << 20;
    CLEANUP(intake_close_at) struct intake *intake = intake_open(arena, &options);
    ck_assert_ptr_null(intake_feed(intake, "id,name\n1,\"", 11, &copy));
    struct problem *problem = NULL;
    int fed = 0;
    while (!problem && fed < 65536) { /* a gigabyte */
        problem = intake_feed(intake, piece, sizeof piece, &copy);
        fed++;
    }
    ck_assert_ptr_nonnull(problem);
    ck_assert_ptr_eq(problem->kind, &PROBLEM_BAD_REQUEST);
    ck_assert_int_le(fed, 66);
    ck_assert_uint_lt(arena_held_bytes(arena), 64 * 1024);
    ck_assert_uint_lt(copy.capacity, 64 * 1024);
}
END_TEST

static const struct test_case cases[] = {
    TEST_EACH(csv_becomes_rows, good),
    TEST_EACH(csv_that_is_wrong_is_told_where_and_why, bad),
    TEST(a_nul_byte_is_refused_wherever_it_stands),
    TEST(rows_around_a_faulty_one_are_written),
    TEST(the_server_writes_its_own_columns_in_front),
    TEST(a_column_alone_may_have_null_rows),
    TEST(row_70001_is_named),
    TEST(an_endless_value_is_refused_at_constant_memory),
};
TEST_MAIN("intake_csv", cases)
