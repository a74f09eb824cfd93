#include "server/base/problem.h"
#include "tests/unit/test.h"

#include <jansson.h>
#include <string.h>

START_TEST(a_problem_is_written_as_rfc_9457_says_without_its_cause)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(1024);
    struct problem *problem = problem_because(
        arena, problem_new(arena, &PROBLEM_NOT_FOUND, "no dataset named \"%s\"", "x\n"), "secret");
    problem_add_text(arena, problem, "hint", "look again");
    problem_add_number(arena, problem, "line", 7);
    const char *text = problem_json(arena, problem, "/output/x");
    ck_assert_ptr_null(strstr(text, "secret"));
    json_t *json = json_loads(text, 0, NULL);
    ck_assert_ptr_nonnull(json);
    ck_assert_str_eq(json_string_value(json_object_get(json, "type")),
                     "urn:entrepot:problem:not-found");
    ck_assert_int_eq(json_integer_value(json_object_get(json, "status")), 404);
    ck_assert_str_eq(json_string_value(json_object_get(json, "detail")),
                     "no dataset named \"x\n\"");
    ck_assert_str_eq(json_string_value(json_object_get(json, "instance")), "/output/x");
    ck_assert_str_eq(json_string_value(json_object_get(json, "hint")), "look again");
    ck_assert_int_eq(json_integer_value(json_object_get(json, "line")), 7);
    json_decref(json);
    ck_assert_int_eq(problem_number(problem, "line", 0), 7);
    ck_assert_int_eq(problem_number(problem, "absent", -1), -1);
    ck_assert_str_eq(problem_text(problem, "hint"), "look again");
    ck_assert_ptr_null(problem_text(problem, "line"));
}
END_TEST

START_TEST(bytes_that_are_no_utf8_do_not_break_the_document)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(1024);
    struct problem *problem = problem_new(arena, &PROBLEM_BAD_REQUEST, "name %s", "\xFF");
    json_t *json = json_loads(problem_json(arena, problem, NULL), 0, NULL);
    ck_assert_ptr_nonnull(json);
    json_decref(json);
}
END_TEST

START_TEST(an_error_of_OData_has_code_message_target_and_details)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(1024);
    struct problem *problem = problem_new(arena, &PROBLEM_BAD_QUERY, "no \"x\" %s", "\xC3\xA9");
    problem_add_text(arena, problem, "option", "filter");
    (void)problem_because(arena, problem, "a secret");
    ck_assert_str_eq(PROBLEM_ODATA.write(arena, problem, "/odata/x"),
                     "{\"error\":{\"code\":\"bad-query\",\"message\":\"no \\\"x\\\" \xC3\xA9\","
                     "\"target\":\"filter\"}}\n");
    struct faults faults;
    faults_init(&faults, arena, 2);
    faults_add(&faults, NULL, 3, "amount", "is no number");
    faults_add(&faults, NULL, 0, NULL, "\xFF");
    problem = faults_problem(&faults, &PROBLEM_CONTRACT, "bad rows");
    ck_assert_str_eq(
        PROBLEM_ODATA.write(arena, problem, NULL),
        "{\"error\":{\"code\":\"contract\",\"message\":\"bad rows\",\"details\":["
        "{\"code\":\"contract\",\"message\":\"line 3: is no number\",\"target\":\"amount\"},"
        "{\"code\":\"contract\",\"message\":\"(not UTF-8)\"}]}}\n");
}
END_TEST

START_TEST(faults_are_kept_to_a_limit_and_counted_beyond)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(1024);
    struct faults faults;
    faults_init(&faults, arena, 2);
    ck_assert_ptr_null(faults_problem(&faults, &PROBLEM_CONTRACT, "bad"));
    for (int i = 1; i <= 5; i++)
        faults_add(&faults, "orders.yaml", i, "amount", "value %d", i);
    struct problem *problem = faults_problem(&faults, &PROBLEM_CONTRACT, "bad rows");
    ck_assert_ptr_nonnull(problem);
    ck_assert_int_eq(problem_number(problem, "fault_count", 0), 5);
    ck_assert_ptr_null(problem->faults->next->next);
    const char *lines = problem_lines(arena, problem);
    ck_assert_ptr_nonnull(strstr(lines, "orders.yaml:2:amount: value 2\n"));
    ck_assert_ptr_nonnull(strstr(lines, "and 3 more"));
    json_t *json = json_loads(problem_json(arena, problem, NULL), 0, NULL);
    ck_assert_uint_eq(json_array_size(json_object_get(json, "faults")), 2);
    json_decref(json);
}
END_TEST

static struct problem *fails(struct arena *arena, bool really)
{
    return really ? problem_new(arena, &PROBLEM_BUSY, "later") : NULL;
}

static struct problem *hands_up(struct arena *arena, bool really, bool *out_reached)
{
    TRY(fails(arena, really));
    *out_reached = true;
    return NULL;
}

START_TEST(try_hands_a_problem_up_and_goes_on_without_one)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(1024);
    bool reached = false;
    ck_assert_ptr_eq(hands_up(arena, true, &reached)->kind, &PROBLEM_BUSY);
    ck_assert(!reached);
    ck_assert_ptr_null(hands_up(arena, false, &reached));
    ck_assert(reached);
}
END_TEST

static const struct test_case cases[] = {
    TEST(a_problem_is_written_as_rfc_9457_says_without_its_cause),
    TEST(bytes_that_are_no_utf8_do_not_break_the_document),
    TEST(an_error_of_OData_has_code_message_target_and_details),
    TEST(faults_are_kept_to_a_limit_and_counted_beyond),
    TEST(try_hands_a_problem_up_and_goes_on_without_one),
};
TEST_MAIN("problem", cases)
