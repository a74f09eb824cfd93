#include "judge.h"
#include "server/base/text.h"

#include <string.h>

/* A good token, bent: 1, 2 and 3 stand for its parts. */
static const struct {
    const char *shape;
    const char *says;
} shapes[] = {
    { "1.2.3", NULL },
    { "1.2.3.", "three parts" },
    { "1.2.3.AAAA", "three parts" },
    { "1.2.3.AAAA.AAAA", "three parts" }, /* the shape of a JWE */
    { ".1.2.3", "three parts" },
    { "1.2", "three parts" },
    { "1", "three parts" },
    { "", "three parts" },
    { "..", "not JSON" },
    { "1..3", "does not hold" },
    { "1.2.", "does not hold" },
    { "1=.2.3", "base64url" },
    { "1.2.3=", "base64url" },
    { "1.2.3==", "base64url" },
    { "1.2=.3", "does not hold" },
    { "1.2.3\n", "base64url" },
    { " 1.2.3", "base64url" },
    { "1 .2.3", "base64url" },
    { "1.2.3+", "base64url" },
    { "1.2.3A", "does not hold" }, /* 65 bytes */
    { "1.2.3AAA", "base64url" },   /* a length no base64url has */
    { "2.1.3", "alg" },
    { "1.1.3", "does not hold" },
};

static const char *bend(struct arena *arena, const char *token, const char *shape)
{
    char **parts = text_split(arena, token, ".");
    const char *bent = "";
    for (; *shape; shape++)
        if (*shape >= '1' && *shape <= '3')
            bent = arena_print(arena, "%s%s", bent, parts[*shape - '1']);
        else
            bent = arena_print(arena, "%s%c", bent, *shape);
    return bent;
}

START_TEST(a_bent_token_is_refused)
{
    CLEANUP(judge_clear) struct judge judge = judge_new(&judge_usual);
    judge_expect(&judge, bend(judge.arena, judge_token(judge.arena, GOOD), shapes[_i].shape),
                 shapes[_i].says);
}
END_TEST

static const struct {
    const char *shape;
    const char *says;
} signed_shapes[] = {
    { "1.2", NULL },      { "1.2=", "base64url" }, { "1. 2", "base64url" },
    { "1.", "not JSON" }, { "1.1", "iss" },
};

START_TEST(a_bent_token_is_refused_though_its_signature_holds)
{
    CLEANUP(judge_clear) struct judge judge = judge_new(&judge_usual);
    const char *text = bend(judge.arena, judge_token(judge.arena, GOOD), signed_shapes[_i].shape);
    judge_expect(&judge, forge_signature(judge.arena, FORGE_ECDSA, &judge_keys[KEY_P256].key, text),
                 signed_shapes[_i].says);
}
END_TEST

START_TEST(stray_bits_at_the_end_are_refused)
{
    CLEANUP(judge_clear) struct judge judge = judge_new(&judge_usual);
    char *token = arena_text(judge.arena, judge_token(judge.arena, GOOD));
    size_t last = strlen(token) - 1;
    /* 64 bytes: the last digit has 4 bits that mean something and 2 that must be 0 */
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    size_t value = (size_t)(strchr(digits, token[last]) - digits);
    for (size_t stray = 1; stray < 4; stray++) {
        token[last] = digits[value + stray];
        judge_expect(&judge, token, "base64url");
    }
}
END_TEST

START_TEST(a_token_has_at_most_8_kb)
{
    CLEANUP(judge_clear) struct judge judge = judge_new(&judge_usual);
    struct arena *arena = judge.arena;
    size_t smallest = strlen(judge_token(arena, "{" WHO "," WHEN ",\"x\":\"\"}"));
    /* three bytes of payload are four of the token */
    size_t fits = (TOKEN_BYTES_HIGHEST - smallest) / 4 * 3;
    for (size_t more_bytes = fits - 3; more_bytes <= fits + 6; more_bytes += 3) {
        char *filler = arena_alloc(arena, more_bytes + 1);
        memset(filler, 'x', more_bytes);
        const char *token =
            judge_token(arena, arena_print(arena, "{" WHO "," WHEN ",\"x\":\"%s\"}", filler));
        judge_expect(&judge, token, strlen(token) > TOKEN_BYTES_HIGHEST ? "larger than" : NULL);
    }
}
END_TEST

/* r and s of an ECDSA signature at their edges, and signatures of other sizes. */
START_TEST(a_signature_of_odd_numbers_or_sizes_is_refused)
{
    CLEANUP(judge_clear) struct judge judge = judge_new(&judge_usual);
    struct arena *arena = judge.arena;
    char **parts = text_split(arena, judge_token(arena, GOOD), ".");
    unsigned char *real;
    size_t size;
    ck_assert(text_from_base64url(arena, parts[2], strlen(parts[2]), &real, &size));
    unsigned char bytes[96];
    for (size_t length = 0; length <= 96; length++) {
        memset(bytes, 0, sizeof bytes);
        memcpy(bytes, real, length < 64 ? length : 64);
        judge_expect(&judge,
                     arena_print(arena, "%s.%s.%s", parts[0], parts[1],
                                 text_base64url(arena, bytes, length)),
                     length == 64 ? NULL : "does not hold");
    }
    for (int fill = 0; fill < 4; fill++) {
        memset(bytes, fill & 1 ? 0xff : 0, 32);
        memset(bytes + 32, fill & 2 ? 0xff : 0, 32);
        judge_expect(
            &judge,
            arena_print(arena, "%s.%s.%s", parts[0], parts[1], text_base64url(arena, bytes, 64)),
            "does not hold");
    }
}
END_TEST

static const struct {
    const char *name;
    enum key_kind kind;
    enum forge_method method;
    int turns;
} mutated[] = {
    { "RS256", KEY_RSA, FORGE_RSA, 10000 },
    { "PS256", KEY_RSA, FORGE_PSS, 10000 },
    { "ES256", KEY_P256, FORGE_ECDSA, 10000 },
    { "EdDSA", KEY_ED25519, FORGE_EDDSA, 10000 },
};

START_TEST(no_byte_of_a_token_can_be_another)
{
    CLEANUP(judge_clear) struct judge judge = judge_new(&judge_usual);
    CLEANUP(arena_free_at) struct arena *turn = arena_new(16384);
    const char *good =
        judge_sign(judge.arena, mutated[_i].name, mutated[_i].kind, mutated[_i].method,
                   "{" WHO "," WHEN ",\"scope\":\"output:read\",\"roles\":[\"a\"]}");
    uint64_t state = 88172645463325252U + (unsigned)_i;
    size_t size = strlen(good);
    for (int i = 0; i < mutated[_i].turns; i++) {
        const struct principal *principal = NULL;
        char *bad = arena_text(turn, good);
        size_t place = judge_random(&state) % size;
        char byte = (char)(1 + judge_random(&state) % 255);
        bad[place] = byte == good[place] ? '~' : byte;
        const struct problem *problem =
            verifier_verify(judge.verifier, turn, bad, NOW_AT, &principal);
        ck_assert_msg(problem && !principal, "byte %zu as %d", place, bad[place]);
        arena_reset(turn);
    }
    judge_expect(&judge, good, NULL);
}
END_TEST

static const struct test_case cases[] = {
    TEST_EACH(a_bent_token_is_refused, shapes),
    TEST_EACH(a_bent_token_is_refused_though_its_signature_holds, signed_shapes),
    TEST(stray_bits_at_the_end_are_refused),
    TEST(a_token_has_at_most_8_kb),
    TEST(a_signature_of_odd_numbers_or_sizes_is_refused),
    TEST_EACH(no_byte_of_a_token_can_be_another, mutated),
};

int main(void)
{
    return judge_run("token", cases, COUNT(cases));
}
