#include "judge.h"
#include "server/base/clock.h"

#include <pthread.h>
#include <string.h>

/* A judge whose keys can be changed, and its cache. */
struct bench {
    struct judge judge;
    const char *dir;
    struct token_cache *cache;
};

static void bench_clear(struct bench *bench)
{
    token_cache_free(bench->cache);
    forge_remove(bench->dir);
    judge_clear(&bench->judge);
}

static struct bench bench_new(size_t entries)
{
    struct bench bench = { .judge = { .arena = arena_new(16384) } };
    struct verifier_options options = judge_usual;
    bench.dir = forge_dir(bench.judge.arena);
    options.jwks =
        forge_file(bench.judge.arena, bench.dir, "jwks.json", judge_key_set(bench.judge.arena));
    bench.cache = token_cache_new(entries);
    const struct problem *problem =
        verifier_prepare(bench.judge.arena, &options, &bench.judge.verifier);
    ck_assert_msg(!problem, "%s", problem ? problem->detail : "");
    return bench;
}

static const struct principal *ask_at(struct bench *bench, const char *token, int64_t now_at)
{
    const struct principal *principal = NULL;
    const struct principal *again = NULL;
    struct arena *arena = bench->judge.arena;
    const struct problem *problem =
        token_cache_authorize(bench->cache, bench->judge.verifier, arena,
                              arena_join(arena, "Bearer ", token), now_at, &principal);
    ck_assert_int_eq(problem == NULL, principal != NULL);
    problem = token_cache_verify(bench->cache, bench->judge.verifier, arena, token, now_at, &again);
    ck_assert_int_eq(problem == NULL, again != NULL);
    ck_assert_int_eq(again != NULL, principal != NULL);
    return principal;
}

static void expect_equal(const struct principal *left, const struct principal *right)
{
    ck_assert_ptr_nonnull(left);
    ck_assert_ptr_nonnull(right);
    ck_assert_str_eq(left->subject, right->subject);
    ck_assert_pstr_eq(left->client, right->client);
    ck_assert_str_eq(left->issuer, right->issuer);
    ck_assert_pstr_eq(left->token_id, right->token_id);
    ck_assert_str_eq(left->claims, right->claims);
    ck_assert_uint_eq(left->scopes, right->scopes);
    ck_assert_int_eq(left->expires_at, right->expires_at);
    size_t i = 0;
    for (; left->roles[i]; i++)
        ck_assert_pstr_eq(left->roles[i], right->roles[i]);
    ck_assert_ptr_null(right->roles[i]);
}

static const char *const payloads[] = {
    GOOD,
    "{" WHO "," WHEN ",\"scope\":\"output:read input:read\",\"jti\":\"7\",\"client_id\":\"c\"}",
    "{" WHO "," WHEN ",\"roles\":[\"analyst\",\"\",\"gr\\u00fcn\"],\"azp\":\"portal\"}",
};

START_TEST(a_remembered_token_gives_the_same_principal)
{
    CLEANUP(bench_clear) struct bench bench = bench_new(64);
    const struct problem *problem;
    const char *token = judge_token(bench.judge.arena, payloads[_i]);
    const struct principal *fresh = judge_ask(&bench.judge, token, &problem);
    const struct principal *first = ask_at(&bench, token, NOW_AT);
    const struct principal *second = ask_at(&bench, token, NOW_AT);
    expect_equal(first, fresh);
    expect_equal(second, fresh);
    /* it lives in the arena of the request, whatever becomes of the cache */
    token_cache_free(TAKE(bench.cache));
    expect_equal(second, fresh);
}
END_TEST

START_TEST(a_field_without_a_token_is_refused_however_often)
{
    CLEANUP(bench_clear) struct bench bench = bench_new(64);
    static const char *const fields[] = { NULL,        "", "Bearer", "Bearer ", "Negotiate abc",
                                          "Basic Og==" };
    for (size_t i = 0; i < 2 * COUNT(fields); i++) {
        const struct principal *principal = NULL;
        const struct problem *problem =
            token_cache_authorize(bench.cache, bench.judge.verifier, bench.judge.arena,
                                  fields[i / 2], NOW_AT, &principal);
        ck_assert_ptr_nonnull(problem);
        ck_assert_ptr_eq(problem->kind, &PROBLEM_UNAUTHENTICATED);
        ck_assert_ptr_null(principal);
    }
}
END_TEST

START_TEST(the_time_of_a_remembered_token_is_looked_at_again)
{
    CLEANUP(bench_clear) struct bench bench = bench_new(64);
    const char *token = judge_token(
        bench.judge.arena, "{" WHO ",\"nbf\":1799999900,\"iat\":1799999990,\"exp\":1800000300}");
    const int64_t expires_at = INT64_C(1800000300) * 1000000;
    /* the later of nbf and iat, less the leeway of 60 s */
    const int64_t valid_from = INT64_C(1799999930) * 1000000;
    ck_assert_ptr_nonnull(ask_at(&bench, token, NOW_AT));
    ck_assert_ptr_nonnull(ask_at(&bench, token, expires_at - 1));
    ck_assert_ptr_null(ask_at(&bench, token, expires_at));
    ck_assert_ptr_null(ask_at(&bench, token, expires_at + 1));
    ck_assert_ptr_nonnull(ask_at(&bench, token, valid_from));
    ck_assert_ptr_null(ask_at(&bench, token, valid_from - 1));
    ck_assert_ptr_nonnull(ask_at(&bench, token, NOW_AT));
}
END_TEST

START_TEST(a_refused_token_is_not_remembered)
{
    CLEANUP(bench_clear) struct bench bench = bench_new(64);
    const char *token = judge_sign(bench.judge.arena, "ES256", KEY_P256, FORGE_NOTHING, GOOD);
    for (int i = 0; i < 3; i++)
        ck_assert_ptr_null(ask_at(&bench, token, NOW_AT));
    char *large = arena_alloc(bench.judge.arena, TOKEN_BYTES_HIGHEST + 2);
    memset(large, 'a', TOKEN_BYTES_HIGHEST + 1);
    ck_assert_ptr_null(ask_at(&bench, large, NOW_AT));
    ck_assert_ptr_null(ask_at(&bench, "", NOW_AT));
}
END_TEST

START_TEST(a_token_of_a_removed_key_is_forgotten)
{
    CLEANUP(bench_clear) struct bench bench = bench_new(64);
    struct arena *arena = bench.judge.arena;
    struct keys *keys = verifier_keys(bench.judge.verifier);
    const char *removed = judge_token(arena, GOOD);
    const char *kept = judge_sign(arena, "EdDSA", KEY_ED25519, FORGE_EDDSA, GOOD);
    ck_assert_ptr_nonnull(ask_at(&bench, removed, NOW_AT));
    ck_assert_ptr_nonnull(ask_at(&bench, kept, NOW_AT));
    const char *set = arena_print(arena, "{\"keys\":[%s]}",
                                  forge_jwk(arena, judge_keys[KEY_ED25519].key.key, "ed25519", ""));
    (void)forge_file(arena, bench.dir, "jwks.json", set);
    uint64_t generation = keys_generation(keys);
    (void)keys_turn(keys, INT64_MAX / 2);
    ck_assert_uint_gt(keys_generation(keys), generation);
    ck_assert_ptr_null(ask_at(&bench, removed, NOW_AT));
    ck_assert_ptr_nonnull(ask_at(&bench, kept, NOW_AT));
    ck_assert_ptr_nonnull(ask_at(&bench, kept, NOW_AT));
}
END_TEST

START_TEST(more_tokens_than_entries_push_each_other_out)
{
    CLEANUP(bench_clear) struct bench bench = bench_new(1); /* becomes one bucket */
    struct arena *arena = bench.judge.arena;
    const char *tokens[40];
    for (size_t i = 0; i < COUNT(tokens); i++)
        tokens[i] = judge_token(arena, arena_print(arena, "{" WHO "," WHEN ",\"jti\":\"%zu\"}", i));
    for (int round = 0; round < 3; round++)
        for (size_t i = 0; i < COUNT(tokens); i++) {
            const struct principal *principal = ask_at(&bench, tokens[i], NOW_AT);
            ck_assert_str_eq(principal->token_id, arena_print(arena, "%zu", i));
        }
}
END_TEST

START_TEST(large_claims_are_judged_anew_each_time)
{
    CLEANUP(bench_clear) struct bench bench = bench_new(64);
    struct arena *arena = bench.judge.arena;
    char *filler = arena_alloc(arena, 5001);
    memset(filler, 'x', 5000);
    const char *token =
        judge_token(arena, arena_print(arena, "{" WHO "," WHEN ",\"x\":\"%s\"}", filler));
    const struct principal *first = ask_at(&bench, token, NOW_AT);
    expect_equal(ask_at(&bench, token, NOW_AT), first);
}
END_TEST

START_TEST(without_keys_the_client_is_told_to_come_back)
{
    CLEANUP(bench_clear) struct bench bench = bench_new(64);
    struct arena *arena = bench.judge.arena;
    const char *token = judge_token(arena, GOOD);
    const struct principal *principal = NULL;
    ck_assert_ptr_nonnull(ask_at(&bench, token, NOW_AT));
    ck_assert_int_eq(unlink(arena_print(arena, "%s/jwks.json", bench.dir)), 0);
    (void)keys_turn(verifier_keys(bench.judge.verifier), INT64_MAX / 2);
    const struct problem *problem =
        token_cache_verify(bench.cache, bench.judge.verifier, arena, token, NOW_AT, &principal);
    ck_assert_ptr_eq(problem->kind, &PROBLEM_BUSY);
    ck_assert_int_eq(problem_number(problem, "retry_after", 0), 60);
    ck_assert_ptr_null(principal);
}
END_TEST

static const struct {
    const char *header;
    const char *says;
} strangers[] = {
    { "{\"alg\":\"RS256\",\"kid\":\"unknown\"}", "not known" },
    { "{\"alg\":\"RS256\"}", "does not hold" }, /* it may be of a key to come */
};

START_TEST(a_token_of_an_unknown_key_makes_us_look_for_it)
{
    CLEANUP(bench_clear) struct bench bench = bench_new(64);
    struct keys *keys = verifier_keys(bench.judge.verifier);
    judge_expect(&bench.judge,
                 forge_token(bench.judge.arena, FORGE_RSA, &judge_keys[KEY_OTHER_RSA].key,
                             strangers[_i].header, GOOD),
                 strangers[_i].says);
    /* it was asked for already, so asking again brings nothing forward */
    ck_assert(!keys_want(keys, clock_monotonic_ms()));
}
END_TEST

/* Loops each have a cache of their own and share the verifier while its keys change. */
static void *ask_often(void *context)
{
    struct judge *judge = context;
    struct token_cache *cache = token_cache_new(16);
    CLEANUP(arena_free_at) struct arena *arena = arena_new(8192);
    const char *token = judge_token(arena, GOOD);
    intptr_t accepted = 0;
    for (int i = 0; i < 300; i++) {
        CLEANUP(arena_free_at) struct arena *turn = arena_new(8192);
        const struct principal *principal = NULL;
        const struct problem *problem =
            token_cache_verify(cache, judge->verifier, turn, token, NOW_AT, &principal);
        accepted += !problem && principal;
    }
    token_cache_free(cache);
    return (void *)accepted;
}

START_TEST(threads_share_a_verifier_while_its_keys_change)
{
    CLEANUP(bench_clear) struct bench bench = bench_new(64);
    struct keys *keys = verifier_keys(bench.judge.verifier);
    const char *set = judge_key_set(bench.judge.arena);
    pthread_t threads[3];
    for (size_t i = 0; i < COUNT(threads); i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, ask_often, &bench.judge), 0);
    int64_t now_ms = INT64_MAX / 2;
    for (int i = 0; i < 50; i++) {
        const char *text = i % 2 ? set : arena_print(bench.judge.arena, "%s\n", set);
        (void)forge_file(bench.judge.arena, bench.dir, "jwks.json", text);
        now_ms = keys_turn(keys, now_ms);
    }
    for (size_t i = 0; i < COUNT(threads); i++) {
        void *accepted;
        ck_assert_int_eq(pthread_join(threads[i], &accepted), 0);
        ck_assert_int_eq((intptr_t)accepted, 300);
    }
}
END_TEST

static const struct test_case cases[] = {
    TEST_EACH(a_remembered_token_gives_the_same_principal, payloads),
    TEST(a_field_without_a_token_is_refused_however_often),
    TEST(the_time_of_a_remembered_token_is_looked_at_again),
    TEST(a_refused_token_is_not_remembered),
    TEST(a_token_of_a_removed_key_is_forgotten),
    TEST(more_tokens_than_entries_push_each_other_out),
    TEST(large_claims_are_judged_anew_each_time),
    TEST(without_keys_the_client_is_told_to_come_back),
    TEST_EACH(a_token_of_an_unknown_key_makes_us_look_for_it, strangers),
    TEST(threads_share_a_verifier_while_its_keys_change),
};

int main(void)
{
    return judge_run("cache", cases, COUNT(cases));
}
