#include "faults.h"
#include "server/model/scalar.h"
#include "server/model/shape.h"
#include "server/model/version.h"

#include "server/base/text.h"

static const struct {
    bool (*question)(const char *text);
    const char *text;
    bool yes;
} questions[] = {
    { shape_is_date, "2026-11-20", true },
    { shape_is_date, "2024-02-29", true },
    { shape_is_date, "2026-02-29", false },
    { shape_is_date, "2026-13-01", false },
    { shape_is_date, "2026-1-1", false },
    { shape_is_date, "2026-11-20T", false },
    { shape_is_date, "", false },
    { shape_is_time, "17:31:04", true },
    { shape_is_time, "17:31:04.5", true },
    { shape_is_time, "17:31:04.", false },
    { shape_is_time, "24:00:00", false },
    { shape_is_time, "17:60:00", false },
    { shape_is_time, "17:31", false },
    { shape_is_instant, "2026-11-20T17:31:04Z", true },
    { shape_is_instant, "2026-11-20t17:31:04.123z", true },
    { shape_is_instant, "2026-11-20T17:31:04-05:30", true },
    { shape_is_instant, "2026-11-20 17:31:04Z", false },
    { shape_is_instant, "2026-11-20T17:31:04", false },
    { shape_is_instant, "2026-11-20T17:31:04+5", false },
    { shape_is_instant, "2026-11-20T17:31:04+25:00", false },
    { shape_is_instant, "2026-11-20T17:31:04Zz", false },
    { shape_is_id, "a.b_c~d:e-F9", true },
    { shape_is_id, "", false },
    { shape_is_id, "a/b", false },
    { shape_is_id, "a b", false },
    { shape_is_id, "é", false },
    { scalar_needs_quotes, "plain text", false },
    { scalar_needs_quotes, "1.0.0", false },
    { scalar_needs_quotes, "v1", false },
    { scalar_needs_quotes, "1.0", true },
    { scalar_needs_quotes, "2026-11-20", true },
    { scalar_needs_quotes, "-1", true },
    { scalar_needs_quotes, ".5", true },
    { scalar_needs_quotes, "NO", true },
    { scalar_needs_quotes, "off", true },
    { scalar_needs_quotes, "offer", false },
    { scalar_needs_quotes, "", true },
    { scalar_needs_quotes, "~", true },
    { scalar_needs_quotes, "True", true },
    { scalar_needs_quotes, "tRUE", false },
    { scalar_number_is_kept, "1e308", true },
    { scalar_number_is_kept, "1e309", false },
};

START_TEST(small_questions_have_answers)
{
    ck_assert_int_eq(questions[_i].question(questions[_i].text), questions[_i].yes);
}
END_TEST

static const struct {
    const char *text;
    bool right;
    struct version version;
} versions[] = {
    { "1.2.3", true, { 1, 2, 3 } },           { "0.0.0", true, { 0, 0, 0 } },
    { "999999.1.0", true, { 999999, 1, 0 } }, { "1000000.1.0", false, { 0, 0, 0 } },
    { "01.2.3", false, { 0, 0, 0 } },         { "1.2", false, { 0, 0, 0 } },
    { "1.2.", false, { 0, 0, 0 } },           { "1.2.3.4", false, { 0, 0, 0 } },
    { "1.2.3-rc1", false, { 0, 0, 0 } },      { "v1.2.3", false, { 0, 0, 0 } },
    { "1.-2.3", false, { 0, 0, 0 } },         { "", false, { 0, 0, 0 } },
};

START_TEST(a_version_has_three_numbers)
{
    struct version version = { 0 };
    ck_assert_int_eq(version_parse(versions[_i].text, &version), versions[_i].right);
    ck_assert_int_eq(version_compare(version, versions[_i].version), 0);
}
END_TEST

START_TEST(versions_are_compared_number_by_number)
{
    const struct version list[] = {
        { 0, 9, 9 }, { 1, 0, 0 }, { 1, 0, 10 }, { 1, 2, 0 }, { 10, 0, 0 }
    };
    for (size_t i = 1; i < COUNT(list); i++) {
        ck_assert_int_lt(version_compare(list[i - 1], list[i]), 0);
        ck_assert_int_gt(version_compare(list[i], list[i - 1]), 0);
    }
}
END_TEST

static const struct shape_member inner_members[] = {
    { "uri", SHAPE_URI },
    { "stable", SHAPE_STABLE_ID },
    { "whole", SHAPE_INTEGER },
    { "single", SHAPE_SCALAR },
};
static const struct shape inner = { "the inside", inner_members, COUNT(inner_members) };
static const char *const colours[] = { "red", "green", "blue", NULL };
static const struct shape_member base_members[] = { { "identity", SHAPE_TEXT, .required = true } };
static const struct shape base = { "the base", base_members, COUNT(base_members) };
static const struct shape_member members[] = {
    { "colour", SHAPE_TEXT, .allowed = colours },
    { "colours", SHAPE_TEXTS, .allowed = colours },
    { "inside", SHAPE_OBJECT, .of = &inner },
    { "insides", SHAPE_LIST, .of = &inner },
    { "flag", SHAPE_BOOL },
};
static const struct shape whole = { "a thing", members, COUNT(members), .base = &base };

static const struct {
    const char *yaml;
    const char *faults;
} shapes[] = {
    { "{identity: a, colour: red, colours: [blue, red], flag: false, insides: [{}, {whole: 1.0}]}",
      "" },
    { "{}", "f:1: a thing needs the member identity\n" },
    { "{identity: ~}", "f:1:/identity: has no value; it must be text\n" },
    { "{identity: true}", "f:1:/identity: must be text; put it in quotes\n" },
    { "{identity: a, color: red}",
      "f:1:/color: a thing has no member of this name; is colour meant?\n" },
    { "{identity: a, Flag: true}",
      "f:1:/Flag: a thing has no member of this name; is flag meant?\n" },
    { "{identity: a, falg: true}",
      "f:1:/falg: a thing has no member of this name; is flag meant?\n" },
    { "{idenitty: a}", "f:1: a thing needs the member identity\n"
                       "f:1:/idenitty: a thing has no member of this name; is identity meant?\n" },
    { "{identity: a, nothing: 1}", "f:1:/nothing: a thing has no member of this name\n" },
    { "{identity: a, colour: pink, colours: [red, pink]}",
      "f:1:/colour: \"pink\" is not known here; allowed: red, green or blue\n"
      "f:1:/colours/1: \"pink\" is not known here; allowed: red, green or blue\n" },
    { "{identity: a, flag: yes, colours: red, inside: [], insides: [1]}",
      "f:1:/flag: must be true or false, not text\n"
      "f:1:/colours: must be a list, not text\n"
      "f:1:/inside: must be an object, not a list\n"
      "f:1:/insides/0: must be an object, not a number\n" },
    { "{identity: a, inside: {uri: example.org, stable: a b, whole: 1.5, single: [1]}}",
      "f:1:/inside/uri: must be a URI with its scheme, such as https://example.org/x\n"
      "f:1:/inside/stable: may have letters, digits, _ and - only\n"
      "f:1:/inside/whole: must be a whole number, not 1.5\n"
      "f:1:/inside/single: must be a single value, not a list\n" },
    { "{identity: a, inside: {uri: 'urn:a:b', stable: a-B_9, whole: 100000000000000000000000, "
      "single: null}}",
      "" },
};

START_TEST(an_object_is_checked_against_its_shape)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    struct faults faults;
    faults_init(&faults, arena, 10);
    bool right = shape_check(&whole, yaml_node(arena, shapes[_i].yaml), &faults);
    ck_assert_int_eq(right, !*shapes[_i].faults);
    const char *found = faults_text(arena, &faults);
    /* the order of members of one line is of no interest: compare line by line */
    ck_assert_uint_eq(strlen(found), strlen(shapes[_i].faults));
    char **lines = text_split(arena, shapes[_i].faults, "\n");
    for (size_t i = 0; lines[i]; i++)
        ck_assert_ptr_nonnull(strstr(found, lines[i]));
}
END_TEST

static const struct test_case cases[] = {
    TEST_EACH(small_questions_have_answers, questions),
    TEST_EACH(a_version_has_three_numbers, versions),
    TEST(versions_are_compared_number_by_number),
    TEST_EACH(an_object_is_checked_against_its_shape, shapes),
};
TEST_MAIN("shape", cases)
