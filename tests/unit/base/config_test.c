#include "server/base/config.h"
#include "tests/unit/test.h"

#include <string.h>

static struct problem *read_words(struct arena *arena, const char *const *words,
                                  const struct config **out_config, char ***out_rest)
{
    char *arguments[8];
    int count = 0;
    for (; words[count]; count++)
        arguments[count] = arena_text(arena, words[count]);
    return config_read(arena, count, arguments, out_config, out_rest);
}

START_TEST(options_come_from_words_then_environment_then_defaults)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    static const char *const words[] = { "folder", "--max-body", "2MB", "--listen=[::1]:0", NULL };
    const struct config *config;
    char **rest;
    ck_assert_int_eq(setenv("ENTREPOT_MAX_BODY", "7MB", 1), 0);
    ck_assert_int_eq(setenv("ENTREPOT_IDLE_TIMEOUT", "90s", 1), 0);
    ck_assert_ptr_null(read_words(arena, words, &config, &rest));
    ck_assert_int_eq(config_number(config, CONFIG_MAX_BODY), 2 * 1024 * 1024);
    ck_assert_int_eq(config_number(config, CONFIG_IDLE_TIMEOUT), 90000);
    ck_assert_int_eq(config_number(config, CONFIG_DRAIN_TIMEOUT), 30000);
    ck_assert_str_eq(config_text(config, CONFIG_LISTEN), "[::1]:0");
    ck_assert_ptr_null(config_text(config, CONFIG_DATABASE));
    ck_assert_str_eq(rest[0], "folder");
    ck_assert_ptr_null(rest[1]);
}
END_TEST

static const struct {
    const char *words[4];
    const char *detail; /* part of it */
} wrong[] = {
    { { "--nonsense", "1" }, "unknown option --nonsense" },
    { { "--max-body" }, "--max-body needs a value" },
    { { "--max-body", "lots" }, "--max-body must be a size" },
    { { "--max-body", "-1" }, "--max-body must be a size" },
    { { "--max-body", "1" }, "--max-body must be 1024 to" },
    { { "--max-body", "99999999999999999999GB" }, "--max-body must be a size" },
    { { "--idle-timeout", "60" }, "--idle-timeout must be a time" },
    { { "--workers", "0" }, "--workers must be 1 to 256" },
};

START_TEST(a_wrong_option_is_named_with_what_would_be_right)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    const struct config *config;
    char **rest;
    struct problem *problem = read_words(arena, wrong[_i].words, &config, &rest);
    ck_assert_ptr_nonnull(problem);
    ck_assert_ptr_eq(problem->kind, &PROBLEM_START);
    ck_assert_msg(strstr(problem->detail, wrong[_i].detail) != NULL, "%s", problem->detail);
}
END_TEST

START_TEST(every_option_has_a_help_line_and_a_default_in_its_range)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    static const char *const none[] = { NULL };
    const struct config *config;
    char **rest;
    ck_assert_ptr_null(read_words(arena, none, &config, &rest));
    const char *help = config_help(arena);
    const char *table = config_markdown(arena);
    for (enum config_id id = 0; id < CONFIG_OPTION_COUNT; id++) {
        ck_assert_ptr_nonnull(config_options[id].name);
        ck_assert_ptr_nonnull(strstr(help, config_options[id].help));
        ck_assert_ptr_nonnull(strstr(table, config_options[id].name));
    }
}
END_TEST

static const struct test_case cases[] = {
    TEST(options_come_from_words_then_environment_then_defaults),
    TEST_EACH(a_wrong_option_is_named_with_what_would_be_right, wrong),
    TEST(every_option_has_a_help_line_and_a_default_in_its_range),
};
TEST_MAIN("config", cases)
