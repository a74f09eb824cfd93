#include "server/http/coding.h"
#include "tests/unit/test.h"

#include <string.h>
#include <zlib.h>
#include <zstd.h>

static const struct {
    const char *field;
    enum coding coding;
} choices[] = {
    { NULL, CODING_NONE },
    { "", CODING_NONE },
    { ",,", CODING_NONE },
    { "identity", CODING_NONE },
    { "identity, gzip", CODING_GZIP },
    { "identity, gzip;q=0.9, zstd;q=0.8", CODING_NONE },
    { "gzip;q=0.5, identity;q=0.6", CODING_NONE },
    { "identity;q=0, gzip;q=0.1", CODING_GZIP },
    { "identity;q=0.5, *;q=0.1", CODING_NONE },
    { "br", CODING_NONE },
    { "gzip", CODING_GZIP },
    { "GZip", CODING_GZIP },
    { "x-gzip", CODING_GZIP },
    { "zstd", CODING_ZSTD },
    { "gzip, deflate, br, zstd", CODING_ZSTD },
    { "gzip,zstd", CODING_ZSTD },
    { "zstd;q=0.5, gzip;q=0.8", CODING_GZIP },
    { "zstd;q=0.8 , gzip;q=0.8", CODING_ZSTD },
    { "zstd;q=0.801, gzip;q=0.8", CODING_ZSTD },
    { "zstd;q=0, gzip", CODING_GZIP },
    { "zstd;q=0.000, gzip;q=0.001", CODING_GZIP },
    { "gzip;q=0", CODING_NONE },
    { "*", CODING_ZSTD },
    { "*;q=0.1", CODING_ZSTD },
    { "*;q=0", CODING_NONE },
    { "zstd;q=0, *", CODING_GZIP },
    { "gzip; q=0.5", CODING_GZIP },
    { "gzip ;Q=1", CODING_GZIP },
    { "gzip;level=9", CODING_NONE },
    { "gzip;q=", CODING_NONE },
    { "gzip;q=x", CODING_NONE },
    { "gzipped", CODING_NONE },
    { "zst", CODING_NONE },
};

START_TEST(a_coding_is_chosen_by_weight)
{
    ck_assert_int_eq(coding_choose(choices[_i].field), choices[_i].coding);
    if (choices[_i].coding != CODING_NONE)
        ck_assert(coding_is_accepted(choices[_i].field, choices[_i].coding));
}
END_TEST

static const struct {
    const char *field;
    bool accepted;
} refusals[] = {
    { NULL, true },
    { "", true },
    { "gzip", true },
    { "identity", true },
    { "identity;q=0.001", true },
    { "identity;q=0", false },
    { "IDENTITY;q=0.0, gzip", false },
    { "*;q=0", false },
    { "gzip, *;q=0", false },
    { "*;q=0, identity;q=0.1", true },
    { "*", true },
};

START_TEST(what_is_not_coded_is_taken_unless_it_is_refused)
{
    ck_assert_int_eq(coding_is_accepted(refusals[_i].field, CODING_NONE), refusals[_i].accepted);
}
END_TEST

static const struct {
    const char *media_type;
    bool worth;
} types[] = {
    { "text/csv", true },
    { "text/csv; charset=utf-8", true },
    { "TEXT/html", true },
    { "application/json", true },
    { "application/json;odata.metadata=minimal", true },
    { "application/problem+json", true },
    { "application/x-ndjson", true },
    { "application/yaml", true },
    { "application/linkset+json", true },
    { "image/svg+xml", true },
    { "application/vnd.apache.parquet", false },
    { "application/vnd.apache.arrow.stream", true },
    { "application/octet-stream", false },
    { "application/jsonx", false },
    { "image/png", false },
    { "+json", false },
    { "", false },
};

START_TEST(some_media_types_are_worth_it)
{
    ck_assert_int_eq(coding_is_worth(types[_i].media_type), types[_i].worth);
}
END_TEST

static size_t decode(enum coding coding, const struct buffer *coded, char *out, size_t capacity)
{
    if (coding == CODING_ZSTD)
        return ZSTD_decompress(out, capacity, coded->data, coded->size);
    z_stream stream = { .next_in = (unsigned char *)coded->data,
                        .avail_in = (unsigned)coded->size,
                        .next_out = (unsigned char *)out,
                        .avail_out = (unsigned)capacity };
    ck_assert_int_eq(inflateInit2(&stream, MAX_WBITS + 16), Z_OK);
    ck_assert_int_eq(inflate(&stream, Z_FINISH), Z_STREAM_END);
    size_t size = stream.total_out;
    ck_assert_int_eq(inflateEnd(&stream), Z_OK);
    return size;
}

static const size_t sizes[] = { 0, 1, 1000, 32768, 300000 };

START_TEST(what_is_encoded_can_be_decoded)
{
    static char plain[300000];
    static char again[300001];
    for (size_t i = 0; i < sizeof plain; i++)
        plain[i] = (char)("0123456789,\n"[(i * i / 7) % 12]);
    struct coder *coder = coder_new(_i % 2 ? CODER_FOR_FILE : CODER_FOR_ANSWER);
    CLEANUP(buffer_clear) struct buffer coded = { 0 };
    for (int round = 0; round < 2; round++) {
        for (enum coding coding = CODING_GZIP; coding < CODING_COUNT; coding++) {
            buffer_reset(&coded);
            ck_assert(coder_begin(coder, coding));
            for (size_t at = 0; at < sizes[_i]; at += 9999)
                ck_assert(coder_add(coder, plain + at,
                                    sizes[_i] - at < 9999 ? sizes[_i] - at : 9999, &coded));
            ck_assert(coder_end(coder, &coded));
            ck_assert_uint_eq(decode(coding, &coded, again, sizeof again), sizes[_i]);
            ck_assert_mem_eq(again, plain, sizes[_i]);
        }
        /* one that was given up leaves nothing behind */
        ck_assert(coder_begin(coder, CODING_GZIP));
        ck_assert(coder_add(coder, "left", 4, &coded));
        ck_assert(coder_begin(coder, CODING_ZSTD));
        ck_assert(coder_add(coder, "left", 4, &coded));
    }
    coder_free(coder);
}
END_TEST

START_TEST(a_file_is_smaller_than_an_answer)
{
    CLEANUP(buffer_clear) struct buffer plain = { 0 };
    unsigned random = 1;
    for (unsigned i = 0; i < 20000; i++) { /* rows with words, as there are */
        static const char *const words[] = { "paid", "open", "late", "sent", "lost", "returned" };
        random = random * 1103515245u + 12345u;
        buffer_print(&plain, "%u,%s to %s,%u.%02u\n", i, words[random >> 16 & 3],
                     words[2 + (random >> 20 & 3)], random >> 22, random >> 18 & 63);
    }
    for (enum coding coding = CODING_GZIP; coding < CODING_COUNT; coding++) {
        size_t sizes_of_use[2];
        for (enum coder_use use = CODER_FOR_ANSWER; use <= CODER_FOR_FILE; use++) {
            CLEANUP(coder_free_at) struct coder *coder = coder_new(use);
            CLEANUP(buffer_clear) struct buffer coded = { 0 };
            ck_assert(coder_begin(coder, coding));
            ck_assert(coder_add(coder, plain.data, plain.size, &coded));
            ck_assert(coder_end(coder, &coded));
            sizes_of_use[use] = coded.size;
        }
        ck_assert_uint_lt(sizes_of_use[CODER_FOR_FILE], sizes_of_use[CODER_FOR_ANSWER]);
    }
}
END_TEST

static const struct test_case cases[] = {
    TEST_EACH(a_coding_is_chosen_by_weight, choices),
    TEST_EACH(what_is_not_coded_is_taken_unless_it_is_refused, refusals),
    TEST_EACH(some_media_types_are_worth_it, types),
    TEST_EACH(what_is_encoded_can_be_decoded, sizes),
    TEST(a_file_is_smaller_than_an_answer),
};
TEST_MAIN("coding", cases)
