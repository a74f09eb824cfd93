#include "server/http/scope.h"
#include "tests/unit/test.h"

static const struct {
    enum scope scope;
    const char *name;
} names[] = {
    { SCOPE_INPUT_WRITE, "input:write" },     { SCOPE_INPUT_READ, "input:read" },
    { SCOPE_OUTPUT_READ, "output:read" },     { SCOPE_CONTROL_READ, "control:read" },
    { SCOPE_CONTROL_WRITE, "control:write" }, { SCOPE_OBSERVABILITY_READ, "observability:read" },
};

START_TEST(a_scope_has_a_name_and_is_found_by_it)
{
    ck_assert_str_eq(scope_name(names[_i].scope), names[_i].name);
    ck_assert_int_eq(scope_by_name(names[_i].name), names[_i].scope);
}
END_TEST

static const char *const strangers[] = {
    "", "input", "input:", "input:write ", "INPUT:WRITE", "input:write\n", "public", "refused",
};

START_TEST(a_name_that_is_no_scope_is_refused)
{
    ck_assert_int_eq(scope_by_name(strangers[_i]), SCOPE_REFUSED);
}
END_TEST

START_TEST(open_and_refused_scopes_have_no_name)
{
    ck_assert_str_eq(scope_name(SCOPE_PUBLIC), "");
    ck_assert_str_eq(scope_name(SCOPE_DISCOVERY), "");
    ck_assert_str_eq(scope_name(SCOPE_REFUSED), "");
}
END_TEST

static const struct test_case cases[] = {
    TEST_EACH(a_scope_has_a_name_and_is_found_by_it, names),
    TEST_EACH(a_name_that_is_no_scope_is_refused, strangers),
    TEST(open_and_refused_scopes_have_no_name),
};
TEST_MAIN("scope", cases)
