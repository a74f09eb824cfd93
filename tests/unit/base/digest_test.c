#include "server/base/digest.h"
#include "tests/unit/test.h"

#include <pthread.h>
#include <string.h>

/* FIPS 180-4 and RFC 4231 test cases */
static const struct {
    const char *data;
    const char *sum;
} sums[] = {
    { "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
    { "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
    { "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
};

START_TEST(a_whole_value_and_its_pieces_have_one_sum)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(256);
    const char *data = sums[_i].data;
    ck_assert_str_eq(digest_sha256_hex(arena, data, strlen(data)), sums[_i].sum);
    CLEANUP(digest_close_at) struct digest *digest = digest_open();
    for (size_t i = 0; data[i]; i++)
        digest_add(digest, data + i, 1);
    unsigned char sum[DIGEST_BYTES];
    digest_end(digest, sum);
    ck_assert_str_eq(arena_hex(arena, sum, sizeof sum), sums[_i].sum);
}
END_TEST

START_TEST(a_mac_depends_on_its_key)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(256);
    unsigned char sum[DIGEST_BYTES];
    digest_hmac("Jefe", 4, "what do ya want for nothing?", 28, sum);
    ck_assert_str_eq(arena_hex(arena, sum, sizeof sum),
                     "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    digest_hmac("jefe", 4, "what do ya want for nothing?", 28, sum);
    ck_assert_str_ne(arena_hex(arena, sum, sizeof sum),
                     "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}
END_TEST

static void *hash_often(void *out_sum)
{
    for (int i = 0; i < 500; i++)
        digest_sha256("abc", 3, out_sum);
    return NULL;
}

START_TEST(threads_may_hash_at_the_same_time)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(256);
    unsigned char found[4][DIGEST_BYTES];
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, hash_often, found[i]), 0);
    for (int i = 0; i < 4; i++) {
        ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
        ck_assert_str_eq(arena_hex(arena, found[i], DIGEST_BYTES), sums[1].sum);
    }
}
END_TEST

START_TEST(random_bytes_differ)
{
    unsigned char left[32] = { 0 };
    unsigned char right[32] = { 0 };
    digest_random(left, sizeof left);
    digest_random(right, sizeof right);
    ck_assert_int_ne(memcmp(left, right, sizeof left), 0);
}
END_TEST

static const struct test_case cases[] = {
    TEST_EACH(a_whole_value_and_its_pieces_have_one_sum, sums),
    TEST(a_mac_depends_on_its_key),
    TEST(threads_may_hash_at_the_same_time),
    TEST(random_bytes_differ),
};
TEST_MAIN("digest", cases)
