#include "server/auth/recent.h"
#include "tests/unit/test.h"

#include <string.h>

static const unsigned char sum_of_one[DIGEST_BYTES] = { 1 };
static const unsigned char sum_of_other[DIGEST_BYTES] = { 2 };

START_TEST(a_token_is_found_with_its_sum)
{
    struct recent *recent = recent_new();
    unsigned char sum[DIGEST_BYTES];
    ck_assert(!recent_find(recent, "header.claims.signature", 23, sum));
    recent_keep(recent, "header.claims.signature", 23, sum_of_one);
    ck_assert(recent_find(recent, "header.claims.signature", 23, sum));
    ck_assert_mem_eq(sum, sum_of_one, sizeof sum);
    recent_free(recent);
}
END_TEST

/* They share a place, which goes by the last bytes. */
static const char *const others[] = {
    "Header.claims.signature",
    "header.Claims.signature",
    "headerXclaims.signature",
    "header.claims..ignature",
};

START_TEST(another_token_is_never_taken_for_it)
{
    struct recent *recent = recent_new();
    unsigned char sum[DIGEST_BYTES];
    size_t size = strlen(others[_i]);
    recent_keep(recent, "header.claims.signature", 23, sum_of_one);
    ck_assert(!recent_find(recent, others[_i], size, sum));
    ck_assert(!recent_find(recent, "header.claims.signature", 22, sum));
    recent_keep(recent, others[_i], size, sum_of_other);
    ck_assert(recent_find(recent, others[_i], size, sum));
    ck_assert_mem_eq(sum, sum_of_other, sizeof sum);
    recent_free(recent);
}
END_TEST

START_TEST(short_ones_and_long_ones_do_no_harm)
{
    struct recent *recent = recent_new();
    unsigned char sum[DIGEST_BYTES];
    char large[4096];
    memset(large, 'a', sizeof large);
    recent_keep(recent, "", 0, sum_of_one);
    ck_assert(!recent_find(recent, "", 0, sum));
    recent_keep(recent, "a", 1, sum_of_one);
    ck_assert(recent_find(recent, "a", 1, sum));
    recent_keep(recent, large, sizeof large, sum_of_one); /* its sum is made each time */
    ck_assert(!recent_find(recent, large, sizeof large, sum));
    recent_free(recent);
    recent_free(NULL);
}
END_TEST

static const struct test_case cases[] = {
    TEST(a_token_is_found_with_its_sum),
    TEST_EACH(another_token_is_never_taken_for_it, others),
    TEST(short_ones_and_long_ones_do_no_harm),
};
TEST_MAIN("recent", cases)
