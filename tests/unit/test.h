/*
 * What every unit program shares: Check, and a main that runs one list of cases and prints TAP.
 *
 *     static const struct test_case cases[] = { TEST(names_are_kept),
 *                                               TEST_EACH(a_path_finds_its_route, paths) };
 *     TEST_MAIN("router", cases)
 *
 * TEST_EACH runs a test once per row of a table; _i is the row.
 */
#ifndef ENTREPOT_TESTS_UNIT_TEST_H
#define ENTREPOT_TESTS_UNIT_TEST_H

#include <check.h>
#include <stdlib.h>

struct test_case {
    const TTest **test;
    int rows; /* 0: once; otherwise once per row, _i tells which */
};

#define TEST(name)                                                                                 \
    {                                                                                              \
        &name, 0                                                                                   \
    }
#define TEST_EACH(name, table)                                                                     \
    {                                                                                              \
        &name, (int)(sizeof(table) / sizeof((table)[0]))                                           \
    }

/* Check's runner: one suite, TAP on standard output through CK_TAP_LOG_FILE_NAME. setup and
 * teardown (may be NULL) run around each test, in its own process. */
static inline int test_run_with(const char *name, const struct test_case *cases, size_t count,
                                SFun setup, SFun teardown)
{
    Suite *suite = suite_create(name);
    for (size_t i = 0; i < count; i++) {
        TCase *tcase = tcase_create((*cases[i].test)->name);
        tcase_set_timeout(tcase, 120);
        tcase_add_checked_fixture(tcase, setup, teardown);
        if (cases[i].rows)
            tcase_add_loop_test(tcase, *cases[i].test, 0, cases[i].rows);
        else
            tcase_add_test(tcase, *cases[i].test);
        suite_add_tcase(suite, tcase);
    }
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

static inline int test_run(const char *name, const struct test_case *cases, size_t count)
{
    return test_run_with(name, cases, count, NULL, NULL);
}

#define TEST_MAIN(name, cases)                                                                     \
    int main(void)                                                                                 \
    {                                                                                              \
        return test_run(name, cases, sizeof(cases) / sizeof((cases)[0]));                          \
    }

#endif
