#include "server/rows/snapshot_folder.h"
#include "tests/unit/test.h"

#include <string.h>

static const struct {
    struct snapshot_form form;
    const char *ending;
} forms[] = {
    { { FORMAT_PARQUET, CODING_NONE }, ".parquet" },
    { { FORMAT_PARQUET, CODING_GZIP }, ".parquet.gz" },
    { { FORMAT_ARROW, CODING_ZSTD }, ".arrows.zst" },
    { { FORMAT_CSV, CODING_NONE }, ".csv" },
    { { FORMAT_CSV, CODING_GZIP }, ".csv.gz" },
    { { FORMAT_JSON, CODING_ZSTD }, ".json.zst" },
    { { FORMAT_NDJSON, CODING_NONE }, ".ndjson" },
};

static const struct contract contract = { .sha256 = "c0" };
static const struct catalogue_snapshot snapshot = { .id = 57,
                                                    .sha256 = "aa",
                                                    .contract = &contract };

START_TEST(each_form_of_a_snapshot_has_a_name_of_its_own)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(1024);
    const char *name = snapshot_folder_name(arena, &snapshot, forms[_i].form);
    const char *plain = snapshot_folder_name(arena, &snapshot, snapshot_form_parquet);
    size_t same = strcspn(plain, ".");
    ck_assert_int_eq(strncmp(name, "57-", 3), 0);
    ck_assert_int_eq(strncmp(name, plain, same), 0);
    ck_assert_str_eq(name + same, forms[_i].ending);
    ck_assert_uint_lt(strlen(name), SNAPSHOT_FOLDER_NAME);
}
END_TEST

START_TEST(what_decides_the_bytes_is_in_the_name)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(1024);
    const struct contract other_contract = { .sha256 = "c1" };
    struct catalogue_snapshot others[] = { snapshot, snapshot, snapshot };
    others[0].id = 58;
    others[1].sha256 = "ab";
    others[2].contract = &other_contract;
    const char *name = snapshot_folder_name(arena, &snapshot, snapshot_form_parquet);
    for (size_t i = 0; i < COUNT(others); i++)
        ck_assert_str_ne(snapshot_folder_name(arena, &others[i], snapshot_form_parquet), name);
}
END_TEST

#define DIGITS "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static const struct {
    const char *name;
    const char *ending; /* NULL: it is no name of bytes */
} names[] = {
    { DIGITS ".csv.gz", ".csv.gz" },
    { DIGITS ".parquet", ".parquet" },
    { DIGITS, NULL },
    { "0" DIGITS ".csv", NULL },
    { "57-00112233445566778899aabbccddeeff.csv", NULL },
    { "tmp-00112233445566778899aabbccddeeff", NULL },
    { "00112233445566778899AABBCCDDEEFF00112233445566778899AABBCCDDEEFF.csv", NULL },
    { "", NULL },
};

START_TEST(a_name_of_bytes_is_their_digest)
{
    unsigned char sha256[DIGEST_BYTES] = { 0 };
    ck_assert_pstr_eq(snapshot_folder_digest(names[_i].name, sha256), names[_i].ending);
    if (names[_i].ending) {
        ck_assert_uint_eq(sha256[1], 0x11);
        ck_assert_uint_eq(sha256[DIGEST_BYTES - 1], 0xff);
    }
}
END_TEST

static const struct test_case cases[] = {
    TEST_EACH(each_form_of_a_snapshot_has_a_name_of_its_own, forms),
    TEST(what_decides_the_bytes_is_in_the_name),
    TEST_EACH(a_name_of_bytes_is_their_digest, names),
};
TEST_MAIN("snapshot_folder", cases)
