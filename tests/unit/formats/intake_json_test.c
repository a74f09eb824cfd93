#include "take.h"

static const struct column list[] = {
    { .name = "id", .type = COLUMN_INT32, .required = true },
    { .name = "name", .type = COLUMN_TEXT, .shortest = -1, .longest = 8 },
    { .name = "more", .type = COLUMN_JSON },
};
static const struct columns columns = { list, COUNT(list) };

static struct intake_options options_of(enum intake_format format, const char *pointer)
{
    return (struct intake_options){
        .format = format,
        .columns = &columns,
        .pointer = pointer,
        .max_field = 64,
        .max_depth = 6,
        .max_faults = 3,
    };
}

#define ROW_1 "{\"id\":1,\"name\":\"ann\",\"more\":null}\n"
#define ROW_2 "{\"id\":2,\"name\":null,\"more\":null}\n"

static const struct {
    const char *pointer;
    const char *body;
    const char *rows;
} good[] = {
    { NULL, "[]", "" },
    { NULL, " [ ] \n", "" },
    { "", "[{\"id\":1,\"name\":\"ann\"},{\"id\":2}]", ROW_1 ROW_2 },
    { NULL, "\xef\xbb\xbf[{\"id\":1,\"name\":\"ann\"},{\"id\":2}]", ROW_1 ROW_2 },
    { NULL, " [ { \"name\" : \"ann\" , \"id\" : 1 } ,\r\n\t{ \"id\" : 2 , \"name\" : null } ] ",
      ROW_1 ROW_2 },
    { NULL, "[{\"\\u0069d\":1,\"name\":\"\\u0061nn\"},{\"id\":2}]", ROW_1 ROW_2 },
    { NULL, "[{\"id\":1,\"name\":\"\\u00e9\\ud83c\\udde6\\n\\\"\\\\\\/\"}]",
      "{\"id\":1,\"name\":\"\xc3\xa9\xf0\x9f\x87\xa6\\n\\\"\\\\/\",\"more\":null}\n" },
    { NULL, "[{\"id\":1,\"more\":{\"a\":[1,{\"b\":\"]}\"}]}},{\"id\":2,\"more\":[]}]",
      "{\"id\":1,\"name\":null,\"more\":{\"a\":[1,{\"b\":\"]}\"}]}}\n"
      "{\"id\":2,\"name\":null,\"more\":[]}\n" },
    { "/3166-1", "{\"3166-1\":[{\"id\":1,\"name\":\"ann\"},{\"id\":2}]}", ROW_1 ROW_2 },
    { "/a/b", "{\"x\":[{\"b\":[1]}],\"a\":{\"c\":{\"b\":0},\"b\":[{\"id\":2}],\"d\":[[]]},\"b\":1}",
      ROW_2 },
    { "/a/1/b", "{\"a\":[[9,{\"b\":8}],{\"b\":[{\"id\":2}]},3]}", ROW_2 },
    { "/0", "[[{\"id\":2}],[{\"id\":3}]]", ROW_2 },
    { "/a~1b/~0c", "{\"a/b\":{\"~c\":[{\"id\":2}]}}", ROW_2 },
    { "/a", "{\"b\":{\"a\":[1,2]},\"\\u0061\":[{\"id\":2}]}", ROW_2 },
    { "/", "{\"\":[{\"id\":2}]}", ROW_2 },
    { NULL, "[{\"id\":1,\"name\":\"\\u20ac\\u0041\"}]",
      "{\"id\":1,\"name\":\"\xe2\x82\xac"
      "A\",\"more\":null}\n" },
    { "/a", "{\"b\":\"\\ud83c\\udde6\",\"c\":-1.5e+3,\"d\":true,\"e\":null,\"a\":[],\"f\":0}", "" },
};

START_TEST(json_becomes_rows)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    struct intake_options options = options_of(INTAKE_JSON, good[_i].pointer);
    struct taken taken = take_all_ways(arena, &options, good[_i].body, strlen(good[_i].body));
    ck_assert_pstr_eq(taken.problem, NULL);
    ck_assert_str_eq(taken.rows, good[_i].rows);
}
END_TEST

#define UNREADABLE(line, reason)                                                                   \
    "400 the body cannot be read: line " line ": " reason "\n" line ": " reason "\n"

static const struct {
    const char *pointer;
    const char *body;
    const char *problem;
} bad[] = {
    /* not what was asked for */
    { NULL, "", UNREADABLE("1", "the body is empty: an array of objects is expected") },
    { NULL, " \n ", UNREADABLE("2", "the body is empty: an array of objects is expected") },
    { NULL, "{\"id\":1}",
      UNREADABLE("1", "an array of objects is expected, as the whole body or where ?pointer= "
                      "leads") },
    { NULL, "\"x\"",
      UNREADABLE("1", "an array of objects is expected, as the whole body or where ?pointer= "
                      "leads") },
    { "/a", "{\"a\":{\"id\":1}}",
      UNREADABLE("1", "an array of objects is expected where the pointer leads") },
    { "/a", "{\"b\":[]}", UNREADABLE("1", "the body has nothing at the pointer /a") },
    { "/a", "[]", UNREADABLE("1", "the body has nothing at the pointer /a") },
    { "/a/b", "{\"a\":5}", UNREADABLE("1", "the body has nothing at the pointer /a/b") },
    { "/01", "[[],[]]", UNREADABLE("1", "the body has nothing at the pointer /01") },
    { "/-", "[[],[]]", UNREADABLE("1", "the body has nothing at the pointer /-") },
    { "/a", "{\"a\":[],\"a\":[]}",
      UNREADABLE("1", "a name that the pointer follows stands twice in its object") },
    { "/a/b", "{\"a\":{\"b\":[],\"c\":{\"b\":1}},\"c\":{\"a\":1},\"a\":0}",
      UNREADABLE("1", "a name that the pointer follows stands twice in its object") },
    { NULL, "[1]", UNREADABLE("1", "in row 1, a row is no object like {\"column\": value}") },
    { NULL, "[{\"id\":1},[{\"id\":2}]]",
      UNREADABLE("1", "in row 2, a row is no object like {\"column\": value}") },
    { NULL, "[[[[[[[[[[",
      UNREADABLE("1", "in row 1, a row is no object like {\"column\": value}") },
    /* not JSON */
    { "/a", "{\"a\"::[]}", UNREADABLE("1", "a colon stands where none can") },
    { "/a", "{,}", UNREADABLE("1", "a comma stands where none can") },
    { NULL, "[{\"id\":1}", UNREADABLE("1", "in row 2, the body ends before its JSON does") },
    { NULL, "[{\"id\":1},\n{\"id\":2",
      UNREADABLE("2", "in row 2, the body ends before its JSON does") },
    { NULL, "[{\"id\":1},]", UNREADABLE("1", "in row 2, a ] stands where no array can end") },
    { NULL, "[{\"id\":1,}]",
      UNREADABLE("1", "in row 1, a name in quotes is missing in an object") },
    { NULL, "[{\"id\":1}{\"id\":2}]",
      UNREADABLE("1", "in row 2, a comma is missing between two values") },
    { NULL, "[{\"id\" 1}]", UNREADABLE("1", "in row 1, a colon is missing behind a name") },
    { NULL, "[{\"id\":}]", UNREADABLE("1", "in row 1, a value is missing behind a name") },
    { NULL, "[{\"id\":1 \"name\":2}]",
      UNREADABLE("1", "in row 1, a comma or } is missing behind a member") },
    { NULL, "[{id:1}]",
      UNREADABLE("1", "in row 1, a character stands where no value of JSON begins") },
    { NULL, "[{\"id\":1}]x", UNREADABLE("1", "a character stands where no value of JSON begins") },
    { NULL, "[{\"id\":1}]\n[]", UNREADABLE("2", "something stands behind the end of the value") },
    { NULL, "[{\"id\":1}}", UNREADABLE("1", "in row 2, a } stands where no object can end") },
    { NULL, "[{\"id\":tru}]", UNREADABLE("1", "in row 1, a word is none of true, false and null") },
    { NULL, "[{\"id\":01}]", UNREADABLE("1", "in row 1, a number is not written as JSON has it") },
    { NULL, "[{\"id\":1.}]", UNREADABLE("1", "in row 1, a number is not written as JSON has it") },
    { NULL, "[{\"id\":+1}]",
      UNREADABLE("1", "in row 1, a character stands where no value of JSON begins") },
    { NULL, "[{\"name\":\"a\nb\"}]",
      UNREADABLE("1", "in row 1, a string has a control character, or is not closed on its line") },
    { NULL, "[{\"name\":\"\\x\"}]",
      UNREADABLE("1", "in row 1, a backslash stands before a character that cannot be escaped") },
    { NULL, "[{\"name\":\"\\u12g4\"}]",
      UNREADABLE("1", "in row 1, \\u is not followed by four hexadecimal digits") },
    { NULL, "[{\"name\":\"\\u0000\"}]", UNREADABLE("1", "in row 1, \\u0000 cannot be stored") },
    { NULL, "[{\"name\":\"\\ud800\"}]",
      UNREADABLE("1", "in row 1, half of a surrogate pair stands alone") },
    { NULL, "[{\"name\":\"\\ud800\\u0041 123456\"}]",
      UNREADABLE("1", "in row 1, half of a surrogate pair stands alone") },
    { NULL, "[{\"name\":\"\\udc00\"}]",
      UNREADABLE("1", "in row 1, half of a surrogate pair stands alone") },
    { NULL, "[{\"name\":\"\xff\"}]", UNREADABLE("1", "in row 1, a string is not UTF-8") },
    { NULL, "[{\"na\xffme\":1}]", UNREADABLE("1", "in row 1, a string is not UTF-8") },
    { "/a", "{\"b\":\"\xff\",\"a\":[]}", UNREADABLE("1", "a string is not UTF-8") },
    /* too much */
    { NULL, "[{\"name\":\"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdefx\"}]",
      UNREADABLE("1", "in row 1, a value is longer than allowed") },
    { NULL, "[{\"id\":100000000000000000000000000000000000000000000000000000000000000000}]",
      UNREADABLE("1", "in row 1, a value is longer than allowed") },
    { NULL,
      "[{\"more\":[\"0123456789abcdef0123456789abcdef\",\"0123456789abcdef0123456789abcdef\"]"
      "}]",
      UNREADABLE("1", "in row 1, a value is longer than allowed") },
    { "/a", "{\"b\":\"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdefx\"}",
      UNREADABLE("1", "a value is longer than allowed") },
    { NULL, "[{\"more\":[[[[0]]]]}]", NULL },
    { NULL, "[{\"more\":[[[[[0]]]]]}]",
      UNREADABLE("1", "in row 1, objects and arrays are nested too deep") },
    { "/a", "{\"b\":[[[[[[0]]]]]]}", UNREADABLE("1", "objects and arrays are nested too deep") },
    { NULL,
      "[{\"a\":\"0123456789abcdef0123456789abcdef0123456789abcdef\","
      "\"b\":\"0123456789abcdef0123456789abcdef0123456789abcdef\","
      "\"c\":\"0123456789abcdef0123456789abcdef0123456789abcdef\","
      "\"d\":\"0123456789abcdef0123456789abcdef0123456789abcdef\","
      "\"e\":\"0123456789abcdef0123456789abcdef0123456789abcdef\"}]",
      UNREADABLE("1", "in row 1, the object is longer than 256 bytes") },
    /* pointers that are none */
    { "/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17/18/19/20/21/22/23/24/25/26/27/28/29/30/31/32/33",
      "[]",
      "400 the pointer is no JSON pointer: /name/0 with at most 32 steps, ~1 for a slash, ~0 for a "
      "tilde\n" },
    { "a", "[]",
      "400 the pointer is no JSON pointer: /name/0 with at most 32 steps, ~1 for a slash, ~0 for a "
      "tilde\n" },
    { "/a~", "[]",
      "400 the pointer is no JSON pointer: /name/0 with at most 32 steps, ~1 for a slash, ~0 for a "
      "tilde\n" },
    { "/a~2", "[]",
      "400 the pointer is no JSON pointer: /name/0 with at most 32 steps, ~1 for a slash, ~0 for a "
      "tilde\n" },
    /* what the contract does not allow */
    { NULL, "[{\"id\":1},\n{\"id\":\"x\",\"name\":5},\n{}]",
      "422 faults found: 3, in 3 rows read; the first in line 2; reading stopped at so many\n"
      "2:id: row 2: \"x\" is a string, but the column is of type integer\n"
      "2:name: row 2: 5 is a number, but the column is of type text\n"
      "3:id: row 3: a value is required\n" },
    { NULL, "[\n{\"id\":1.5},\n{\"id\":true},\n\n{\"id\":{\"a\":1}}\n]",
      "422 faults found: 3, in 3 rows read; the first in line 2; reading stopped at so many\n"
      "2:id: row 1: 1.5 is no integer from -2147483648 to 2147483647\n"
      "3:id: row 2: true is a boolean, but the column is of type integer\n"
      "5:id: row 3: {\u2026} is an object or array, but the column is of type integer\n" },
    { NULL, "[{\"id\":1,\"nam\":\"x\"},{\"id\":1,\"name\":\"a\",\"id\":2}]",
      "422 faults found: 2, in 2 rows read; the first in line 1\n"
      "1: row 1: the contract has no column \"nam\"\n"
      "1:id: row 2: the member stands twice in the object\n" },
    { NULL, "[{\"id\":1,\"more\":3},{\"id\":1,\"more\":{\"a\":1e999999}}]",
      "422 faults found: 2, in 2 rows read; the first in line 1\n"
      "1:more: row 1: 3 is a number, but the column is of type json\n"
      "1:more: row 2: {\u2026} is no JSON: a number has more digits than can be stored\n" },
    { NULL, "[{\"id\":1,\"name\":\"\\u00e9\\u00e9\\u00e9\\u00e9\\u00e9\\u00e9\\u00e9\\u00e9x\"}]",
      "422 faults found: 1, in 1 rows read; the first in line 1\n"
      "1:name: row 1: \"\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9x\" is "
      "longer than 8 characters\n" },
};

START_TEST(json_that_is_wrong_is_told_where_and_why)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    struct intake_options options = options_of(INTAKE_JSON, bad[_i].pointer);
    struct taken taken = take_all_ways(arena, &options, bad[_i].body, strlen(bad[_i].body));
    if (bad[_i].problem)
        ck_assert_pstr_eq(taken.problem, bad[_i].problem);
    else /* as deep as allowed: the row only lacks its id */
        ck_assert_msg(strstr(taken.problem, "1:id: row 1: a value is required"), "%s",
                      taken.problem);
}
END_TEST

static const struct {
    const char *body;
    const char *rows;
    const char *problem;
} lines[] = {
    { "", "", NULL },
    { "{\"id\":1,\"name\":\"ann\"}\n{\"id\":2}\n", ROW_1 ROW_2, NULL },
    { "{\"id\":1,\"name\":\"ann\"}\r\n \t\r\n\n{\"id\":2}", ROW_1 ROW_2, NULL },
    { "\xef\xbb\xbf{\"id\":2} \t\n", ROW_2, NULL },
    { "{\"id\":2}\n{\"id\":\n3}\n", NULL,
      UNREADABLE("2", "in row 2, the line ends before its object does") },
    { "{\"id\":2}\n{\"id\":3} {\"id\":4}\n", NULL,
      UNREADABLE("2", "something stands behind the object of row 2; each object has a line of its "
                      "own") },
    { "[{\"id\":2}]\n", NULL,
      UNREADABLE("1", "in row 1, a row is no object like {\"column\": value}") },
    { "{\"id\":2},\n", NULL,
      UNREADABLE("1", "something stands behind the object of row 1; each object has a line of its "
                      "own") },
    { "\n\n{\"id\":2]\n", NULL,
      UNREADABLE("3", "in row 1, a comma or } is missing behind a member") },
    { "{\"id\":2}\n\n{\"id\":\"x\"}\n{}\n", NULL,
      "422 faults found: 2, in 3 rows read; the first in line 3\n"
      "3:id: row 2: \"x\" is a string, but the column is of type integer\n"
      "4:id: row 3: a value is required\n" },
    { "{\"id\":2,\"name\":\"a\n", NULL,
      UNREADABLE("1", "in row 1, the line ends before its object does") },
    { "{\"id\":2}\nx\n", NULL,
      UNREADABLE("2", "in row 2, a character stands where no value of JSON begins") },
};

START_TEST(ndjson_is_an_object_per_line)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    struct intake_options options = options_of(INTAKE_NDJSON, NULL);
    struct taken taken = take_all_ways(arena, &options, lines[_i].body, strlen(lines[_i].body));
    ck_assert_pstr_eq(taken.problem, lines[_i].problem);
    ck_assert_pstr_eq(taken.rows, lines[_i].rows);
}
END_TEST

/* Bodies far beyond every limit, as a beginning and one piece again and again. */
static const struct {
    enum intake_format format;
    const char *pointer;
    const char *beginning;
    const char *piece;
    const char *reason;
} endless[] = {
    { INTAKE_JSON, NULL, "[{\"name\":\"", "aaaaaaaaaaaaaaaa", "longer than allowed" },
    { INTAKE_JSON, NULL, "[{\"name\":\"", "\\u00e9\\u00e9\\n\\\"", "longer than allowed" },
    { INTAKE_JSON, NULL, "[{\"id\":1", "0000000000000000", "longer than allowed" },
    { INTAKE_JSON, NULL, "[{\"id\":1", "                ", "the object is longer than" },
    { INTAKE_JSON, NULL, "[{\"more\":[0", ",0000000,0000000", "no JSON|written as JSON" },
    { INTAKE_JSON, NULL, "[{\"more\":[1", ",1111111,1111111", "the object is longer than" },
    { INTAKE_JSON, NULL, "[{\"more\":", "[[[[[[[[[[[[[[[[", "nested too deep" },
    { INTAKE_JSON, NULL, "[", "[[[[[[[[[[[[[[[[", "a row is no object" },
    { INTAKE_JSON, "/a", "{\"b\":", "[[[[[[[[[[[[[[[[", "nested too deep" },
    { INTAKE_JSON, "/a", "{\"b\":\"", "aaaaaaaaaaaaaaaa", "longer than allowed" },
    { INTAKE_NDJSON, NULL, "{\"name\":\"", "aaaaaaaaaaaaaaaa", "is longer than" },
    { INTAKE_NDJSON, NULL, "", "                ", "is longer than" },
};

START_TEST(what_has_no_end_is_refused_at_constant_memory)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    CLEANUP(buffer_clear) struct buffer copy = { 0 };
    CLEANUP(buffer_clear) struct buffer piece = { 0 };
    for (int i = 0; i < 1024; i++)
        buffer_add_text(&piece, endless[_i].piece);
    struct intake_options options = options_of(endless[_i].format, endless[_i].pointer);
    options.max_field = 1 << 20;
    CLEANUP(intake_close_at) struct intake *intake = intake_open(arena, &options);
    struct problem *problem =
        intake_feed(intake, endless[_i].beginning, strlen(endless[_i].beginning), &copy);
    int fed = 0;
    while (!problem && fed++ < 65536) /* a gigabyte */
        problem = intake_feed(intake, piece.data, piece.size, &copy);
    ck_assert_ptr_nonnull(problem);
    ck_assert_ptr_eq(problem->kind, &PROBLEM_BAD_REQUEST);
    const char *second = strchr(endless[_i].reason, '|');
    ck_assert_msg(strstr(problem->detail, second ? second + 1 : endless[_i].reason), "%s",
                  problem->detail);
    ck_assert_int_le(fed, 5 * 64 + 1); /* the limit of a row and a quarter more */
    ck_assert_uint_lt(arena_held_bytes(arena), 64 * 1024);
    ck_assert_uint_lt(copy.capacity, 64 * 1024);
}
END_TEST

/* What is read past may be of any length, as long as its parts are not. */
static const struct {
    const char *pointer;
    const char *beginning;
    const char *piece;
    const char *end;
} skipped[] = {
    { "/a", "{\"b\":[0", ",1,\"aaaaa\",{\"c\":[]}", "],\"a\":[{\"id\":2}]}" },
    { "/a", "{\"b\":", "                ", "0,\"a\":[{\"id\":2}]}" },
    { "/a", "{\"a\":[{\"id\":2}],\"b\":[0", ",1,\"aaaaa\",{\"c\":[]}", "]}" },
    { NULL, "[", "\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n", "{\"id\":2}]" },
    { NULL, "[{\"id\":2}", "\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n", "]" },
    { NULL, "[{\"id\":2}]", "\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n", "" },
};

START_TEST(what_is_read_past_takes_no_memory)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    CLEANUP(buffer_clear) struct buffer body = { 0 };
    struct intake_options options = options_of(INTAKE_JSON, skipped[_i].pointer);
    buffer_add_text(&body, skipped[_i].beginning);
    for (int i = 0; i < 300000; i++)
        buffer_add_text(&body, skipped[_i].piece);
    buffer_add_text(&body, skipped[_i].end);
    struct taken taken = take(arena, &options, body.data, body.size, 5003);
    ck_assert_pstr_eq(taken.problem, NULL);
    ck_assert_str_eq(taken.rows, ROW_2);
    ck_assert_uint_lt(arena_held_bytes(arena), 64 * 1024);
}
END_TEST

START_TEST(a_row_that_comes_byte_by_byte_costs_no_more_than_its_length)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    CLEANUP(buffer_clear) struct buffer body = { 0 };
    struct intake_options options = options_of(INTAKE_JSON, NULL);
    options.max_field = 1 << 20;
    buffer_add_text(&body, "[{\"id\":1,\"more\":[\"");
    for (int i = 0; i < 400000; i++)
        buffer_add_char(&body, 'a');
    buffer_add_text(&body, "\"]}]");
    /* each byte would look at the row anew: a hundred thousand million of them, and a time-out */
    struct taken taken = take(arena, &options, body.data, body.size, 1);
    ck_assert_pstr_eq(taken.problem, NULL);
    ck_assert_int_eq(taken.count, 1);
}
END_TEST

START_TEST(a_name_of_many_escapes_is_no_column)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    CLEANUP(buffer_clear) struct buffer body = { 0 };
    struct intake_options options = options_of(INTAKE_JSON, "/a");
    options.max_field = 1024;
    for (int part = 0; part < 2; part++) {
        buffer_add_text(&body, part ? ",\"a\":[{\"id\":2,\"" : "{\"");
        for (int i = 0; i < 100; i++)
            buffer_add_text(&body, "\\u0061");
        buffer_add_text(&body, "\":0");
    }
    buffer_add_text(&body, "}]}");
    struct taken taken = take(arena, &options, body.data, body.size, 100);
    ck_assert_msg(strstr(taken.problem, "1: row 1: the contract has no column \""), "%s",
                  taken.problem);
}
END_TEST

START_TEST(a_json_value_beyond_what_jsonb_holds_is_refused)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    CLEANUP(buffer_clear) struct buffer body = { 0 };
    struct intake_options options = options_of(INTAKE_NDJSON, NULL);
    options.max_field = 1 << 26;
    const size_t size = 33 << 20;
    buffer_add_text(&body, "{\"id\":1,\"more\":[\"");
    memset(buffer_room(&body, size), 'a', size);
    body.size += size;
    buffer_add_text(&body, "\"]}");
    struct taken taken = take(arena, &options, body.data, body.size, body.size);
    ck_assert_str_eq(taken.problem,
                     "422 faults found: 1, in 1 rows read; the first in line 1\n"
                     "1:more: row 1: [\u2026] is longer than 32 MB, the most a value of JSON may "
                     "have\n");
}
END_TEST

START_TEST(row_70001_of_json_is_named)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    CLEANUP(buffer_clear) struct buffer body = { 0 };
    struct intake_options options = options_of(INTAKE_JSON, NULL);
    for (int i = 1; i <= 80000; i++)
        buffer_print(&body, i == 70001 ? "%c\n{\"id\":\"%d\"}" : "%c\n{\"id\":%d}",
                     i == 1 ? '[' : ',', i);
    buffer_add_text(&body, "\n]\n");
    struct taken taken = take(arena, &options, body.data, body.size, 10007);
    ck_assert_str_eq(taken.problem,
                     "422 faults found: 1, in 80000 rows read; the first in line 70002\n"
                     "70002:id: row 70001: \"70001\" is a string, but the column is of type "
                     "integer\n");
}
END_TEST

static const struct {
    const char *media_type;
    enum intake_format format;
} media_types[] = {
    { "text/csv", INTAKE_CSV },
    { "TEXT/CSV; charset=utf-8", INTAKE_CSV },
    { " text/csv ;header=present", INTAKE_CSV },
    { "application/json", INTAKE_JSON },
    { "application/json;charset=utf-8", INTAKE_JSON },
    { "application/x-ndjson", INTAKE_NDJSON },
    { "application/ndjson", INTAKE_NDJSON },
    { "application/jsonl", INTAKE_NDJSON },
    { "application/jso", INTAKE_NONE },
    { "application/json2", INTAKE_NONE },
    { "application/problem+json", INTAKE_NONE },
    { "", INTAKE_NONE },
    { NULL, INTAKE_NONE },
};

START_TEST(a_media_type_tells_the_format)
{
    ck_assert_int_eq(intake_format_of(media_types[_i].media_type), media_types[_i].format);
}
END_TEST

static const struct test_case cases[] = {
    TEST_EACH(json_becomes_rows, good),
    TEST_EACH(json_that_is_wrong_is_told_where_and_why, bad),
    TEST_EACH(ndjson_is_an_object_per_line, lines),
    TEST_EACH(what_has_no_end_is_refused_at_constant_memory, endless),
    TEST_EACH(what_is_read_past_takes_no_memory, skipped),
    TEST(a_row_that_comes_byte_by_byte_costs_no_more_than_its_length),
    TEST(a_name_of_many_escapes_is_no_column),
    TEST(a_json_value_beyond_what_jsonb_holds_is_refused),
    TEST(row_70001_of_json_is_named),
    TEST_EACH(a_media_type_tells_the_format, media_types),
};
TEST_MAIN("intake_json", cases)
