#include "faults.h"
#include "server/model/document.h"

#include "server/base/buffer.h"

static struct arena *arena;

static void make_arena(void)
{
    arena = arena_new(65536);
}

static void drop_arena(void)
{
    arena_free(arena);
}

/* Read a text; give its JSON, or its faults. */
static const char *reading_of(const char *text, size_t size, size_t limit,
                              enum document_format format)
{
    struct faults faults;
    faults_init(&faults, arena, 10);
    const struct document_text source = { "f", text, size, format };
    const struct node *root = document_parse(arena, &source, limit, &faults);
    ck_assert_int_eq(root == NULL, faults.count > 0);
    return root ? node_json(arena, root) : faults_text(arena, &faults);
}

static const struct {
    const char *yaml;
    const char *json; /* or the faults */
} yamls[] = {
    /* the core schema of YAML 1.2 */
    { "[true, True, TRUE, false, False, FALSE]", "[true,true,true,false,false,false]" },
    { "[yes, no, on, off, y, n, tRue]", "[\"yes\",\"no\",\"on\",\"off\",\"y\",\"n\",\"tRue\"]" },
    { "[null, Null, NULL, ~, , nULL]", "f:1:23: broken YAML: did not find expected node content, "
                                       "while parsing a flow node\n" },
    { "[null, Null, NULL, ~, nULL]", "[null,null,null,null,\"nULL\"]" },
    { "a:\nb: ''", "{\"a\":null,\"b\":\"\"}" },
    { "[0, -1, +5, 007, 12345678901234567890123]", "[0,-1,5,7,12345678901234567890123]" },
    { "[1.5, .5, -.5, 1., 0.10, 1e3, 1.5E-7, +.5e+3]",
      "[1.5,0.5,-0.5,1.0,0.10,1e3,1.5E-7,0.5e+3]" },
    { "[0x1F, 0o17, 0b1, 1_000, -0x1F]", "[31,15,\"0b1\",\"1_000\",\"-0x1F\"]" },
    { "[2026-11-20, 2026-11-20T17:31:04Z, 12:30:45, 1.0.0, ., +]",
      "[\"2026-11-20\",\"2026-11-20T17:31:04Z\",\"12:30:45\",\"1.0.0\",\".\",\"+\"]" },
    { "[\"true\", '1', \"null\", !!str 5, ! 5]", "[\"true\",\"1\",\"null\",\"5\",\"5\"]" },
    { "- |\n  a\n   b\n- >\n  a\n  b\n- |-\n  a", "[\"a\\n b\\n\",\"a b\\n\",\"a\"]" },
    { "1: a\ntrue: b\n~: c", "{\"1\":\"a\",\"true\":\"b\",\"~\":\"c\"}" },
    { "\"\\u00e9\\x41\\U0001F30D\"", "\"éA🌍\"" },
    { "\xEF\xBB\xBF"
      "a: 1",
      "{\"a\":1}" },
    { "{}", "{}" },
    { "--- a\n...\n", "\"a\"" },
    { "%YAML 1.2\n---\na", "\"a\"" },

    /* anchors */
    { "a: &x [1, {b: 2}]\nc: *x\nd: *x", "{\"a\":[1,{\"b\":2}],\"c\":[1,{\"b\":2}],"
                                         "\"d\":[1,{\"b\":2}]}" },
    { "- &x 1\n- *x\n- &x 2\n- *x", "[1,1,2,2]" },
    { "a: *x", "f:1:4: there is no anchor &x before this alias\n" },
    { "a: &x [*x]", "f:1:8: the alias *x is inside what it stands for\n" },
    { "&x a: 1", "f:1:1: a name cannot have an anchor\n" },
    { "a: &x b\n*x : c", "f:2:1: a name cannot be an alias\n" },
    { "a: &x {b: 1}\nc:\n  <<: *x", "f:3:3: merge keys (<<) are not part of YAML 1.2; write the "
                                    "members out\n" },

    /* refused */
    { "", "f:1: there is nothing in it\n" },
    { "# only this\n", "f:1: there is nothing in it\n" },
    { "a: 1\nb: 2\na: 3\nb: 4", "f:3:/a: the member is here already, on line 1\n"
                                "f:4:/b: the member is here already, on line 2\n" },
    { "a:\n  b/~: 1\n  b/~: 2", "f:3:/a/b~1~0: the member is here already, on line 2\n" },
    { "a: 1\n---\nb: 2", "f:2:1: a second document begins here; a file holds one document\n" },
    { "a: [1\nb: 2", "f:2:2: broken YAML: did not find expected ',' or ']', while parsing a flow "
                     "sequence\n" },
    { "a: b: c", "f:1:5: broken YAML: mapping values are not allowed in this context\n" },
    { "\ta: 1", "f:1:1: broken YAML: found character that cannot start any token, while scanning "
                "for the next token\n" },
    { "a: @x",
      "f:1:4: broken YAML: found character that cannot start any token, while scanning for "
      "the next token\n" },
    { "[a, b]: 1", "f:1:1: a name must be text, not a list or an object\n" },
    { "{a: 1}: 1", "f:1:1: a name must be text, not a list or an object\n" },
    { "a: !!binary aGk=", "f:1:4: tags are not read here; only !!str is\n" },
    { "a: !x {b: 1}", "f:1:4: tags are not read here; only !!str is\n" },
    { "a: .inf",
      "f:1:4: this number cannot be kept: it is not finite, or has more than 100 digits; "
      "put it in quotes if it is meant as text\n" },
    { "a: -.NaN", "f:1:4: this number cannot be kept: it is not finite, or has more than 100 "
                  "digits; put it in quotes if it is meant as text\n" },
    { "a: 1e999",
      "f:1:4: this number cannot be kept: it is not finite, or has more than 100 digits; "
      "put it in quotes if it is meant as text\n" },
    { "a: \"\\0\"", "f:1:4: text must not hold a NUL\n" },
    { "\"\\0\": a", "f:1:1: a name must not hold a NUL\n" },
    { "a: \xff", "f: it is no text: it must be UTF-8 without NUL bytes\n" },
    { "a: \"\\ud800\"", "f:1:7: broken YAML: found invalid Unicode character escape code, while "
                        "parsing a quoted scalar\n" },
};

START_TEST(yaml_is_read_by_its_core_schema)
{
    ck_assert_str_eq(
        reading_of(yamls[_i].yaml, strlen(yamls[_i].yaml), DOCUMENT_BYTES, DOCUMENT_YAML),
        yamls[_i].json);
}
END_TEST

static const struct {
    const char *text;
    const char *json; /* or the faults */
} jsons[] = {
    { " {\"a\" : [ 1 , -2.50, 1e3, true,false,null,\"x\"] }\n",
      "{\"a\":[1,-2.50,1e3,true,false,null,\"x\"]}" },
    { "0.1000000000000000055511151231257827", "0.1000000000000000055511151231257827" },
    { "123456789012345678901234567890", "123456789012345678901234567890" },
    { "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83c\\udf0d\\u0001\"",
      "\"\\\"\\\\/\\b\\f\\n\\r\\té🌍\\u0001\"" },
    { "[]", "[]" },
    { "{}", "{}" },
    { "", "f:1:1: broken JSON: the text ends where a value should be\n" },
    { "{a: 1}", "f:1:2: broken JSON: a name in quotes must be here\n" },
    { "{\"a\" 1}", "f:1:6: broken JSON: a colon must be here\n" },
    { "[1,]", "f:1:4: broken JSON: a value must be here\n" },
    { "[1 2]", "f:1:4: broken JSON: a comma or ] must be here\n" },
    { "{\"a\":1,}", "f:1:8: broken JSON: a name in quotes must be here\n" },
    { "{\"é\":\n  tru}", "f:2:3: broken JSON: a value must be here\n" },
    { "[\"é\", x]", "f:1:7: broken JSON: a value must be here\n" },
    { "01", "f:1:2: broken JSON: more follows behind the value\n" },
    { "+1", "f:1:1: broken JSON: a value must be here\n" },
    { "-", "f:1:2: broken JSON: a number needs a digit\n" },
    { "1.", "f:1:3: broken JSON: a number needs a digit behind its point\n" },
    { "1e", "f:1:3: broken JSON: a number needs a digit in its exponent\n" },
    { "1e999", "f:1:6: broken JSON: a number is too large, or has more than 100 digits\n" },
    { "nul", "f:1:1: broken JSON: a value must be here\n" },
    { "\"a", "f:1:3: broken JSON: the text ends inside a string\n" },
    { "\"a\nb\"", "f:1:3: broken JSON: a control character in a string must be written as an "
                  "escape\n" },
    { "\"\\x\"", "f:1:3: broken JSON: no such escape behind \\\n" },
    { "\"\\u12g4\"", "f:1:6: broken JSON: \\u needs four hexadecimal digits\n" },
    { "\"\\u0000\"", "f:1:8: broken JSON: text must not hold a NUL\n" },
    { "\"\\ud83c\"", "f:1:8: broken JSON: half of a surrogate pair stands alone\n" },
    { "\"\\ud83c\\u0041\"", "f:1:14: broken JSON: half of a surrogate pair stands alone\n" },
    { "\"\\udf0d\"", "f:1:8: broken JSON: half of a surrogate pair stands alone\n" },
    { "{\"a\":1,\n \"a\":2}", "f:2:/a: the member is here already, on line 1\n" },
    { "[1] x", "f:1:5: broken JSON: more follows behind the value\n" },
};

START_TEST(json_is_read_to_the_last_digit)
{
    ck_assert_str_eq(
        reading_of(jsons[_i].text, strlen(jsons[_i].text), DOCUMENT_BYTES, DOCUMENT_JSON),
        jsons[_i].json);
}
END_TEST

/* count times a text */
static const char *repeated(const char *text, int count)
{
    CLEANUP(buffer_clear) struct buffer all = { 0 };
    for (int i = 0; i < count; i++)
        buffer_add_text(&all, text);
    return arena_copy(arena, all.data, all.size);
}

START_TEST(depth_is_limited_in_both)
{
    const char *fits =
        arena_print(arena, "%s%s", repeated("[", DOCUMENT_DEPTH), repeated("]", DOCUMENT_DEPTH));
    const char *deep = arena_print(arena, "[%s]", fits);
    const char *endless = repeated("[", 100000);
    ck_assert_str_eq(reading_of(fits, strlen(fits), DOCUMENT_BYTES, DOCUMENT_YAML), fits);
    ck_assert_str_eq(reading_of(fits, strlen(fits), DOCUMENT_BYTES, DOCUMENT_JSON), fits);
    ck_assert_str_eq(reading_of(deep, strlen(deep), DOCUMENT_BYTES, DOCUMENT_YAML),
                     "f:1:65: lists and objects may be 64 deep inside each other\n");
    ck_assert_str_eq(reading_of(deep, strlen(deep), DOCUMENT_BYTES, DOCUMENT_JSON),
                     "f:1:65: broken JSON: lists and objects are too deep inside each other\n");
    ck_assert_str_eq(reading_of(endless, 100000, DOCUMENT_BYTES, DOCUMENT_YAML),
                     "f:1:65: lists and objects may be 64 deep inside each other\n");
    ck_assert_str_eq(reading_of(endless, 100000, DOCUMENT_BYTES, DOCUMENT_JSON),
                     "f:1:65: broken JSON: lists and objects are too deep inside each other\n");
    const char *alias = arena_print(arena, "- &a %s\n- [*a]", fits + 2);
    ck_assert_ptr_nonnull(
        strstr(reading_of(alias, strlen(alias) - 2, DOCUMENT_BYTES, DOCUMENT_YAML), "f:"));
}
END_TEST

START_TEST(size_is_limited)
{
    ck_assert_str_eq(reading_of("abcdef", 6, 6, DOCUMENT_YAML), "\"abcdef\"");
    ck_assert_str_eq(reading_of("abcdefg", 7, 6, DOCUMENT_YAML),
                     "f: it has 7 bytes; at most 6 are read\n");
    ck_assert_str_eq(reading_of("a\0b", 3, 6, DOCUMENT_YAML),
                     "f: it is no text: it must be UTF-8 without NUL bytes\n");
}
END_TEST

START_TEST(aliases_cannot_grow_beyond_the_limits)
{
    /* nine levels of ten: a billion values from 400 bytes */
    CLEANUP(buffer_clear) struct buffer bomb = { 0 };
    buffer_add_text(&bomb, "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for (int level = 1; level < 10; level++) {
        buffer_print(&bomb, "a%d: &a%d [", level, level);
        for (int i = 0; i < 10; i++)
            buffer_print(&bomb, "%s*a%d", i ? ", " : "", level - 1);
        buffer_add_text(&bomb, "]\n");
    }
    const char *reading = reading_of(bomb.data, bomb.size, DOCUMENT_BYTES, DOCUMENT_YAML);
    ck_assert_ptr_nonnull(strstr(reading, "too large once its aliases are written out"));

    /* one long text, many times */
    buffer_reset(&bomb);
    buffer_print(&bomb, "- &a %s\n", repeated("x", 10000));
    for (int i = 0; i < 200; i++)
        buffer_add_text(&bomb, "- *a\n");
    reading = reading_of(bomb.data, bomb.size, DOCUMENT_BYTES, DOCUMENT_YAML);
    ck_assert_ptr_nonnull(strstr(reading, "too large once its aliases are written out"));

    /* looking for anchors takes no more than so many */
    buffer_reset(&bomb);
    for (int i = 0; i < 1001; i++)
        buffer_print(&bomb, "- &a%d x\n", i);
    ck_assert_str_eq(reading_of(bomb.data, bomb.size, DOCUMENT_BYTES, DOCUMENT_YAML),
                     "f:1001:3: at most 1000 anchors are read\n");
}
END_TEST

/* Each is written as YAML and must come back equal. */
static const char *const round_trips[] = {
    "{}",
    "[]",
    "\"\"",
    "null",
    "{\"a\":{},\"b\":[],\"c\":[[],[{}]]}",
    "[true,\"true\",null,\"null\",\"~\",1,\"1\",1.50,\"1.50\",\"yes\",\"No\",\"on\",\"0x1F\"]",
    "[\"2026-11-20\",\"12:30\",\"1_000\",\"1e3\",\".5\",\"-\",\"- a\",\"a: b\",\"a #b\",\"#\"]",
    "[\"*a\",\"&a\",\"!a\",\"%a\",\"@a\",\"`a\",\"|\",\">\",\"?\",\"{\",\"[\",\",\",\"'\","
    "\"\\\"\"]",
    "[\" a\",\"a "
    "\",\"\\ta\",\"a\\t\",\"a\\n\",\"\\na\",\"a\\n\\n\",\"\\n\",\"a\\rb\",\"a\\r\\nb\"]",
    "[\"SELECT a,\\n       b\\n  FROM c\\n\",\"SELECT 1 -- x \\n\",\"a\\n b \\nc\",\"  a\\nb\"]",
    "[\"é\",\"🌍\",\"\\u0001\",\"\\u007f\",\"\xC2\x85\",\"\u00a0\",\"\u2028x\",\"\ufeffx\","
    "\"\uffff\"]",
    "{\"1\":1,\"true\":2,\"\":3,\"a\\nb\":4,\"- x\":5,\"<<\":6,\"a: b\":7,\" \":8}",
    "{\"=\":\"=\",\"<<\":\"<<\",\"...\":\"...\",\"---\":\"---\",\"x\":\"--- a\\n... b\\n\"}",
};

START_TEST(what_is_written_as_yaml_reads_back_equal)
{
    const char *json = round_trips[_i];
    const char *yaml;
    ck_assert_ptr_null(document_yaml_of_json(arena, json, strlen(json), &yaml));
    ck_assert_str_eq(reading_of(yaml, strlen(yaml), DOCUMENT_BYTES, DOCUMENT_YAML),
                     reading_of(json, strlen(json), DOCUMENT_BYTES, DOCUMENT_JSON));
}
END_TEST

START_TEST(long_names_read_back_equal)
{
    /* names of more than 128 letters, and of more than YAML's 1024, need another form */
    for (int size = 100; size <= 1200; size += 100) {
        const char *json =
            arena_print(arena, "{\"%s\":[{\"%s\":1}]}", repeated("x", size), repeated("é ", size));
        const char *yaml;
        ck_assert_ptr_null(document_yaml_of_json(arena, json, strlen(json), &yaml));
        ck_assert_str_eq(reading_of(yaml, strlen(yaml), DOCUMENT_BYTES, DOCUMENT_YAML), json);
    }
}
END_TEST

START_TEST(sql_is_written_as_a_block)
{
    const char *json =
        "{\"version\":\"1.0.0\",\"sql\":\"SELECT a\\n  FROM b\\n\",\"list\":[\"1.0\",1.0]}";
    const char *yaml;
    ck_assert_ptr_null(document_yaml_of_json(arena, json, strlen(json), &yaml));
    ck_assert_str_eq(yaml, "version: 1.0.0\n"
                           "sql: |\n"
                           "  SELECT a\n"
                           "    FROM b\n"
                           "list:\n"
                           "- '1.0'\n"
                           "- 1.0\n");
}
END_TEST

static const struct test_case cases[] = {
    TEST_EACH(yaml_is_read_by_its_core_schema, yamls),
    TEST_EACH(json_is_read_to_the_last_digit, jsons),
    TEST(depth_is_limited_in_both),
    TEST(size_is_limited),
    TEST(aliases_cannot_grow_beyond_the_limits),
    TEST_EACH(what_is_written_as_yaml_reads_back_equal, round_trips),
    TEST(long_names_read_back_equal),
    TEST(sql_is_written_as_a_block),
};

int main(void)
{
    return test_run_with("document", cases, COUNT(cases), make_arena, drop_arena);
}
