#include "forge.h"
#include "server/auth/jwk.h"
#include "server/auth/strict_json.h"
#include "server/auth/token_key.h"
#include "server/auth/verdict.h"
#include "server/base/clock.h"
#include "server/base/log.h"
#include "server/http/scope.h"
#include "tests/unit/test.h"

#include <openssl/pem.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

struct fixture {
    struct arena *arena;
    const char *dir;
};

static void fixture_clear(struct fixture *fixture)
{
    forge_remove(fixture->dir);
    arena_free(fixture->arena);
}

static struct fixture fixture_new(void)
{
    struct fixture fixture = { .arena = arena_new(4096) };
    fixture.dir = forge_dir(fixture.arena);
    return fixture;
}

static const char *const roles[] = { "analyst", "data steward", NULL };

static const struct token_wish good_wish = {
    .issuer = "urn:entrepot:local",
    .audience = "urn:entrepot:countries",
    .subject = "ann",
    .scope = "output:read input:write",
    .roles = roles,
    .lifetime_ms = 3600000,
};

static const char *ensure(struct fixture *fixture)
{
    const char *path = NULL;
    const struct problem *problem = token_key_ensure(fixture->arena, fixture->dir, &path);
    ck_assert_msg(!problem, "%s", problem ? problem->detail : "");
    return path;
}

static const char *read_file(struct arena *arena, const char *path)
{
    char *text = arena_alloc(arena, 8192);
    FILE *file = fopen(path, "rb");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_gt(fread(text, 1, 8191, file), 0);
    ck_assert_int_eq(fclose(file), 0);
    return text;
}

static unsigned mode_of(const char *path)
{
    struct stat status;
    ck_assert_int_eq(stat(path, &status), 0);
    return status.st_mode & 07777;
}

START_TEST(the_key_is_made_once_and_kept_private)
{
    CLEANUP(fixture_clear) struct fixture fixture = fixture_new();
    const char *pem_path = arena_print(fixture.arena, "%s/token-key.pem", fixture.dir);
    const char *jwks_path = ensure(&fixture);
    ck_assert_str_eq(jwks_path, arena_print(fixture.arena, "%s/jwks.json", fixture.dir));
    const char *pem = read_file(fixture.arena, pem_path);
    const char *jwks = read_file(fixture.arena, jwks_path);
    ck_assert_uint_eq(mode_of(pem_path), 0600);
    ck_assert_uint_eq(mode_of(jwks_path), 0644);
    ck_assert_ptr_nonnull(strstr(pem, "PRIVATE KEY"));
    ck_assert_ptr_null(strstr(jwks, "\"d\""));
    (void)ensure(&fixture);
    ck_assert_str_eq(read_file(fixture.arena, pem_path), pem);
    ck_assert_str_eq(read_file(fixture.arena, jwks_path), jwks);
    /* nothing else is left in the folder */
    ck_assert_int_eq(unlink(pem_path), 0);
    ck_assert_int_eq(unlink(jwks_path), 0);
    ck_assert_int_eq(rmdir(fixture.dir), 0);
    ck_assert_int_eq(mkdir(fixture.dir, 0700), 0);
}
END_TEST

START_TEST(the_set_names_the_key_by_its_thumbprint)
{
    CLEANUP(fixture_clear) struct fixture fixture = fixture_new();
    CLEANUP(json_decref_at)
    json_t *set = json_loads(read_file(fixture.arena, ensure(&fixture)), 0, NULL);
    const json_t *key = json_array_get(json_object_get(set, "keys"), 0);
    const char *x = json_string_value(json_object_get(key, "x"));
    const char *y = json_string_value(json_object_get(key, "y"));
    ck_assert_str_eq(json_string_value(json_object_get(key, "kid")),
                     jwk_ec_thumbprint(fixture.arena, "P-256", x, y));
    ck_assert_str_eq(json_string_value(json_object_get(key, "alg")), "ES256");
}
END_TEST

START_TEST(several_processes_agree_on_one_key)
{
    CLEANUP(fixture_clear) struct fixture fixture = fixture_new();
    pid_t children[4];
    for (size_t i = 0; i < COUNT(children); i++) {
        children[i] = fork();
        ck_assert_int_ge(children[i], 0);
        if (!children[i]) {
            const char *path;
            _exit(token_key_ensure(fixture.arena, fixture.dir, &path) ? 1 : 0);
        }
    }
    for (size_t i = 0; i < COUNT(children); i++) {
        int status;
        ck_assert_int_eq(waitpid(children[i], &status, 0), children[i]);
        ck_assert_int_eq(status, 0);
    }
    struct token_key key;
    ck_assert_ptr_null(token_key_read(fixture.arena, fixture.dir, &key));
    const char *jwks =
        read_file(fixture.arena, arena_print(fixture.arena, "%s/jwks.json", fixture.dir));
    ck_assert_ptr_nonnull(strstr(jwks, key.kid));
    token_key_clear(&key);
}
END_TEST

START_TEST(a_minted_token_is_accepted_and_says_what_was_wished)
{
    CLEANUP(fixture_clear) struct fixture fixture = fixture_new();
    struct arena *arena = fixture.arena;
    const struct verifier_options options = {
        .jwks = ensure(&fixture),
        .issuer = good_wish.issuer,
        .audience = good_wish.audience,
        .algorithms = "ES256",
        .jwks_ttl_ms = 300000,
        .lifetime_ms = 3600000,
    };
    struct verifier *verifier = NULL;
    const char *token = NULL;
    const char *other = NULL;
    const struct principal *who = NULL;
    ck_assert_ptr_null(verifier_open(arena, &options, &verifier));
    ck_assert_ptr_null(token_mint(arena, fixture.dir, &good_wish, &token));
    ck_assert_ptr_null(token_mint(arena, fixture.dir, &good_wish, &other));
    int64_t now_at = clock_now();
    const struct problem *problem = verifier_verify(verifier, arena, token, now_at, &who);
    ck_assert_msg(!problem, "%s", problem ? problem->detail : "");
    ck_assert_str_eq(who->subject, "ann");
    ck_assert_str_eq(who->client, "entrepot");
    ck_assert_uint_eq(who->scopes, (unsigned)SCOPE_OUTPUT_READ | (unsigned)SCOPE_INPUT_WRITE);
    ck_assert_str_eq(who->roles[1], "data steward");
    ck_assert_uint_eq(strlen(who->token_id), 22); /* 16 bytes */
    ck_assert_str_ne(token, other);
    /* whole seconds: made in this one or the one before */
    ck_assert_int_le(who->expires_at, now_at + 3600 * INT64_C(1000000));
    verifier_close(verifier);
}
END_TEST

static const struct {
    struct token_wish wish;
    const char *says;
} wishes[] = {
    { { NULL, "urn:us", "ann", "", NULL, 60000 }, "issuer" },
    { { "urn:i", "", "ann", "", NULL, 60000 }, "audience" },
    { { "urn:i", "urn:us", NULL, "", NULL, 60000 }, "subject" },
    { { "urn:i", "urn:us", "", "", NULL, 60000 }, "subject" },
    { { "urn:i", "urn:us", "ann", "", NULL, 0 }, "366 days" },
    { { "urn:i", "urn:us", "ann", "", NULL, 999 }, "366 days" },
    { { "urn:i", "urn:us", "ann", "", NULL, -5 }, "366 days" },
    { { "urn:i", "urn:us", "ann", "", NULL, INT64_MAX }, "366 days" },
    { { "urn:i", "urn:us", "ann", "output:read write", NULL, 60000 },
      "there is no scope \"write\"; there are input:write, input:read, output:read, control:read, "
      "control:write, observability:read" },
    { { "urn:i", "urn:us", "ann", "output:read,input:read", NULL, 60000 }, "there is no scope" },
    { { "urn:i", "urn:us", "an\xff", "", NULL, 60000 }, "UTF-8" },
    { { "urn:i", "urn:us", "ann", "", (const char *const[]){ "\xff", NULL }, 60000 }, "UTF-8" },
};

START_TEST(a_wish_that_cannot_be_met_is_refused_with_the_reason)
{
    CLEANUP(fixture_clear) struct fixture fixture = fixture_new();
    const char *token = NULL;
    (void)ensure(&fixture);
    const struct problem *problem =
        token_mint(fixture.arena, fixture.dir, &wishes[_i].wish, &token);
    ck_assert_ptr_nonnull(problem);
    ck_assert_msg(strstr(problem->detail, wishes[_i].says) != NULL, "%s", problem->detail);
    ck_assert_ptr_null(token);
}
END_TEST

START_TEST(a_token_without_scope_and_roles_can_be_minted)
{
    CLEANUP(fixture_clear) struct fixture fixture = fixture_new();
    const struct token_wish wish = { "urn:i", "urn:us", "ann", NULL, NULL, 60000 };
    const char *token = NULL;
    (void)ensure(&fixture);
    ck_assert_ptr_null(token_mint(fixture.arena, fixture.dir, &wish, &token));
    ck_assert_ptr_nonnull(token);
}
END_TEST

static const char *pem_of(struct arena *arena, EVP_PKEY *key, const char *passphrase)
{
    char *data;
    BIO *bio = BIO_new(BIO_s_mem());
    ck_assert_int_eq(PEM_write_bio_PrivateKey(bio, key, passphrase ? EVP_aes_128_cbc() : NULL, NULL,
                                              0, NULL, (void *)(uintptr_t)passphrase),
                     1);
    long size = BIO_get_mem_data(bio, &data);
    const char *pem = arena_copy(arena, data, (size_t)size);
    BIO_free(bio);
    EVP_PKEY_free(key);
    return pem;
}

static void expect_unusable(struct fixture *fixture, const char *pem, mode_t mode, const char *says)
{
    const char *path = forge_file(fixture->arena, fixture->dir, "token-key.pem", pem);
    const char *given = NULL;
    ck_assert_int_eq(chmod(path, mode), 0);
    const struct problem *minting = token_mint(fixture->arena, fixture->dir, &good_wish, &given);
    const struct problem *ensuring = token_key_ensure(fixture->arena, fixture->dir, &given);
    ck_assert_ptr_nonnull(minting);
    ck_assert_ptr_nonnull(ensuring);
    ck_assert_ptr_null(given);
    ck_assert_msg(strstr(minting->detail, says) != NULL, "%s", minting->detail);
    ck_assert_msg(strstr(ensuring->detail, says) != NULL, "%s", ensuring->detail);
}

START_TEST(a_key_that_is_none_of_ours_is_refused)
{
    CLEANUP(fixture_clear) struct fixture fixture = fixture_new();
    struct arena *arena = fixture.arena;
    const char *good = pem_of(arena, forge_ec("P-256"), NULL);
    expect_unusable(&fixture, "", 0600, "not a P-256 private key");
    expect_unusable(&fixture, "garbage", 0600, "not a P-256 private key");
    expect_unusable(&fixture, pem_of(arena, forge_ec("P-384"), NULL), 0600, "not a P-256");
    expect_unusable(&fixture, pem_of(arena, forge_ed25519(), NULL), 0600, "not a P-256");
    /* must not ask for the pass phrase on the terminal */
    expect_unusable(&fixture, pem_of(arena, forge_ec("P-256"), "phrase"), 0600, "not a P-256");
    expect_unusable(&fixture, good, 0604, "can be read by anyone");
    expect_unusable(&fixture, good, 0644, "can be read by anyone");
}
END_TEST

START_TEST(without_a_key_or_a_folder_nothing_is_minted)
{
    CLEANUP(fixture_clear) struct fixture fixture = fixture_new();
    const char *given = NULL;
    const struct problem *problem = token_mint(fixture.arena, fixture.dir, &good_wish, &given);
    ck_assert_ptr_nonnull(problem);
    ck_assert_ptr_nonnull(strstr(problem->detail, "there is no token key"));
    const char *nowhere = arena_print(fixture.arena, "%s/nowhere", fixture.dir);
    problem = token_key_ensure(fixture.arena, nowhere, &given);
    ck_assert_ptr_nonnull(problem);
    ck_assert_ptr_nonnull(strstr(problem->detail, "No such file"));
    ck_assert_ptr_null(given);
}
END_TEST

static const struct test_case cases[] = {
    TEST(the_key_is_made_once_and_kept_private),
    TEST(the_set_names_the_key_by_its_thumbprint),
    TEST(several_processes_agree_on_one_key),
    TEST(a_minted_token_is_accepted_and_says_what_was_wished),
    TEST_EACH(a_wish_that_cannot_be_met_is_refused_with_the_reason, wishes),
    TEST(a_token_without_scope_and_roles_can_be_minted),
    TEST(a_key_that_is_none_of_ours_is_refused),
    TEST(without_a_key_or_a_folder_nothing_is_minted),
};

int main(void)
{
    log_set_level(LOG_ERROR);
    return test_run("mint", cases, COUNT(cases));
}
