#include "server/formats/format.h"
#include "tests/unit/test.h"

static const struct {
    const char *accept;
    enum format format;
} headers[] = {
    { NULL, FORMAT_JSON },
    { "", FORMAT_JSON },
    { "  ", FORMAT_JSON },
    { "*/*", FORMAT_JSON },
    { "application/json", FORMAT_JSON },
    { "APPLICATION/JSON; charset=utf-8", FORMAT_JSON },
    { "application/*", FORMAT_JSON },
    { "text/csv", FORMAT_CSV },
    { "text/*", FORMAT_CSV },
    { "text/csv;header=present", FORMAT_CSV },
    { "application/x-ndjson", FORMAT_NDJSON },
    { "application/ndjson", FORMAT_NDJSON },
    { "application/jsonl", FORMAT_NDJSON },
    { "text/csv;q=0.5, application/json;q=0.4", FORMAT_CSV },
    { "text/csv;q=0.5, application/json;q=0.51", FORMAT_JSON },
    { "text/csv , application/json", FORMAT_JSON },
    { "text/csv, */*", FORMAT_CSV }, /* the one named is wanted */
    { "text/csv, */*;q=0.1", FORMAT_CSV },
    { "text/csv;q=0.1, */*", FORMAT_JSON },
    { "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", FORMAT_JSON },
    { "application/json;q=0, */*", FORMAT_NDJSON },
    { "application/json;q=0, application/*", FORMAT_NDJSON },
    { "application/*;q=0, */*", FORMAT_CSV },
    { "application/json;q=0", FORMAT_NONE },
    { "application/vnd.apache.parquet", FORMAT_PARQUET },
    { "application/vnd.apache.arrow.stream, */*;q=0.1", FORMAT_ARROW },
    { "application/vnd.apache.arrow.file", FORMAT_NONE },
    { "application/json;q=0, application/x-ndjson;q=0, application/*", FORMAT_PARQUET },
    { "*/*;q=0", FORMAT_NONE },
    { "*/*;q=0.000, text/csv;q=0.001", FORMAT_CSV },
    { "text/html", FORMAT_NONE },
    { "application/jsonx", FORMAT_NONE },
    { "*/json", FORMAT_NONE },
    { "text/csv;q=2, application/x-ndjson", FORMAT_NDJSON },
    { "text/csv;q=1.001, application/x-ndjson;q=0.2", FORMAT_NDJSON },
    { "text/csv;q=", FORMAT_NONE },
    { "text/csv;q=0.x", FORMAT_NONE },
    { "text/csv;=1", FORMAT_NONE },
    { "text/csv;q=.5", FORMAT_NONE },
    { "text/csv;q=0.5555", FORMAT_NONE },
    { "text/csv; q=1.000", FORMAT_CSV },
    { "text/csv;Q=0.9;x=y", FORMAT_CSV },
    { "text/csv;;q=1", FORMAT_CSV },
    { "text/csv;", FORMAT_CSV },
    { "text/csv;a=\"x,y;q=0\";q=1", FORMAT_CSV },
    { "text/csv;a=\"x,y\\\";q=0\"", FORMAT_CSV },
    { "text/csv;a=\"never closed, text/csv", FORMAT_CSV },
    { ",,,text/csv,,", FORMAT_CSV },
    { ",", FORMAT_NONE },
    { "json", FORMAT_NONE },
    { "te xt/csv", FORMAT_NONE },
    { "text/csv/x", FORMAT_NONE },
    { "/", FORMAT_NONE },
    { "application/json text/csv", FORMAT_NONE },
};

START_TEST(an_accept_header_chooses_a_format)
{
    ck_assert_msg(format_by_accept(headers[_i].accept) == headers[_i].format, "%s",
                  headers[_i].accept);
}
END_TEST

START_TEST(a_format_is_found_by_its_name)
{
    for (enum format format = FORMAT_JSON; format < FORMAT_COUNT; format++) {
        ck_assert_int_eq(format_by_name(format_name(format)), format);
        ck_assert_ptr_nonnull(format_media_type(format));
        ck_assert_ptr_nonnull(format_extension(format));
    }
    ck_assert_int_eq(format_by_name("orc"), FORMAT_NONE);
    ck_assert_int_eq(format_by_name(""), FORMAT_NONE);
    ck_assert_str_eq(format_media_type(FORMAT_CSV), "text/csv; charset=utf-8; header=present");
    ck_assert_str_eq(format_media_type(FORMAT_NDJSON), "application/x-ndjson");
    ck_assert_ptr_null(format_media_type(FORMAT_NONE));
    ck_assert_ptr_null(format_name(FORMAT_NONE));
    ck_assert_ptr_null(format_extension(FORMAT_NONE));
    ck_assert_str_eq(format_media_type(FORMAT_PARQUET_UNCOMPRESSED),
                     "application/vnd.apache.parquet");
    ck_assert(format_is_columnar(FORMAT_ARROW) && !format_is_columnar(FORMAT_CSV));
}
END_TEST

static const struct test_case cases[] = {
    TEST_EACH(an_accept_header_chooses_a_format, headers),
    TEST(a_format_is_found_by_its_name),
};
TEST_MAIN("format", cases)
