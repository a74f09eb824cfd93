#include "forge.h"
#include "issuer.h"
#include "server/auth/fetch.h"
#include "server/auth/keys.h"
#include "server/base/log.h"
#include "tests/unit/test.h"

#include <string.h>

#define SECOND 1000
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define TTL (5 * MINUTE)
/* The monotonic clock the tests begin at; they turn it as they like. */
#define START INT64_C(1000000)

/* Sets that differ by the kid of their one key (RFC 8037 appendix A.2). */
#define SET(kid)                                                                                   \
    "{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"kid\":\"" kid                               \
    "\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}]}"

struct fixture {
    struct arena *arena;
    struct issuer *issuer;
    const char *dir;
    struct keys *keys;
};

static void fixture_clear(struct fixture *fixture)
{
    keys_close(fixture->keys);
    if (fixture->issuer)
        issuer_close(fixture->issuer);
    if (fixture->dir)
        forge_remove(fixture->dir);
    arena_free(fixture->arena);
}

static struct problem *open_from(struct fixture *fixture, const char *from)
{
    const struct keys_options options = { from, ALGORITHM_EDDSA, TTL };
    return keys_open(fixture->arena, &options, START, &fixture->keys);
}

/* An issuer that publishes the first set, and its keys. */
static struct fixture published(const char *fields)
{
    struct fixture fixture = { .arena = arena_new(4096) };
    fixture.issuer = issuer_open(fixture.arena);
    issuer_publishes(fixture.issuer, fields, SET("one"));
    const struct problem *problem = open_from(&fixture, issuer_url(fixture.arena, fixture.issuer));
    ck_assert_msg(!problem, "%s", problem ? problem->detail : "");
    ck_assert_int_eq(issuer_asked(fixture.issuer), 1);
    return fixture;
}

/* A file that holds the first set, and its keys. */
static struct fixture filed(void)
{
    struct fixture fixture = { .arena = arena_new(4096) };
    fixture.dir = forge_dir(fixture.arena);
    const struct problem *problem =
        open_from(&fixture, forge_file(fixture.arena, fixture.dir, "jwks.json", SET("one")));
    ck_assert_msg(!problem, "%s", problem ? problem->detail : "");
    return fixture;
}

/* Is it the key of the current set? NULL: there must be no set at all. */
static void expect_key(struct fixture *fixture, const char *kid)
{
    uint64_t generation;
    bool known;
    CLEANUP(jwks_release_at) struct jwks *set = keys_hold(fixture->keys, &generation);
    ck_assert_uint_eq(generation, keys_generation(fixture->keys));
    ck_assert_int_eq(set != NULL, kid != NULL);
    if (set)
        ck_assert_ptr_nonnull(jwks_find(set, kid, ALGORITHM_EDDSA, &known));
}

START_TEST(a_set_is_fetched_again_when_its_time_is_over)
{
    CLEANUP(fixture_clear) struct fixture fixture = published("");
    uint64_t generation = keys_generation(fixture.keys);
    issuer_publishes(fixture.issuer, "", SET("two"));
    ck_assert_int_eq(keys_turn(fixture.keys, START + TTL - 1), START + TTL);
    ck_assert_int_eq(issuer_asked(fixture.issuer), 1);
    expect_key(&fixture, "one");
    ck_assert_int_eq(keys_turn(fixture.keys, START + TTL), START + 2 * TTL);
    ck_assert_int_eq(issuer_asked(fixture.issuer), 2);
    expect_key(&fixture, "two");
    ck_assert_uint_gt(keys_generation(fixture.keys), generation);
}
END_TEST

START_TEST(the_same_set_again_outdates_nothing)
{
    CLEANUP(fixture_clear) struct fixture fixture = published("");
    uint64_t generation = keys_generation(fixture.keys);
    (void)keys_turn(fixture.keys, START + TTL);
    ck_assert_int_eq(issuer_asked(fixture.issuer), 2);
    ck_assert_uint_eq(keys_generation(fixture.keys), generation);
}
END_TEST

START_TEST(a_set_that_is_held_outlives_its_replacement)
{
    CLEANUP(fixture_clear) struct fixture fixture = published("");
    uint64_t generation;
    bool known;
    CLEANUP(jwks_release_at) struct jwks *held = keys_hold(fixture.keys, &generation);
    issuer_publishes(fixture.issuer, "", SET("two"));
    (void)keys_turn(fixture.keys, START + TTL);
    expect_key(&fixture, "two");
    ck_assert_ptr_nonnull(jwks_find(held, "one", ALGORITHM_EDDSA, &known));
}
END_TEST

/* A removed key, even the last one, is not used any longer. */
START_TEST(an_emptied_set_is_taken_as_it_is)
{
    CLEANUP(fixture_clear) struct fixture fixture = published("");
    uint64_t generation;
    issuer_publishes(fixture.issuer, "", "{\"keys\":[]}");
    (void)keys_turn(fixture.keys, START + TTL);
    CLEANUP(jwks_release_at) struct jwks *set = keys_hold(fixture.keys, &generation);
    ck_assert_ptr_nonnull(set);
    ck_assert_uint_eq(jwks_count(set), 0);
}
END_TEST

static const struct {
    const char *fields;
    int64_t lifetime_ms;
} lifetimes[] = {
    { "", TTL },
    { "Cache-Control: max-age=3600\r\n", HOUR },
    { "Cache-Control: public, max-age=3600, must-revalidate\r\n", HOUR },
    { "cache-control: MAX-AGE=3600\r\n", HOUR },
    { "Cache-Control: max-age=3600\r\nAge: 600\r\n", 50 * MINUTE },
    { "Cache-Control: max-age=3600\r\nAge: 9999\r\n", TTL },
    { "Cache-Control: max-age=1\r\n", TTL },
    { "Cache-Control: max-age=0\r\n", TTL },
    { "Cache-Control: no-store\r\n", TTL },
    { "Cache-Control: max-age=3600, no-cache\r\n", TTL },
    { "Cache-Control: max-age=31536000\r\n", 24 * HOUR },
    { "Cache-Control: max-age=99999999999999999999999\r\n", 24 * HOUR },
    { "Cache-Control: max-age=-5\r\n", TTL },
    { "Cache-Control: max-age=soon\r\n", TTL },
    { "Cache-Control: max-age\r\n", TTL },
};

START_TEST(the_issuer_says_how_long_within_bounds)
{
    CLEANUP(fixture_clear) struct fixture fixture = published(lifetimes[_i].fields);
    ck_assert_int_eq(keys_turn(fixture.keys, START), START + lifetimes[_i].lifetime_ms);
}
END_TEST

START_TEST(an_unknown_key_is_looked_for_once_a_minute)
{
    CLEANUP(fixture_clear) struct fixture fixture = published("");
    issuer_publishes(fixture.issuer, "", SET("two"));
    /* asked for right after a fetch: it comes when the minute is over */
    ck_assert(keys_want(fixture.keys, START + 10 * SECOND));
    for (int i = 0; i < 100; i++)
        ck_assert(!keys_want(fixture.keys, START + 10 * SECOND + i));
    ck_assert_int_eq(keys_turn(fixture.keys, START + MINUTE - 1), START + MINUTE);
    ck_assert_int_eq(issuer_asked(fixture.issuer), 1);
    (void)keys_turn(fixture.keys, START + MINUTE);
    ck_assert_int_eq(issuer_asked(fixture.issuer), 2);
    expect_key(&fixture, "two");
    /* asked for long after: at once, and then not again */
    ck_assert(keys_want(fixture.keys, START + 3 * MINUTE));
    (void)keys_turn(fixture.keys, START + 3 * MINUTE);
    ck_assert_int_eq(issuer_asked(fixture.issuer), 3);
    ck_assert(keys_want(fixture.keys, START + 3 * MINUTE + 1));
    ck_assert_int_eq(keys_turn(fixture.keys, START + 3 * MINUTE + 1), START + 4 * MINUTE);
    ck_assert_int_eq(issuer_asked(fixture.issuer), 3);
}
END_TEST

/* What an issuer in trouble says: all of it leaves the keys as they are. */
static const char *const troubles[] = {
    "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.1 404 Not Found\r\nContent-Length: 11\r\n\r\n{\"keys\":[]}",
    "HTTP/1.1 204 No Content\r\n\r\n",
    "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/jwks\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.1 301 Moved\r\nLocation: file:///etc/passwd\r\nContent-Length: 11\r\n\r\n{\"keys\":[]}",
    "HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n<html>no</html>",
    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]",
    "HTTP/1.1 200 OK\r\nContent-Length: 21\r\n\r\n{\"keys\":[],\"keys\":[]}",
    "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"keys\":[]}", /* cut */
    "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n{\"keys\":[]}",
    "garbage\r\n\r\n",
    "",
};

START_TEST(trouble_of_the_issuer_keeps_the_keys_there_are)
{
    CLEANUP(fixture_clear) struct fixture fixture = published("");
    uint64_t generation = keys_generation(fixture.keys);
    issuer_says(fixture.issuer, troubles[_i]);
    int64_t again = keys_turn(fixture.keys, START + TTL);
    ck_assert_int_eq(again, START + TTL + MINUTE);
    ck_assert_int_ge(issuer_asked(fixture.issuer), 2); /* libcurl may try a dead connection twice */
    expect_key(&fixture, "one");
    ck_assert_uint_eq(keys_generation(fixture.keys), generation);
    issuer_publishes(fixture.issuer, "", SET("two"));
    ck_assert_int_eq(keys_turn(fixture.keys, again), again + TTL);
    expect_key(&fixture, "two");
}
END_TEST

START_TEST(too_large_an_answer_is_not_read)
{
    CLEANUP(fixture_clear) struct fixture fixture = published("");
    char *body = arena_alloc(fixture.arena, JWKS_BYTES_HIGHEST + 2);
    memset(body, ' ', JWKS_BYTES_HIGHEST + 1);
    memcpy(body, "{\"keys\":[]}", 11);
    issuer_publishes(fixture.issuer, "", body);
    (void)keys_turn(fixture.keys, START + TTL);
    ck_assert_int_eq(issuer_asked(fixture.issuer), 2);
    expect_key(&fixture, "one");
    /* the same without a Content-Length that warns */
    issuer_says(fixture.issuer, arena_print(fixture.arena, "HTTP/1.0 200 OK\r\n\r\n%s", body));
    (void)keys_turn(fixture.keys, START + TTL + MINUTE);
    ck_assert_int_eq(issuer_asked(fixture.issuer), 3);
    expect_key(&fixture, "one");
    /* one byte less is taken */
    body[JWKS_BYTES_HIGHEST] = '\0';
    memcpy(body, SET("two"), strlen(SET("two")));
    issuer_publishes(fixture.issuer, "", body);
    (void)keys_turn(fixture.keys, START + TTL + 2 * MINUTE);
    expect_key(&fixture, "two");
}
END_TEST

START_TEST(keys_are_given_up_a_day_after_their_time)
{
    CLEANUP(fixture_clear) struct fixture fixture = published("");
    uint64_t generation = keys_generation(fixture.keys);
    int64_t last = START + TTL + 24 * HOUR;
    issuer_says(fixture.issuer, "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n");
    (void)keys_turn(fixture.keys, START + TTL);
    (void)keys_turn(fixture.keys, last - 1);
    expect_key(&fixture, "one");
    (void)keys_turn(fixture.keys, last - 1 + MINUTE);
    expect_key(&fixture, NULL);
    ck_assert_uint_gt(keys_generation(fixture.keys), generation);
    /* and taken up again, though the text is the one of before */
    issuer_publishes(fixture.issuer, "", SET("one"));
    (void)keys_turn(fixture.keys, last - 1 + 2 * MINUTE);
    expect_key(&fixture, "one");
}
END_TEST

START_TEST(the_first_reading_must_succeed)
{
    CLEANUP(fixture_clear) struct fixture fixture = { .arena = arena_new(4096) };
    fixture.issuer = issuer_open(fixture.arena);
    const char *url = issuer_url(fixture.arena, fixture.issuer);
    for (size_t i = 0; i < COUNT(troubles); i++) {
        issuer_says(fixture.issuer, troubles[i]);
        const struct problem *problem = open_from(&fixture, url);
        ck_assert_ptr_nonnull(problem);
        ck_assert_ptr_eq(problem->kind, &PROBLEM_START);
        ck_assert_ptr_nonnull(strstr(problem->detail, url));
    }
    issuer_publishes(fixture.issuer, "", "{\"keys\":[]}");
    ck_assert_ptr_nonnull(open_from(&fixture, url));
    ck_assert_ptr_null(fixture.keys);
}
END_TEST

START_TEST(an_issuer_that_is_not_there_is_told)
{
    CLEANUP(fixture_clear) struct fixture fixture = { .arena = arena_new(4096) };
    struct issuer *gone = issuer_open(fixture.arena);
    const char *url = issuer_url(fixture.arena, gone);
    issuer_close(gone);
    const struct problem *problem = open_from(&fixture, url);
    ck_assert_ptr_nonnull(problem);
    ck_assert_ptr_nonnull(strstr(problem->detail, "connect"));
}
END_TEST

static const struct {
    const char *host;  /* of the certificate; we ask for localhost */
    const char *trust; /* "own": its certificate is an authority; "other": another one's is */
    int opens;
} certificates[] = {
    { "localhost", "own", 1 },
    { "localhost", "other", 0 },
    { "localhost", NULL, 0 },
    { "issuer.example", "own", 0 },
};

START_TEST(an_issuer_must_prove_who_it_is)
{
    CLEANUP(fixture_clear) struct fixture fixture = { .arena = arena_new(4096) };
    struct arena *arena = fixture.arena;
    EVP_PKEY *key = forge_ec("P-256");
    EVP_PKEY *other = forge_ec("P-256");
    const char *certificate = forge_certificate(arena, key, certificates[_i].host);
    const char *trust = certificates[_i].trust;
    fixture.dir = forge_dir(arena);
    fixture.issuer = issuer_open_tls(arena, key, certificate);
    issuer_publishes(fixture.issuer, "", SET("one"));
    if (trust && strcmp(trust, "other") == 0)
        certificate = forge_certificate(arena, other, certificates[_i].host);
    if (trust)
        ck_assert_int_eq(
            setenv("SSL_CERT_FILE", forge_file(arena, fixture.dir, "ca.pem", certificate), 1), 0);
    const struct problem *problem = open_from(&fixture, issuer_url(arena, fixture.issuer));
    ck_assert_int_eq(!problem, certificates[_i].opens);
    ck_assert_int_eq(issuer_asked(fixture.issuer), certificates[_i].opens);
    EVP_PKEY_free(key);
    EVP_PKEY_free(other);
}
END_TEST

START_TEST(nothing_plain_is_taken_for_tls)
{
    CLEANUP(fixture_clear) struct fixture fixture = { .arena = arena_new(4096) };
    fixture.issuer = issuer_open(fixture.arena);
    issuer_publishes(fixture.issuer, "", SET("one"));
    const char *url = issuer_url(fixture.arena, fixture.issuer);
    ck_assert_ptr_nonnull(
        open_from(&fixture, arena_print(fixture.arena, "https%s", url + strlen("http"))));
}
END_TEST

START_TEST(a_changed_file_is_read_again)
{
    CLEANUP(fixture_clear) struct fixture fixture = filed();
    ck_assert_int_eq(keys_turn(fixture.keys, START + 4999), START + 5000);
    ck_assert_int_eq(keys_turn(fixture.keys, START + 5000), START + 10000);
    expect_key(&fixture, "one");
    (void)forge_file(fixture.arena, fixture.dir, "jwks.json", SET("two"));
    (void)keys_turn(fixture.keys, START + 9999);
    expect_key(&fixture, "one");
    (void)keys_turn(fixture.keys, START + 10000);
    expect_key(&fixture, "two");
}
END_TEST

START_TEST(an_unknown_key_makes_us_look_at_the_file_at_once)
{
    CLEANUP(fixture_clear) struct fixture fixture = filed();
    (void)forge_file(fixture.arena, fixture.dir, "jwks.json", SET("two"));
    ck_assert(keys_want(fixture.keys, START + 2000));
    ck_assert(!keys_want(fixture.keys, START + 2000));
    (void)keys_turn(fixture.keys, START + 2000);
    expect_key(&fixture, "two");
}
END_TEST

START_TEST(a_broken_file_keeps_the_keys_until_it_is_mended)
{
    CLEANUP(fixture_clear) struct fixture fixture = filed();
    static const char *const broken[] = { "", "{\"keys\":[", "{}", SET("two") "x" };
    int64_t now = START;
    for (size_t i = 0; i < COUNT(broken); i++) {
        (void)forge_file(fixture.arena, fixture.dir, "jwks.json", broken[i]);
        now = keys_turn(fixture.keys, now + 5000);
        expect_key(&fixture, "one");
    }
    const char *path = forge_file(fixture.arena, fixture.dir, "jwks.json", SET("two"));
    (void)keys_turn(fixture.keys, now);
    expect_key(&fixture, "two");
    ck_assert_int_eq(unlink(path), 0);
    (void)keys_turn(fixture.keys, now + 5000);
    expect_key(&fixture, "two");
}
END_TEST

START_TEST(a_thread_takes_the_turns_when_started)
{
    CLEANUP(fixture_clear) struct fixture fixture = { .arena = arena_new(4096) };
    fixture.issuer = issuer_open(fixture.arena);
    issuer_publishes(fixture.issuer, "", SET("one"));
    /* opened at the beginning of time: by the clock of the thread it is long due */
    const struct keys_options options = { issuer_url(fixture.arena, fixture.issuer),
                                          ALGORITHM_EDDSA, 1 };
    ck_assert_ptr_null(
        keys_open(fixture.arena, &options, -(int64_t)KEYS_TTL_HIGHEST_MS, &fixture.keys));
    issuer_publishes(fixture.issuer, "", SET("two"));
    ck_assert_ptr_null(keys_start(fixture.arena, fixture.keys));
    issuer_wait(fixture.issuer, 2);
    /* asked again by the short TTL, it has long taken in the answer of before */
    issuer_wait(fixture.issuer, 4);
    expect_key(&fixture, "two");
}
END_TEST

START_TEST(closing_does_not_wait_for_an_issuer_that_says_nothing)
{
    CLEANUP(fixture_clear) struct fixture fixture = { .arena = arena_new(4096) };
    fixture.issuer = issuer_open(fixture.arena);
    issuer_publishes(fixture.issuer, "", SET("one"));
    const struct keys_options options = { issuer_url(fixture.arena, fixture.issuer),
                                          ALGORITHM_EDDSA, 1 };
    ck_assert_ptr_null(
        keys_open(fixture.arena, &options, -(int64_t)KEYS_TTL_HIGHEST_MS, &fixture.keys));
    issuer_says(fixture.issuer, NULL);
    ck_assert_ptr_null(keys_start(fixture.arena, fixture.keys));
    issuer_wait(fixture.issuer, 2); /* the fetch has begun and will not be answered */
    expect_key(&fixture, "one");    /* nobody waits for it */
}
END_TEST

static const struct test_case cases[] = {
    TEST(a_set_is_fetched_again_when_its_time_is_over),
    TEST(the_same_set_again_outdates_nothing),
    TEST(a_set_that_is_held_outlives_its_replacement),
    TEST(an_emptied_set_is_taken_as_it_is),
    TEST_EACH(the_issuer_says_how_long_within_bounds, lifetimes),
    TEST(an_unknown_key_is_looked_for_once_a_minute),
    TEST_EACH(trouble_of_the_issuer_keeps_the_keys_there_are, troubles),
    TEST(too_large_an_answer_is_not_read),
    TEST(keys_are_given_up_a_day_after_their_time),
    TEST(the_first_reading_must_succeed),
    TEST(an_issuer_that_is_not_there_is_told),
    TEST_EACH(an_issuer_must_prove_who_it_is, certificates),
    TEST(nothing_plain_is_taken_for_tls),
    TEST(a_changed_file_is_read_again),
    TEST(an_unknown_key_makes_us_look_at_the_file_at_once),
    TEST(a_broken_file_keeps_the_keys_until_it_is_mended),
    TEST(a_thread_takes_the_turns_when_started),
    TEST(closing_does_not_wait_for_an_issuer_that_says_nothing),
};

int main(void)
{
    log_set_level((enum log_level)(LOG_ERROR + 1)); /* trouble is what most of these make */
    return test_run("keys", cases, COUNT(cases));
}
