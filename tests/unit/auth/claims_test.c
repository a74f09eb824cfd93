#include "judge.h"
#include "server/http/scope.h"

static const struct {
    const char *claims; /* after WHO and WHEN */
    const char *says;
} more[] = {
    { "", NULL },
    { ",\"nbf\":1800000060", NULL }, /* as far as the leeway reaches */
    { ",\"nbf\":1800000061", "nbf" },
    { ",\"nbf\":-1", "nbf" },
    { ",\"nbf\":\"1\"", "nbf" },
    { ",\"nbf\":1.5", "nbf" },
    { ",\"nbf\":null", "nbf" },
    { ",\"cnf\":{\"jkt\":\"x\"}", "cnf" },
    { ",\"cnf\":null", "cnf" },
    { ",\"sub\":\"bob\"", "twice" },
    { ",\"\\u0073ub\":\"bob\"", "twice" },
    { ",\"deep\":{\"a\":1,\"a\":2}", "twice" },
    { ",\"deep\":[[[[[[[1]]]]]]]", NULL },
    { ",\"deep\":[[[[[[[[1]]]]]]]]", "nested" },
    { ",\"client_id\":7", "client_id" },
    { ",\"azp\":{}", "azp" },
    { ",\"jti\":7", "jti" },
    { ",\"scope\":7", "scope" },
    { ",\"scope\":[7]", "scope" },
    { ",\"scp\":{}", "scp" },
    { ",\"roles\":7", "roles" },
    { ",\"roles\":[\"a\",null]", "roles" },
    { ",\"huge\":123456789012345678901234567890", "too large" },
    { ",\"name\":\"\\u0000\"", "NUL" },
    { ",\"name\":\"\\ud800\"", "not JSON" },
    { ",\"name\":NaN", "not JSON" },
};

START_TEST(a_claim_more_is_taken_or_refused)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(1024);
    judge_expect_payload(arena_print(arena, "{" WHO "," WHEN "%s}", more[_i].claims),
                         more[_i].says);
}
END_TEST

static const struct {
    const char *claims; /* after WHO */
    const char *says;
} times[] = {
    { "\"iat\":1799999990,\"exp\":1800000001", NULL },
    { "\"exp\":1800000300", NULL },
    { "\"iat\":1800000060,\"exp\":1800000300", NULL },
    { "\"iat\":0,\"exp\":1800000300", "longer than 86400 s" },
    { "\"iat\":1799999990,\"exp\":1800086390", NULL },
    { "\"iat\":1799999990,\"exp\":1800086391", "longer than 86400 s" },
    { "\"exp\":1800086400", NULL },
    { "\"exp\":1800086401", "longer than 86400 s" },
    { "\"iat\":1799999990", "no exp" },
    { "\"iat\":1799999990,\"exp\":null", "exp" },
    { "\"iat\":1799999990,\"exp\":\"1800000300\"", "exp" },
    { "\"iat\":1799999990,\"exp\":true", "exp" },
    { "\"iat\":1799999990,\"exp\":[1800000300]", "exp" },
    { "\"iat\":1799999990,\"exp\":-1", "exp" },
    { "\"iat\":1799999990,\"exp\":0", "expired" },
    { "\"iat\":1799999990,\"exp\":1", "expired" },
    { "\"iat\":1799999990,\"exp\":1799999999", "expired" },
    { "\"iat\":1799999990,\"exp\":1800000000", "expired" }, /* no leeway for exp */
    { "\"iat\":1799999990,\"exp\":1800000300.0", "exp" },
    { "\"iat\":1799999990,\"exp\":1800000300.5", "exp" },
    { "\"iat\":1799999990,\"exp\":18e8", "exp" },
    { "\"iat\":1799999990,\"exp\":1e300", "exp" },
    { "\"iat\":1799999990,\"exp\":1e999", "too large" },
    { "\"iat\":1799999990,\"exp\":9007199254740991", "longer than 86400 s" },
    { "\"iat\":1799999990,\"exp\":9007199254740992", "exp" },
    { "\"iat\":1799999990,\"exp\":9223372036854775807", "exp" },
    { "\"iat\":1799999990,\"exp\":9223372036854775808", "too large" },
    { "\"iat\":1800000061,\"exp\":1800000300", "iat" },
    { "\"iat\":-5,\"exp\":1800000300", "iat" },
    { "\"iat\":\"x\",\"exp\":1800000300", "iat" },
    { "\"iat\":9007199254740991,\"exp\":9007199254740991", "iat" },
};

START_TEST(a_token_holds_for_its_time)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(1024);
    judge_expect_payload(arena_print(arena, "{" WHO ",%s}", times[_i].claims), times[_i].says);
}
END_TEST

static const struct {
    const char *claims; /* before WHEN */
    const char *says;
} parties[] = {
    { WHO, NULL },
    { "\"iss\":\"https://issuer.example\",\"aud\":[\"urn:us\"],\"sub\":\"ann\"", NULL },
    { "\"iss\":\"https://issuer.example\",\"aud\":[\"urn:them\",\"urn:us\"],\"sub\":\"ann\"",
      NULL },
    { "\"iss\":\"https://issuer.example\",\"aud\":[\"urn:us\",7],\"sub\":\"ann\"", "aud" },
    { "\"iss\":\"https://issuer.example\",\"aud\":[],\"sub\":\"ann\"", "aud" },
    { "\"iss\":\"https://issuer.example\",\"aud\":[[\"urn:us\"]],\"sub\":\"ann\"", "aud" },
    { "\"iss\":\"https://issuer.example\",\"aud\":\"urn:them\",\"sub\":\"ann\"", "aud" },
    { "\"iss\":\"https://issuer.example\",\"aud\":\"urn:us \",\"sub\":\"ann\"", "aud" },
    { "\"iss\":\"https://issuer.example\",\"aud\":\"urn:us/x\",\"sub\":\"ann\"", "aud" },
    { "\"iss\":\"https://issuer.example\",\"aud\":{\"urn:us\":1},\"sub\":\"ann\"", "aud" },
    { "\"iss\":\"https://issuer.example\",\"aud\":null,\"sub\":\"ann\"", "aud" },
    { "\"iss\":\"https://issuer.example\",\"sub\":\"ann\"", "aud" },
    { "\"iss\":\"https://issuer.example/\",\"aud\":\"urn:us\",\"sub\":\"ann\"", "iss" },
    { "\"iss\":\"HTTPS://issuer.example\",\"aud\":\"urn:us\",\"sub\":\"ann\"", "iss" },
    { "\"iss\":[\"https://issuer.example\"],\"aud\":\"urn:us\",\"sub\":\"ann\"", "iss" },
    { "\"aud\":\"urn:us\",\"sub\":\"ann\"", "iss" },
    { "\"iss\":\"https://issuer.example\",\"aud\":\"urn:us\"", "sub" },
    { "\"iss\":\"https://issuer.example\",\"aud\":\"urn:us\",\"sub\":\"\"", "sub" },
    { "\"iss\":\"https://issuer.example\",\"aud\":\"urn:us\",\"sub\":7", "sub" },
};

START_TEST(a_token_is_from_the_issuer_and_for_us)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(1024);
    judge_expect_payload(arena_print(arena, "{%s," WHEN "}", parties[_i].claims), parties[_i].says);
}
END_TEST

static const char *const no_claims[] = { "", "null", "[]", "\"x\"", "{", "{}{}", "\xff" };

START_TEST(a_payload_is_one_json_object)
{
    judge_expect_payload(no_claims[_i], "payload");
}
END_TEST

START_TEST(a_principal_says_all_that_the_token_said)
{
    CLEANUP(judge_clear) struct judge judge = judge_new(&judge_usual);
    const struct problem *problem;
    const struct principal *who = judge_ask(
        &judge,
        judge_token(judge.arena, "{" WHO "," WHEN ",\"client_id\":\"c\",\"azp\":\"other\","
                                 "\"jti\":\"t-1\",\"scope\":\"output:read profile  input:write\","
                                 "\"roles\":[\"analyst\",\"data steward\"],\"B\":1,\"A\":[]}"),
        &problem);
    ck_assert_ptr_null(problem);
    ck_assert_str_eq(who->subject, "ann");
    ck_assert_str_eq(who->client, "c");
    ck_assert_str_eq(who->issuer, "https://issuer.example");
    ck_assert_str_eq(who->token_id, "t-1");
    ck_assert_uint_eq(who->scopes, (unsigned)SCOPE_OUTPUT_READ | (unsigned)SCOPE_INPUT_WRITE);
    ck_assert_int_eq(who->expires_at, INT64_C(1800000300) * 1000000);
    ck_assert_str_eq(who->roles[0], "analyst");
    ck_assert_str_eq(who->roles[1], "data steward");
    ck_assert_ptr_null(who->roles[2]);
    ck_assert_str_eq(who->claims,
                     "{\"A\":[],\"B\":1,\"aud\":\"urn:us\",\"azp\":\"other\",\"client_id\":\"c\","
                     "\"exp\":1800000300,\"iat\":1799999990,\"iss\":\"https://issuer.example\","
                     "\"jti\":\"t-1\",\"roles\":[\"analyst\",\"data steward\"],"
                     "\"scope\":\"output:read profile  input:write\",\"sub\":\"ann\"}");
}
END_TEST

static const struct {
    const char *claims;
    unsigned scopes;
} scopes[] = {
    { "", 0 },
    { ",\"scope\":\"\"", 0 },
    { ",\"scope\":\"output:read\"", SCOPE_OUTPUT_READ },
    { ",\"scope\":\"OUTPUT:READ output:readx output\"", 0 },
    { ",\"scope\":\"output:read\\tinput:read\"", 0 }, /* a space parts, nothing else does */
    { ",\"scp\":[\"output:read\",\"x\"]", SCOPE_OUTPUT_READ },
    { ",\"scp\":[\"output:read input:read\"]", 0 },
    { ",\"scp\":\"output:read input:read\"", SCOPE_OUTPUT_READ | (unsigned)SCOPE_INPUT_READ },
    { ",\"scope\":\"input:read\",\"scp\":[\"control:write\"]", SCOPE_INPUT_READ },
    { ",\"scope\":\"input:write input:read output:read control:read control:write "
      "observability:read\"",
      252 },
};

START_TEST(scopes_are_read_from_the_claims_there_are)
{
    CLEANUP(judge_clear) struct judge judge = judge_new(&judge_usual);
    const struct problem *problem;
    const char *payload = arena_print(judge.arena, "{" WHO "," WHEN "%s}", scopes[_i].claims);
    const struct principal *who = judge_ask(&judge, judge_token(judge.arena, payload), &problem);
    ck_assert_ptr_null(problem);
    ck_assert_uint_eq(who->scopes, scopes[_i].scopes);
    ck_assert_ptr_null(who->client);
    ck_assert_ptr_null(who->roles[0]);
}
END_TEST

static const struct test_case cases[] = {
    TEST_EACH(a_claim_more_is_taken_or_refused, more),
    TEST_EACH(a_token_holds_for_its_time, times),
    TEST_EACH(a_token_is_from_the_issuer_and_for_us, parties),
    TEST_EACH(a_payload_is_one_json_object, no_claims),
    TEST(a_principal_says_all_that_the_token_said),
    TEST_EACH(scopes_are_read_from_the_claims_there_are, scopes),
};

int main(void)
{
    return judge_run("claims", cases, COUNT(cases));
}
