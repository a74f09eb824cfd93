#include "server/auth/verifier.h"
#include "server/base/text.h"
#include "tests/unit/test.h"

#include <string.h>

static const struct {
    const char *field;
    const char *token; /* NULL: refused */
    const char *error;
} fields[] = {
    { "Bearer a.b.c", "a.b.c", NULL },
    { "bearer a.b.c", "a.b.c", NULL },
    { "BEARER   a.b.c", "a.b.c", NULL },
    { "Bearer a.b.c \t ", "a.b.c", NULL },
    { "Bearer abc-._~+/==", "abc-._~+/==", NULL },
    /* ":a.b.c" and "token:a.b.c" */
    { "Basic OmEuYi5j", "a.b.c", NULL },
    { "basic dG9rZW46YS5iLmM=", "a.b.c", NULL },
    { NULL, NULL, NULL },
    { "", NULL, "invalid_request" },
    { "Bearer", NULL, "invalid_request" },
    { "Bearer ", NULL, "invalid_request" },
    { "Bearera.b.c", NULL, "invalid_request" },
    { "Bearer a.b.c, Bearer a.b.c", NULL, "invalid_request" },
    { "Bearer a.b.c,", NULL, "invalid_request" },
    { "Bearer a.b.c d", NULL, "invalid_request" },
    { "Bearer a=b", NULL, "invalid_request" },
    { "Bearer ==", NULL, "invalid_request" },
    { "Bearer \"a.b.c\"", NULL, "invalid_request" },
    { "Bearer a\xc3\xa4", NULL, "invalid_request" },
    { "Bearer\ta.b.c", NULL, "invalid_request" },
    { "Digest username=\"ann\"", NULL, "invalid_request" },
    { "DPoP a.b.c", NULL, "invalid_request" },
    { "a.b.c", NULL, "invalid_request" },
    { "Basic", NULL, "invalid_request" },
    { "Basic ", NULL, "invalid_request" },
    { "Basic YW5uOmEuYi5j", NULL, "invalid_request" }, /* ann:a.b.c */
    { "Basic OmEuYi5j OmEuYi5j", NULL, "invalid_request" },
    { "Basic dG9rZW46YS5iLmM", NULL, "invalid_request" },  /* padding left out */
    { "Basic dG9rZW46YS5iLmN=", NULL, "invalid_request" }, /* stray bits */
    { "Basic dG9rZW46YS5iL===", NULL, "invalid_request" },
    { "Basic YS5iLmM=", NULL, "invalid_request" }, /* a.b.c, no colon */
    { "Basic OmEAYg==", NULL, "invalid_request" }, /* a NUL in the password */
    { "Basic Og==", NULL, "invalid_request" },     /* nothing in it */
    { "Basic OiIi", NULL, "invalid_request" },     /* :"" */
    { "Basic Oi1fLV8_", NULL, "invalid_request" }, /* base64url where base64 is due */
};

START_TEST(the_token_of_a_header_field_is_found_or_the_field_refused)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    const char *token = NULL;
    const struct problem *problem = bearer_token(arena, fields[_i].field, &token);
    ck_assert_pstr_eq(token, fields[_i].token);
    if (fields[_i].token) {
        ck_assert_ptr_null(problem);
        return;
    }
    ck_assert_ptr_eq(problem->kind, &PROBLEM_UNAUTHENTICATED);
    ck_assert_pstr_eq(problem_text(problem, "error"), fields[_i].error);
    ck_assert_pstr_eq(problem_text(problem, "error_description"),
                      fields[_i].error ? problem->detail : NULL);
}
END_TEST

START_TEST(very_long_basic_credentials_are_refused)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    char *field = arena_alloc(arena, 20001);
    const char *token = NULL;
    memset(field, 'A', 20000);
    memcpy(field, "Basic ", 6);
    ck_assert_ptr_nonnull(bearer_token(arena, field, &token));
    ck_assert_ptr_null(token);
}
END_TEST

static struct problem *problem_with(struct arena *arena, const struct problem_kind *kind,
                                    const char *error, const char *description, const char *scope)
{
    struct problem *problem = problem_new(arena, kind, "refused");
    if (error)
        problem_add_text(arena, problem, "error", error);
    if (description)
        problem_add_text(arena, problem, "error_description", description);
    if (scope)
        problem_add_text(arena, problem, "scope", scope);
    return problem;
}

static const struct {
    const struct problem_kind *kind;
    const char *error;
    const char *description;
    const char *scope;
    const char *url;
    const char *challenge;
} challenges[] = {
    { &PROBLEM_UNAUTHENTICATED, NULL, NULL, NULL, NULL, "Bearer realm=\"entrepot\"" },
    { &PROBLEM_UNAUTHENTICATED, NULL, NULL, NULL, "https://p/.well-known/oauth-protected-resource",
      "Bearer realm=\"entrepot\", "
      "resource_metadata=\"https://p/.well-known/oauth-protected-resource\"" },
    { &PROBLEM_UNAUTHENTICATED, "invalid_token", "the token has expired", NULL, "https://p/m",
      "Bearer realm=\"entrepot\", error=\"invalid_token\", "
      "error_description=\"the token has expired\", resource_metadata=\"https://p/m\"" },
    { &PROBLEM_FORBIDDEN, NULL, NULL, "output:read", "https://p/m",
      "Bearer realm=\"entrepot\", error=\"insufficient_scope\", scope=\"output:read\", "
      "resource_metadata=\"https://p/m\"" },
    /* nothing ends the quotes or the line */
    { &PROBLEM_UNAUTHENTICATED, "invalid_token", "a \"b\" \\ c\r\nX-Evil: 1 \xc3\xa4\x7f", NULL,
      NULL,
      "Bearer realm=\"entrepot\", error=\"invalid_token\", "
      "error_description=\"a 'b' ? c??X-Evil: 1 ???\"" },
};

START_TEST(a_challenge_says_what_is_missing_and_where_to_ask)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    const struct problem *problem = problem_with(arena, challenges[_i].kind, challenges[_i].error,
                                                 challenges[_i].description, challenges[_i].scope);
    ck_assert_str_eq(bearer_challenge(arena, problem, challenges[_i].url),
                     challenges[_i].challenge);
}
END_TEST

static const struct test_case cases[] = {
    TEST_EACH(the_token_of_a_header_field_is_found_or_the_field_refused, fields),
    TEST(very_long_basic_credentials_are_refused),
    TEST_EACH(a_challenge_says_what_is_missing_and_where_to_ask, challenges),
};
TEST_MAIN("bearer", cases)
